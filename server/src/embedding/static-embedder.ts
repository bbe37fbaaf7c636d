/**
 * Decides how a static model embeds a text: models/codesage-static-v1/MODEL_CARD.md, step by step. Indexing threads load it,
 * so it needs no library.
 */
import type { Embedder } from './embedder.ts';
import { readVocabulary, Tokenizer } from './tokenizer.ts';

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
