/** Decides how the configured cache entries are shared out, and adds up the counters of all threads. */
import { QueryLog } from '../cache/query-log.ts';
import { createVectorTable, SharedVectors, type StoredVector, type VectorTable } from '../cache/shared-vectors.ts';
import type { ServerConfig } from '../contract.ts';
import type { CacheName, CacheStatistics, SearchHit } from '../engine.ts';
import { BoundedCache } from './bounded-cache.ts';
import type { CachedFile } from './read-file.ts';

export type CachedSearch = {
  hits: SearchHit[];
  versions: readonly string[];
  /** All that makes the question but its words: answers of one scope can stand for one another. */
  scope: string;
  query: string;
  /** The query's vector, kept where similar queries may share an answer. */
  vector?: Float32Array;
};

export type SimilarAnswer = { found: CachedSearch; similarity: number };

type ThreadCounters = { hits: number; misses: number; evictions: number };

/** Queries are embedded here, chunks in the threads: each has its part of the embedding cache. */
const queryShare = 0.2;
/** Queries remembered at least, whatever the search cache holds: without one they still tell what to embed ahead. */
const leastQueriesLogged = 100;
/** More vectors than this would not fit beside all else, and the index holds them anyway. */
const mostTableBytes = 512 * 1024 * 1024;

export class EngineCaches {
  readonly settings: ServerConfig['cache'];
  readonly search: BoundedCache<CachedSearch>;
  readonly file: BoundedCache<CachedFile>;
  /** Vectors of queries, by model and text. */
  readonly queryVectors: BoundedCache<Float32Array>;
  readonly queries: QueryLog;
  readonly #clock: () => number;
  readonly #threads = { hits: 0, misses: 0, evictions: 0, invalidations: 0 };
  #dimensions = 0;
  #chunkVectors: SharedVectors | undefined;
  #fraction = 1;

  constructor(settings: ServerConfig['cache'], clock: () => number = Date.now) {
    const { maxAgeSeconds } = settings;
    const options = { clock, maxAgeMs: maxAgeSeconds === undefined ? undefined : maxAgeSeconds * 1000 };
    this.settings = settings;
    this.#clock = clock;
    this.search = new BoundedCache(settings.search, options);
    this.file = new BoundedCache(settings.file, options);
    this.queryVectors = new BoundedCache(Math.ceil(settings.embedding * queryShare), options);
    this.queries = new QueryLog(Math.max(leastQueriesLogged, settings.search), clock);
  }

  /** Takes over the sizes that the settings have now. */
  resize(): void {
    const { search, file, embedding, maxAgeSeconds } = this.settings;
    const maxAgeMs = maxAgeSeconds === undefined ? undefined : maxAgeSeconds * 1000;
    this.search.resize(search, maxAgeMs);
    this.file.resize(file, maxAgeMs);
    this.queryVectors.resize(Math.ceil(embedding * queryShare), maxAgeMs);
    this.#chunkVectors = this.#makeTable(this.chunkVectors());
  }

  /** Makes room for the vectors of chunks, once it is known how long they are; 0 where there is no model. */
  useDimensions(dimensions: number): void {
    if (dimensions === this.#dimensions) return;
    this.#dimensions = dimensions;
    this.#chunkVectors = this.#makeTable([]);
  }

  #makeTable(entries: readonly StoredVector[]): SharedVectors | undefined {
    const { embedding } = this.settings;
    const share = embedding - Math.ceil(embedding * queryShare);
    const most = Math.floor(mostTableBytes / 4 / Math.max(1, this.#dimensions));
    const count = Math.floor(Math.min(share, most) * this.#fraction);
    if (count === 0 || this.#dimensions === 0) return undefined;
    const table = new SharedVectors(createVectorTable(count, this.#dimensions));
    for (const { key, vector, storedAtMs } of entries.slice(-count)) table.write(key, vector, 0, storedAtMs);
    return table;
  }

  /** What threads look vectors up in; undefined where that is off. */
  vectorTable(): VectorTable | undefined {
    return this.#chunkVectors?.table;
  }

  /** Vectors stored before this time are not used any more. */
  oldestUsableMs(): number {
    const { maxAgeSeconds } = this.settings;
    return maxAgeSeconds === undefined ? 0 : this.#clock() - maxAgeSeconds * 1000;
  }

  chunkVectors(): StoredVector[] {
    return this.#chunkVectors?.entries() ?? [];
  }

  restoreChunkVectors(entries: readonly StoredVector[]): void {
    this.#chunkVectors = this.#makeTable(entries);
  }

  countThread({ hits, misses, evictions }: ThreadCounters): void {
    this.#threads.hits += hits;
    this.#threads.misses += misses;
    this.#threads.evictions += evictions;
  }

  /** Keeps at most this share of the configured entries from now on; 1 lifts the limit. */
  limitTo(fraction: number): void {
    if (fraction === this.#fraction) return;
    this.#fraction = fraction;
    for (const cache of [this.search, this.file, this.queryVectors]) cache.limitTo(fraction);
    const before = this.#chunkVectors;
    this.#chunkVectors = this.#makeTable(before?.entries() ?? []);
    this.#threads.evictions += Math.max(0, (before?.size ?? 0) - (this.#chunkVectors?.size ?? 0));
  }

  /** Drops all entries of these caches; returns how many. */
  clear(names: readonly CacheName[]): Record<CacheName, number> {
    const counts = { embedding: 0, search: 0, file: 0 };
    for (const name of new Set(names)) counts[name] = name === 'embedding' ? this.#clearVectors() : this[name].clear();
    if (names.includes('search')) this.queries.clear();
    return counts;
  }

  #clearVectors(): number {
    const chunks = this.#chunkVectors?.size ?? 0;
    this.#chunkVectors = this.#makeTable([]);
    this.#threads.invalidations += chunks;
    return chunks + this.queryVectors.clear();
  }

  /** Drops entries older than this or than the configured age; returns how many. */
  prune(olderThanMs = Number.POSITIVE_INFINITY): Record<CacheName, number> {
    const notBefore = Math.max(this.oldestUsableMs(), this.#clock() - olderThanMs);
    const chunks = this.#chunkVectors?.prune(notBefore) ?? 0;
    this.#threads.invalidations += chunks;
    this.queries.prune(this.#clock() - notBefore);
    return {
      embedding: chunks + this.queryVectors.prune(olderThanMs),
      search: this.search.prune(olderThanMs),
      file: this.file.prune(olderThanMs),
    };
  }

  /**
   * The cached answer whose query is most similar, if it is similar enough; off unless configured.
   * @param vector of unit length
   */
  findSimilar(scope: string, vector: Float32Array): SimilarAnswer | undefined {
    const { similarityThreshold } = this.settings;
    if (similarityThreshold === undefined) return undefined;
    let best: SimilarAnswer | undefined;
    for (const { value } of this.search.entries()) {
      if (value.scope !== scope || value.vector === undefined) continue;
      const similarity = dot(value.vector, vector);
      if (similarity >= Math.max(similarityThreshold, best?.similarity ?? 0)) best = { found: value, similarity };
    }
    return best;
  }

  statistics(): Record<CacheName, CacheStatistics> {
    const queries = this.queryVectors.statistics();
    const threads = this.#threads;
    const { embedding: maxSize } = this.settings;
    return {
      embedding: {
        hits: queries.hits + threads.hits,
        misses: queries.misses + threads.misses,
        invalidations: queries.invalidations + threads.invalidations,
        evictions: queries.evictions + threads.evictions,
        size: Math.min(maxSize, queries.size + (this.#chunkVectors?.size ?? 0)),
        maxSize,
        // Of queries; what a chunk's vector costs is in the threads.
        ...(queries.times !== undefined && { times: queries.times }),
      },
      search: this.search.statistics(),
      file: this.file.statistics(),
    };
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
