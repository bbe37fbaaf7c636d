/** Decides what of the caches outlives the process: vectors by content and model, and which queries are asked. */
import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import type { EngineCaches } from '../search/engine-caches.ts';
import { type CacheFile, isDraft, readCacheFile, writeCacheFile } from './cache-file.ts';
import { loggedQuerySchema } from './query-log.ts';
import type { StoredVector } from './shared-vectors.ts';

export type CachePersistenceDeps = {
  directory: string;
  caches: EngineCaches;
  /** Names model and revision; vectors of another one are of no use. */
  model: () => { name: string; dimensions: number };
  log: Logger;
};

const kinds = ['embeddings', 'queries'] as const;
type Kind = (typeof kinds)[number];
const keyBytes = 16;

const embeddingsSchema = z.object({ model: z.string(), dimensions: z.number().int(), count: z.number().int() });
const queriesSchema = z.object({
  model: z.string(),
  dimensions: z.number().int(),
  vectors: z.array(z.object({ key: z.string(), storedAtMs: z.number() })),
  queries: z.array(loggedQuerySchema),
});

export class CachePersistence {
  readonly #deps: CachePersistenceDeps;
  #saved = '';
  /** One write at a time: a slow one of old content is not to replace what was written after it. */
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: CachePersistenceDeps) {
    this.#deps = deps;
  }

  #path(kind: Kind): string {
    return join(this.#deps.directory, `${kind}.cache`);
  }

  /** Takes back what an earlier process saved. Never throws: a cache that cannot be read is told once and ignored. */
  async load(): Promise<void> {
    await this.#deleteDrafts();
    await this.#read('embeddings', (file) => this.#restoreEmbeddings(file));
    await this.#read('queries', (file) => this.#restoreQueries(file));
    this.#saved = this.#fingerprint();
  }

  /** Files that a process was killed over while it wrote them. */
  async #deleteDrafts(): Promise<void> {
    const { directory } = this.#deps;
    const names = await readdir(directory).catch(() => [] as string[]);
    for (const name of names.filter(isDraft)) await rm(join(directory, name), { force: true }).catch(() => {});
  }

  async #read(kind: Kind, restore: (file: CacheFile) => void): Promise<void> {
    try {
      const file = await readCacheFile(this.#path(kind), kind);
      if (file !== undefined) restore(file);
    } catch (error) {
      this.#deps.log.warn(
        { file: `${kind}.cache`, err: messageOf(error) },
        'A cache file cannot be used and is ignored',
      );
    }
  }

  #restoreEmbeddings({ about, body }: CacheFile): void {
    const { model, dimensions, count } = embeddingsSchema.parse(about);
    const current = this.#deps.model();
    if (model !== current.name || dimensions !== current.dimensions) return;
    const rowBytes = keyBytes + 8 + dimensions * 4;
    if (body.length !== count * rowBytes) throw new Error('it is cut short');
    const entries: StoredVector[] = [];
    for (let at = 0; at < body.length; at += rowBytes) {
      entries.push({
        key: body.subarray(at, at + keyBytes),
        storedAtMs: body.readDoubleLE(at + keyBytes),
        vector: vectorAt(body, at + keyBytes + 8, dimensions),
      });
    }
    const oldest = this.#deps.caches.oldestUsableMs();
    this.#deps.caches.restoreChunkVectors(entries.filter(({ storedAtMs }) => storedAtMs >= oldest));
  }

  #restoreQueries({ about, body }: CacheFile): void {
    const { caches } = this.#deps;
    const { model, dimensions, vectors, queries } = queriesSchema.parse(about);
    caches.queries.restore(queries);
    const current = this.#deps.model();
    if (model !== current.name || dimensions !== current.dimensions) return;
    if (body.length !== vectors.length * dimensions * 4) throw new Error('it is cut short');
    const oldest = caches.oldestUsableMs();
    for (const [i, { key, storedAtMs }] of vectors.entries()) {
      if (storedAtMs >= oldest)
        caches.queryVectors.set(key, vectorAt(body, i * dimensions * 4, dimensions), storedAtMs);
    }
  }

  /** Saves what changed since the last time, or what somebody deleted. Never throws: the next time may go better. */
  save(): Promise<void> {
    return this.#inTurn(() => this.#write());
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#writing.then(work);
    this.#writing = done.catch(() => {});
    return done;
  }

  async #write(): Promise<void> {
    const fingerprint = this.#fingerprint();
    if (fingerprint === this.#saved && kinds.every((kind) => existsSync(this.#path(kind)))) return;
    try {
      const { name: model, dimensions } = this.#deps.model();
      const { caches } = this.#deps;
      const chunks = caches.chunkVectors();
      const embeddings = { model, dimensions, count: chunks.length };
      await writeCacheFile(this.#path('embeddings'), 'embeddings', { about: embeddings, body: packVectors(chunks) });
      const vectors = caches.queryVectors.entries();
      const about = {
        model,
        dimensions,
        vectors: vectors.map(({ key, storedAtMs }) => ({ key, storedAtMs })),
        queries: caches.queries.all(),
      };
      const body = Buffer.concat(vectors.map(({ value }) => bytesOf(value)));
      await writeCacheFile(this.#path('queries'), 'queries', { about, body });
      this.#saved = fingerprint;
    } catch (error) {
      this.#deps.log.warn({ err: messageOf(error) }, 'The caches could not be saved; the next save may go better');
    }
  }

  /** Bytes on disk. */
  async size(): Promise<number> {
    const sizes = kinds.map((kind) =>
      stat(this.#path(kind)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  }

  /** Deletes what was saved. */
  remove(): Promise<void> {
    return this.#inTurn(async () => {
      for (const kind of kinds) await rm(this.#path(kind), { force: true });
      await this.#deleteDrafts();
      this.#saved = '';
    });
  }

  /** Differs when anything that is saved may have changed. */
  #fingerprint(): string {
    const { caches } = this.#deps;
    const { embedding } = caches.statistics();
    const asked = caches.queries.all();
    return JSON.stringify([embedding, asked.length, asked.at(-1)?.lastMs]);
  }
}

function packVectors(entries: readonly StoredVector[]): Buffer {
  return Buffer.concat(
    entries.flatMap(({ key, storedAtMs, vector }) => {
      const time = Buffer.alloc(8);
      time.writeDoubleLE(storedAtMs);
      return [key.subarray(0, keyBytes), time, bytesOf(vector)];
    }),
  );
}

/** The bytes of a vector, little-endian as every machine that Node runs on. */
function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function vectorAt(body: Buffer, start: number, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  body.copy(new Uint8Array(vector.buffer), 0, start, start + dimensions * 4);
  return vector;
}
