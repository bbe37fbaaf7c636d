/** Decides what the embedding tests' own transformers model is: a few words, each with a direction of its own, and the real files around them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OnnxNode, writeOnnx } from './onnx-writer.ts';

/** Words of the model; all others are `[UNK]`, whose vector is zero, as are those of the special tokens but `[CLS]`. */
export const tinyWords = ['charge', 'card', 'payment', 'cart', 'empty', 'query', 'read', 'file'] as const;
/** One direction a word, and one for `[CLS]`. */
export const tinyDimensions = tinyWords.length + 1;
const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'] as const;

export type TinyModelOptions = {
  /** `tokens`: a vector a token; `sentence`: the model pools by itself; `broken`: it fails on every text. */
  output?: 'tokens' | 'sentence' | 'broken';
  /** Content of 1_Pooling/config.json; none when left out. */
  pooling?: Record<string, boolean>;
  /** Content of sentence_bert_config.json; none when left out. */
  length?: { max_seq_length: number };
  /** Added to the direction of each word: another value makes another model. */
  bias?: number;
  /** Path of the weights. */
  weights?: string;
};

/** The direction of a word: `[CLS]` is the last. */
export function directionOf(word: (typeof tinyWords)[number] | '[CLS]'): number {
  return word === '[CLS]' ? tinyWords.length : tinyWords.indexOf(word);
}

/** Writes the model into a folder, as it would be published. */
export function writeTinyModel(directory: string, options: TinyModelOptions = {}): void {
  const { weights = 'onnx/model.onnx' } = options;
  const vocabulary = [...special, ...tinyWords];
  write(directory, weights, tinyGraph(vocabulary.length, options));
  write(directory, 'config.json', {
    model_type: 'bert',
    architectures: ['BertModel'],
    hidden_size: tinyDimensions,
    max_position_embeddings: 64,
    num_attention_heads: 1,
    num_hidden_layers: 1,
    vocab_size: vocabulary.length,
  });
  write(directory, 'tokenizer_config.json', {
    tokenizer_class: 'BertTokenizer',
    model_max_length: 64,
    do_lower_case: true,
    pad_token: '[PAD]',
    unk_token: '[UNK]',
    cls_token: '[CLS]',
    sep_token: '[SEP]',
  });
  write(directory, 'tokenizer.json', tokenizer(vocabulary));
  if (options.length !== undefined) write(directory, 'sentence_bert_config.json', options.length);
  if (options.pooling !== undefined) write(directory, '1_Pooling/config.json', options.pooling);
}

function write(directory: string, path: string, content: Buffer | object): void {
  mkdirSync(join(directory, path, '..'), { recursive: true });
  writeFileSync(join(directory, path), Buffer.isBuffer(content) ? content : JSON.stringify(content));
}

function tokenizer(vocabulary: readonly string[]): object {
  const id = (token: string) => vocabulary.indexOf(token);
  const part = (token: string) => ({ SpecialToken: { id: token, type_id: 0 } });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content) => ({
      id: id(content),
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [part('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, part('[SEP]')],
      pair: [
        part('[CLS]'),
        { Sequence: { id: 'A', type_id: 0 } },
        part('[SEP]'),
        { Sequence: { id: 'B', type_id: 1 } },
        part('[SEP]'),
      ],
      special_tokens: Object.fromEntries(
        ['[CLS]', '[SEP]'].map((token) => [token, { id: token, ids: [id(token)], tokens: [token] }]),
      ),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((token, i) => [token, i])),
    },
  };
}

function tinyGraph(size: number, { output = 'tokens', bias = 0 }: TinyModelOptions): Buffer {
  const table = new Float32Array(size * tinyDimensions);
  const rows = [directionOf('[CLS]'), undefined, ...tinyWords.map((_, i) => i)];
  for (const [i, direction] of rows.entries()) {
    if (direction !== undefined) table[(i + 2) * tinyDimensions + direction] = 1 + bias;
  }
  const gather: OnnxNode = { op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['tokens'] };
  const nodes: Record<NonNullable<TinyModelOptions['output']>, OnnxNode[]> = {
    tokens: [gather, { op: 'Identity', inputs: ['tokens'], outputs: ['last_hidden_state'] }],
    sentence: [
      gather,
      { op: 'ReduceMean', inputs: ['tokens', 'second'], outputs: ['sentence_embedding'], attributes: { keepdims: 0n } },
    ],
    // The row 1,000,000 of the table is not there.
    broken: [
      { op: 'Add', inputs: ['input_ids', 'million'], outputs: ['far'] },
      { ...gather, inputs: ['table', 'far'], outputs: ['last_hidden_state'] },
    ],
  };
  const ids = { type: 'int64', shape: ['batch', 'length'] } as const;
  return writeOnnx({
    inputs: [
      { name: 'input_ids', ...ids },
      { name: 'attention_mask', ...ids },
    ],
    outputs: [
      output === 'sentence'
        ? { name: 'sentence_embedding', type: 'float', shape: ['batch', tinyDimensions] }
        : { name: 'last_hidden_state', type: 'float', shape: ['batch', 'length', tinyDimensions] },
    ],
    nodes: nodes[output],
    constants: [
      { name: 'table', dims: [size, tinyDimensions], floats: table },
      { name: 'second', dims: [1], integers: BigInt64Array.of(1n) },
      { name: 'million', dims: [], integers: BigInt64Array.of(1_000_000n) },
    ],
  });
}
