/** Decides how the built-in static model embeds a text: models/codesage-static-v1/MODEL_CARD.md, step by step. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Embedder } from './embedder.ts';
import { readSafetensors, type Tensor } from './safetensors.ts';
import { readVocabulary, Tokenizer } from './tokenizer.ts';

const configSchema = z.object({
  name: z.string(),
  type: z.literal('static'),
  dimensions: z.number().int().positive(),
  vocab_size: z.number().int().positive(),
  max_tokens: z.number().int().positive(),
});

/** A model's tables in shared memory, so that all threads use one copy. */
export type StaticModelData = {
  name: string;
  dimensions: number;
  vocabularySize: number;
  maxTokens: number;
  vocabularyText: string;
  /** int8, row after row. */
  embeddings: SharedArrayBuffer;
  /** float32, one a row. */
  scales: SharedArrayBuffer;
};

/** Directory of the model that ships with the server. */
export const builtinModelDirectory = fileURLToPath(new URL('../../models/codesage-static-v1', import.meta.url));

/** Reads a static model from its directory. Throws when a file is missing or does not fit `config.json`. */
export function loadStaticModel(directory: string = builtinModelDirectory): StaticModelData {
  const config = configSchema.parse(JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')));
  const tensors = readSafetensors(readFileSync(join(directory, 'model.safetensors')));
  const rows = config.vocab_size;
  return {
    name: config.name,
    dimensions: config.dimensions,
    vocabularySize: rows,
    maxTokens: config.max_tokens,
    vocabularyText: readFileSync(join(directory, 'vocab.txt'), 'utf8'),
    embeddings: shared(tensors.get('embeddings'), 'I8', rows * config.dimensions),
    scales: shared(tensors.get('scales'), 'F32', rows * 4),
  };
}

function shared(tensor: Tensor | undefined, dtype: string, byteLength: number): SharedArrayBuffer {
  if (tensor?.dtype !== dtype || tensor.bytes.byteLength !== byteLength) {
    throw new Error(`the model's tensor is not ${dtype} of ${byteLength} bytes`);
  }
  const memory = new SharedArrayBuffer(byteLength);
  new Uint8Array(memory).set(tensor.bytes);
  return memory;
}

/** An embedder over the model's tables. Keep one a thread: it holds scratch memory and a map of known words. */
export function createStaticEmbedder(model: StaticModelData): Embedder {
  const tokenizer = new Tokenizer(readVocabulary(model.vocabularyText), model.maxTokens);
  const embeddings = new Int8Array(model.embeddings);
  const scales = new Float32Array(model.scales);
  const counts = new Uint16Array(model.vocabularySize);
  const { dimensions } = model;
  const sum = new Float64Array(dimensions);

  function addRow(id: number, weight: number): void {
    const row = id * dimensions;
    for (let i = 0; i < dimensions; i++) sum[i] = (sum[i] as number) + weight * (embeddings[row + i] as number);
  }

  function embedInto(text: string, out: Float32Array, offset: number): void {
    const distinct: number[] = [];
    for (const id of tokenizer.encode(text)) {
      const count = counts[id] as number;
      if (count === 0) distinct.push(id);
      counts[id] = count + 1;
    }
    sum.fill(0);
    for (const id of distinct) {
      addRow(id, Math.sqrt(counts[id] as number) * (scales[id] as number));
      counts[id] = 0;
    }
    let squares = 0;
    for (let i = 0; i < dimensions; i++) squares += (sum[i] as number) ** 2;
    const factor = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let i = 0; i < dimensions; i++) out[offset + i] = (sum[i] as number) * factor;
  }

  return { name: model.name, dimensions, embedInto };
}
