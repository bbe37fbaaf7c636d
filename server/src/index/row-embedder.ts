/** Decides which vector each chunk gets: one from the thread's cache, one made now, or none where there is no model. */
import { hash as digest } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { documentText, type Embedder } from '../embedding/embedder.ts';
import { createStaticEmbedder } from '../embedding/static-model.ts';
import type { ChunkRow } from './chunk-rows.ts';
import { beat, stand } from './heartbeat.ts';
import type { IndexedFile } from './index-file.ts';
import type { IndexTask, WorkerSettings } from './worker-protocol.ts';

export type EmbeddedRows = {
  /** One after the other, in the order of the rows. */
  vectors: Float32Array;
  hits: number;
  misses: number;
  /** Entries of the cache; undefined where there is none. */
  size: number | undefined;
};

/** So many rows are embedded between two signs of life. */
const rowsPerBeat = 64;

/** Embeds rows; it remembers vectors by text. One a thread. */
export class RowEmbedder {
  readonly #dimensions: number;
  readonly #embedder: Embedder | undefined;
  #cache: LRUCache<string, Float32Array> | undefined;

  constructor({ model, dimensions }: WorkerSettings) {
    this.#dimensions = dimensions;
    this.#embedder = model === undefined ? undefined : createStaticEmbedder(model);
  }

  embed(rows: readonly ChunkRow[], { cacheEntries, useCache, heartbeat }: IndexTask): EmbeddedRows {
    const vectors = new Float32Array(rows.length * this.#dimensions);
    if (this.#embedder === undefined) return { vectors, hits: 0, misses: 0, size: undefined };
    const known = this.#cacheOf(cacheEntries);
    let hits = 0;
    for (const [i, { path, chunk }] of rows.entries()) {
      if (i % rowsPerBeat === 0) beat(heartbeat, stand.betweenFiles);
      const at = i * this.#dimensions;
      const text = documentText(path, chunk.text);
      const key = known === undefined ? '' : digest('sha256', text, 'base64');
      const cached = useCache ? known?.get(key) : undefined;
      if (cached !== undefined) {
        vectors.set(cached, at);
        hits++;
        continue;
      }
      this.#embedder.embedInto(text, vectors, at);
      known?.set(key, vectors.slice(at, at + this.#dimensions));
    }
    return { vectors, hits, misses: rows.length - hits, size: known?.size };
  }

  #cacheOf(entries: number): LRUCache<string, Float32Array> | undefined {
    if (entries <= 0) this.#cache = undefined;
    else if (this.#cache?.max !== entries) this.#cache = new LRUCache<string, Float32Array>({ max: entries });
    return this.#cache;
  }

  /** The mean of each file's chunk vectors, for files that get a row. */
  means(kept: readonly IndexedFile[], vectors: Float32Array): Float32Array {
    const dimensions = this.#dimensions;
    const means = new Float32Array(kept.length * dimensions);
    let row = 0;
    for (const [f, { chunks }] of kept.entries()) {
      const mean = means.subarray(f * dimensions, (f + 1) * dimensions);
      for (let c = 0; c < chunks.length; c++, row++) {
        for (let i = 0; i < dimensions; i++) {
          mean[i] = (mean[i] as number) + (vectors[row * dimensions + i] as number) / chunks.length;
        }
      }
    }
    return means;
  }
}
