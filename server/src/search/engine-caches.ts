/** Decides how the configured cache entries are shared out, and adds up the counters of all threads. */
import type { ServerConfig } from '../contract.ts';
import type { CacheName, CacheStatistics, SearchHit } from '../engine.ts';
import { BoundedCache } from './bounded-cache.ts';
import type { CachedFile } from './read-file.ts';

type ThreadCounters = { worker: number; hits: number; misses: number; size: number };

/** Queries are embedded here, chunks in the threads: each has its part of the embedding cache. */
const queryShare = 0.2;

export class EngineCaches {
  readonly search: BoundedCache<{ hits: SearchHit[]; versions: readonly string[] }>;
  readonly file: BoundedCache<CachedFile>;
  /** Vectors of queries, by model and text. */
  readonly queryVectors: BoundedCache<Float32Array>;
  readonly #maxEmbeddings: number;
  readonly #threads: number;
  readonly #sizes = new Map<number, number>();
  #threadHits = 0;
  #threadMisses = 0;
  #fraction = 1;

  constructor(sizes: ServerConfig['cache'], threads: number) {
    this.search = new BoundedCache(sizes.search);
    this.file = new BoundedCache(sizes.file);
    this.queryVectors = new BoundedCache(Math.ceil(sizes.embedding * queryShare));
    this.#maxEmbeddings = sizes.embedding;
    this.#threads = threads;
  }

  /** Entries of each thread's part of the embedding cache. */
  entriesPerThread(): number {
    const rest = this.#maxEmbeddings - Math.ceil(this.#maxEmbeddings * queryShare);
    return Math.floor((rest / this.#threads) * this.#fraction);
  }

  countThread({ worker, hits, misses, size }: ThreadCounters): void {
    this.#threadHits += hits;
    this.#threadMisses += misses;
    this.#sizes.set(worker, size);
    // Threads come and go; only the newest hold anything.
    for (const old of [...this.#sizes.keys()].slice(0, -this.#threads)) this.#sizes.delete(old);
  }

  limitTo(fraction: number): void {
    this.#fraction = fraction;
    for (const cache of [this.search, this.file, this.queryVectors]) cache.limitTo(fraction);
  }

  statistics(): Record<CacheName, CacheStatistics> {
    const queries = this.queryVectors.statistics();
    const inThreads = [...this.#sizes.values()].reduce((sum, size) => sum + size, 0);
    return {
      embedding: {
        hits: queries.hits + this.#threadHits,
        misses: queries.misses + this.#threadMisses,
        invalidations: queries.invalidations,
        size: Math.min(this.#maxEmbeddings, queries.size + inThreads),
        maxSize: this.#maxEmbeddings,
      },
      search: this.search.statistics(),
      file: this.file.statistics(),
    };
  }
}
