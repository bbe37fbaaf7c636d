/** Decides which vector each chunk and each file gets: for a chunk one from the cache of all threads, one made now, or none where there is no model. */
import { hash as digest } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import { SharedVectors, type VectorTable } from '../cache/shared-vectors.ts';
import { documentText, type Embedder } from '../embedding/embedder.ts';
import { PortClient } from '../embedding/port-client.ts';
import { createStaticEmbedder } from '../embedding/static-embedder.ts';
import type { ChunkRow } from './chunk-rows.ts';
import { beat, stand } from './heartbeat.ts';
import type { IndexedFile } from './index-file.ts';
import type { IndexTask, IndexTaskResult, WorkerSettings } from './worker-protocol.ts';

export type EmbeddedRows = {
  /** One after the other, in the order of the rows. */
  vectors: Float32Array;
  /**
   * What each file is compared with a question by, in the order of the files: the mean of its chunks' vectors, and its
   * summary's added to that. The product with a question's vector is the sum of both similarities.
   */
  fileVectors: Float32Array;
  embedded: number;
  cache: IndexTaskResult['cache'];
};

/** A text without a known vector: where that goes, and what it is remembered by. */
type Missing = { into: Float32Array; at: number; text: string; key: Uint8Array };

/** A file with what speaks for it as a whole. */
export type SummedUp = IndexedFile & { summary: string };

const noKey = new Uint8Array();
/** So many rows are embedded between two signs of life. */
const rowsPerBeat = 64;
const beatMs = 5_000;
/** So many rows are asked for at once; a large model on a busy core takes a second for each. */
const rowsPerRequest = 32;

/** Embeds rows; it remembers vectors by text. One a thread. */
export class RowEmbedder {
  readonly #dimensions: number;
  readonly #embedder: Embedder | undefined;
  #cache: SharedVectors | undefined;

  constructor({ model, dimensions }: WorkerSettings) {
    this.#dimensions = dimensions;
    this.#embedder = model === undefined ? undefined : createStaticEmbedder(model);
  }

  /** @param files those that get a row, with the chunks that `rows` are made of */
  async embed(rows: readonly ChunkRow[], files: readonly SummedUp[], task: IndexTask): Promise<EmbeddedRows> {
    const vectors = new Float32Array(rows.length * this.#dimensions);
    const fileVectors = new Float32Array(files.length * this.#dimensions);
    if (this.#embedder === undefined && task.embedPort === undefined)
      return { vectors, fileVectors, embedded: 0, cache: { hits: 0, misses: 0, evictions: 0 } };
    const known = this.#cacheIn(task.vectorTable);
    const missing: Missing[] = [];
    for (const [i, { path, chunk }] of rows.entries()) {
      if (i % rowsPerBeat === 0) beat(task.heartbeat, stand.betweenFiles);
      const at = i * this.#dimensions;
      const text = documentText(path, chunk.text);
      const key = known === undefined ? noKey : digest('sha256', text, 'buffer');
      if (task.useCache && known?.read(key, vectors, at, task.oldestVectorMs)) continue;
      missing.push({ into: vectors, at, text, key });
      this.#embedder?.embedInto(text, vectors, at);
    }
    const summaries = this.#summaries(files, fileVectors);
    // Of few words each, they are not worth remembering.
    for (const { text, into, at } of summaries) this.#embedder?.embedInto(text, into, at);
    if (task.embedPort !== undefined)
      await this.#embedElsewhere([...missing, ...summaries], task.embedPort, task.heartbeat);
    this.#addMeans(files, vectors, fileVectors);
    const now = Date.now();
    let evictions = 0;
    for (const { at, key } of missing) if (known?.write(key, vectors, at, now)) evictions++;
    const misses = known === undefined ? 0 : missing.length;
    return {
      vectors,
      fileVectors,
      embedded: missing.length,
      cache: { hits: rows.length - missing.length, misses, evictions },
    };
  }

  /** Asks the embedding thread, in parts: each is a sign of life, and what one loses when the model fails. */
  async #embedElsewhere(
    missing: readonly Missing[],
    port: MessagePort,
    heartbeat: IndexTask['heartbeat'],
  ): Promise<void> {
    const client = new PortClient(port);
    // This thread waits; whether the other hangs is for the client to notice.
    const waiting = setInterval(() => beat(heartbeat, stand.betweenFiles), beatMs);
    try {
      for (let from = 0; from < missing.length; from += rowsPerRequest) {
        const part = missing.slice(from, from + rowsPerRequest);
        const texts = part.map(({ text }) => text);
        const made = await client.embed('document', texts);
        const size = this.#dimensions;
        for (const [i, { into, at }] of part.entries()) into.set(made.subarray(i * size, (i + 1) * size), at);
      }
    } finally {
      clearInterval(waiting);
      client.close();
    }
  }

  #cacheIn(table: VectorTable | undefined): SharedVectors | undefined {
    if (table === undefined || table.dimensions !== this.#dimensions) this.#cache = undefined;
    else if (this.#cache?.table.buffer !== table.buffer) this.#cache = new SharedVectors(table);
    return this.#cache;
  }

  #summaries(files: readonly SummedUp[], into: Float32Array): Missing[] {
    return files.flatMap(({ file, chunks, summary }, i) =>
      chunks.length === 0
        ? []
        : [{ into, at: i * this.#dimensions, text: documentText(file.path, summary), key: noKey }],
    );
  }

  /** Adds the mean of each file's chunk vectors. */
  #addMeans(files: readonly SummedUp[], vectors: Float32Array, fileVectors: Float32Array): void {
    const dimensions = this.#dimensions;
    let row = 0;
    for (const [f, { chunks }] of files.entries()) {
      const mean = fileVectors.subarray(f * dimensions, (f + 1) * dimensions);
      for (let c = 0; c < chunks.length; c++, row++) {
        for (let i = 0; i < dimensions; i++) {
          mean[i] = (mean[i] as number) + (vectors[row * dimensions + i] as number) / chunks.length;
        }
      }
    }
  }
}
