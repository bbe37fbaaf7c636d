/** Decides how a transformers model is loaded and how it turns texts into vectors. Only the embedding thread loads this. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  AutoModel,
  AutoTokenizer,
  env,
  LogLevel,
  type PreTrainedModel,
  type PreTrainedTokenizer,
  Tensor,
} from '@huggingface/transformers';
import type { EmbeddingSettings } from '../contract.ts';
import { CodeSageError, messageOf } from '../errors.ts';
import { findModelFiles, identityOf, isComplete, modelFolder, type Pooling } from './model-files.ts';

export type TransformerModel = {
  /** See `identityOf`. */
  readonly name: string;
  readonly dimensions: number;
  /** Unit vectors of the texts, one after the other. Texts of like length together waste the least. */
  embed(texts: readonly string[]): Promise<Float32Array>;
  dispose(): Promise<void>;
};

/** Tokens of one run, padding included: a query that waits for a run waits for so much work at most. */
const maxTokensARun = 1024;

/** Loads the configured model. @throws CodeSageError `EmbeddingModelMissing`, `EmbeddingModelInvalid`. */
export async function loadTransformer(settings: EmbeddingSettings, cacheDirectory: string): Promise<TransformerModel> {
  const directory = modelFolder(settings, cacheDirectory);
  // It would print the tokens of what it fails on. What went wrong is in the error.
  env.logLevel = LogLevel.NONE;
  env.useFSCache = false;
  env.allowRemoteModels = false;
  if (settings.allowRemoteModels && settings.modelDirectory === undefined && !isComplete(directory, settings.dtype)) {
    await fetchModel(settings, cacheDirectory, directory);
  }
  const files = findModelFiles(directory, settings);
  const name = await identityOf(files, settings);
  try {
    const tokenizer = await AutoTokenizer.from_pretrained(directory, { local_files_only: true });
    const options = { local_files_only: true, subfolder: files.subfolder };
    const model = await AutoModel.from_pretrained(directory, { ...options, ...sessionOf(settings) });
    const maxTokens = Math.min(
      settings.maxTokens,
      lengthLimit(files.maxTokens),
      lengthLimit(tokenizer.model_max_length),
      lengthLimit(positionsOf(model)),
    );
    const runner = new Runner(tokenizer, model, files.pooling, { ...settings, maxTokens });
    // The only way to be sure of the size of its vectors, and that it runs at all.
    const [probe] = await runner.vectors(['']);
    if (probe === undefined || probe.length === 0) throw new Error('it gave no vector for a first text');
    return {
      name,
      dimensions: probe.length,
      embed: (texts) => runner.embed(texts, probe.length),
      dispose: async () => void (await model.dispose()),
    };
  } catch (error) {
    throw new CodeSageError(
      'EmbeddingModelInvalid',
      `The embedding model in ${directory} cannot be loaded: ${messageOf(error)}.`,
      'Put the files of a working ONNX model there.',
      { cause: error },
    );
  }
}

function sessionOf({ dtype, threads }: EmbeddingSettings) {
  return {
    dtype,
    device: 'cpu',
    session_options: {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      // Both keep the memory of the largest run for ever; runs differ in size.
      enableCpuMemArena: false,
      enableMemPattern: false,
    },
  } as const;
}

function lengthLimit(value: unknown): number {
  // Tokenizers without a limit say 1e30.
  return typeof value === 'number' && value > 0 && value < 1e6 ? value : Number.POSITIVE_INFINITY;
}

function positionsOf({ config }: PreTrainedModel): unknown {
  return (config as { max_position_embeddings?: unknown }).max_position_embeddings;
}

/** Fetches the model's files into the cache, where they are then found as any others. */
async function fetchModel(settings: EmbeddingSettings, cacheDirectory: string, directory: string): Promise<void> {
  const { model = '', revision, remoteHost } = settings;
  env.cacheDir = cacheDirectory;
  env.useFSCache = true;
  env.allowRemoteModels = true;
  if (remoteHost !== undefined) env.remoteHost = remoteHost;
  try {
    await AutoTokenizer.from_pretrained(model, { revision });
    await (await AutoModel.from_pretrained(model, { revision, ...sessionOf(settings) })).dispose();
    for (const path of ['1_Pooling/config.json', 'sentence_bert_config.json']) {
      const answer = await fetch(new URL(`${model}/resolve/${encodeURIComponent(revision)}/${path}`, env.remoteHost));
      if (!answer.ok) continue;
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), await answer.text());
    }
  } catch (error) {
    throw new CodeSageError(
      'EmbeddingModelMissing',
      `The embedding model ${model} could not be fetched from ${env.remoteHost}: ${messageOf(error)}.`,
      'Check its name, revision and dtype, and that the host can be reached; or put its files into the cache.',
      { cause: error },
    );
  } finally {
    env.useFSCache = false;
    env.allowRemoteModels = false;
  }
}

type Encoded = { ids: number[]; types: number[] | undefined };
type RunnerLimits = { maxTokens: number; batchSize: number };

class Runner {
  readonly #tokenizer: PreTrainedTokenizer;
  readonly #model: PreTrainedModel;
  readonly #pooling: Pooling;
  readonly #limits: RunnerLimits;

  constructor(tokenizer: PreTrainedTokenizer, model: PreTrainedModel, pooling: Pooling, limits: RunnerLimits) {
    this.#tokenizer = tokenizer;
    this.#model = model;
    this.#pooling = pooling;
    this.#limits = limits;
  }

  async embed(texts: readonly string[], dimensions: number): Promise<Float32Array> {
    const out = new Float32Array(texts.length * dimensions);
    for (const [i, vector] of (await this.vectors(texts)).entries()) out.set(vector, i * dimensions);
    return out;
  }

  async vectors(texts: readonly string[]): Promise<Float32Array[]> {
    const encoded = texts.map((text) => this.#encode(text));
    const vectors: Float32Array[] = [];
    while (vectors.length < encoded.length) vectors.push(...(await this.#run(this.#nextRun(encoded, vectors.length))));
    return vectors;
  }

  /** As many texts from `at` on as one run takes, at least one. */
  #nextRun(encoded: readonly Encoded[], at: number): Encoded[] {
    let length = 0;
    let rows = 0;
    for (const { ids } of encoded.slice(at, at + this.#limits.batchSize)) {
      length = Math.max(length, ids.length);
      if (rows > 0 && (rows + 1) * length > maxTokensARun) break;
      rows++;
    }
    return encoded.slice(at, at + rows);
  }

  #encode(text: string): Encoded {
    const found = this.#tokenizer(text, { return_tensor: false }) as unknown as Record<string, number[] | undefined>;
    const ids = found.input_ids ?? [];
    const { maxTokens } = this.#limits;
    const types = found.token_type_ids?.slice(0, maxTokens);
    if (ids.length <= maxTokens) return { ids, types };
    // The library cuts off the closing token with the rest; models were trained with it.
    const last = ids.at(-1);
    const cut = ids.slice(0, maxTokens);
    if (last !== undefined && last === this.#tokenizer.sep_token_id) cut[maxTokens - 1] = last;
    return { ids: cut, types };
  }

  async #run(batch: readonly Encoded[]): Promise<Float32Array[]> {
    const length = Math.max(1, ...batch.map(({ ids }) => ids.length));
    const pad = this.#tokenizer.pad_token_id ?? 0;
    const tensor = (pick: (row: Encoded) => readonly number[], fill: number) =>
      new Tensor('int64', padded(batch.map(pick), length, fill), [batch.length, length]);
    const inputs = {
      input_ids: tensor(({ ids }) => ids, pad),
      attention_mask: tensor(({ ids }) => ids.map(() => 1), 0),
      token_type_ids: tensor(({ ids, types }) => types ?? ids.map(() => 0), 0),
    };
    const outputs = (await this.#model(inputs)) as Record<string, Tensor | undefined>;
    try {
      return poolOutputs(outputs, batch, this.#pooling);
    } finally {
      for (const held of [...Object.values(inputs), ...Object.values(outputs)]) held?.dispose();
    }
  }
}

function padded(rows: readonly (readonly number[])[], length: number, fill: number): BigInt64Array {
  const values = new BigInt64Array(rows.length * length).fill(BigInt(fill));
  for (const [r, row] of rows.entries()) for (const [i, value] of row.entries()) values[r * length + i] = BigInt(value);
  return values;
}

/** A model that pools by itself gives `sentence_embedding`; others give a vector a token. */
function poolOutputs(
  outputs: Record<string, Tensor | undefined>,
  batch: readonly Encoded[],
  pooling: Pooling,
): Float32Array[] {
  const pooled = outputs.sentence_embedding;
  if (pooled !== undefined) return rowsOf(pooled, batch.length);
  const tokens = outputs.last_hidden_state ?? outputs.token_embeddings;
  if (tokens === undefined) throw new Error(`it gives ${Object.keys(outputs).join(', ')}, and no last_hidden_state`);
  const [rows, length, dimensions] = tokens.dims;
  if (rows !== batch.length || length === undefined || dimensions === undefined)
    throw new Error(`its last_hidden_state has the shape ${tokens.dims.join(' × ')}`);
  const values = floatsOf(tokens);
  return batch.map(({ ids }, row) => {
    const vector = new Float64Array(dimensions);
    const used = pooling === 'cls' ? Math.min(1, ids.length) : ids.length;
    for (let i = 0; i < used; i++) {
      const at = (row * length + i) * dimensions;
      for (let d = 0; d < dimensions; d++) vector[d] = (vector[d] as number) + (values[at + d] as number);
    }
    return normalised(vector);
  });
}

function rowsOf(tensor: Tensor, rows: number): Float32Array[] {
  const values = floatsOf(tensor);
  const dimensions = values.length / rows;
  return Array.from({ length: rows }, (_, row) =>
    normalised(values.subarray(row * dimensions, (row + 1) * dimensions)),
  );
}

function floatsOf(tensor: Tensor): Float32Array {
  if (tensor.type !== 'float32') throw new Error(`its vectors are ${tensor.type}, not float32`);
  return tensor.data as Float32Array;
}

/** A unit vector; how many tokens were summed does not matter then. */
function normalised(vector: Float32Array | Float64Array): Float32Array {
  let squares = 0;
  for (const component of vector) squares += component * component;
  const factor = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  if (!Number.isFinite(factor)) throw new Error('its vectors are not finite');
  return Float32Array.from(vector, (component) => component * factor);
}
