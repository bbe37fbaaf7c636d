/**
 * Decides how a static model embeds a text: models/codesage-static-v1/MODEL_CARD.md, step by step. Indexing threads load it,
 * so it needs no library.
 */
import type { Embedder } from './embedder.ts';
import { createRowSum, type SharedMemory } from './sum-rows.ts';
import { Tokenizer } from './tokenizer.ts';
import { Vocabulary } from './vocabulary.ts';

/** A model's tables in shared memory, so that all threads use one copy. */
export type StaticModelData = {
  name: string;
  dimensions: number;
  vocabularySize: number;
  maxTokens: number;
  vocabularyText: string;
  /** int8, row after row; its last page may be longer than they are. */
  embeddings: SharedMemory;
  /** float32, one a row. */
  scales: SharedArrayBuffer;
};

/** An embedder over the model's tables. Keep one a thread: it holds scratch memory and a map of known words. */
export function createStaticEmbedder(model: StaticModelData): Embedder {
  const { dimensions, maxTokens } = model;
  const tokenizer = new Tokenizer(new Vocabulary(model.vocabularyText), maxTokens);
  const scales = new Float32Array(model.scales);
  const counts = new Uint16Array(model.vocabularySize);
  const distinct = new Uint32Array(maxTokens);
  const rows = createRowSum(model.embeddings, dimensions, maxTokens);

  /** Counts the text's tokens; returns how many different ones there are in `distinct`. */
  function count(text: string): number {
    const ids = tokenizer.encode(text);
    let found = 0;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      const before = counts[id] as number;
      if (before === 0) distinct[found++] = id;
      counts[id] = before + 1;
    }
    return found;
  }

  function embedInto(text: string, out: Float32Array, offset: number): void {
    const found = count(text);
    for (let i = 0; i < found; i++) {
      const id = distinct[i] as number;
      rows.list[2 * i] = id * dimensions;
      rows.weights[2 * i + 1] = Math.sqrt(counts[id] as number) * (scales[id] as number);
      counts[id] = 0;
    }
    rows.sum(found);
    out.set(rows.vector, offset);
  }

  return { name: model.name, dimensions, embedInto };
}
