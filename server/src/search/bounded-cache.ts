/** Decides what a cache keeps and counts: the least recently used entries go first, and fewer stay while memory is short. */
import { LRUCache } from 'lru-cache';
import type { CacheStatistics } from '../engine.ts';

/** A cache of at most `maxSize` entries; 0 keeps nothing. */
export class BoundedCache<V extends object> {
  readonly #entries: LRUCache<string, V>;
  readonly #maxSize: number;
  #limit: number;
  #hits = 0;
  #misses = 0;
  #invalidations = 0;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
    this.#limit = maxSize;
    this.#entries = new LRUCache<string, V>({ max: Math.max(1, maxSize) });
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) this.#misses++;
    else this.#hits++;
    return value;
  }

  set(key: string, value: V): void {
    if (this.#limit === 0) return;
    this.#entries.set(key, value);
    this.#evict();
  }

  /** Drops an entry that is known to be out of date. */
  invalidate(key: string): void {
    if (this.#entries.delete(key)) this.#invalidations++;
  }

  /** Drops every entry for which `isStale` holds. */
  invalidateWhere(isStale: (value: V, key: string) => boolean): void {
    for (const [key, value] of [...this.#entries.entries()]) if (isStale(value, key)) this.invalidate(key);
  }

  /** Keeps at most this share of the configured entries from now on; 1 lifts the limit. */
  limitTo(fraction: number): void {
    this.#limit = Math.floor(this.#maxSize * Math.min(1, Math.max(0, fraction)));
    this.#evict();
  }

  statistics(): CacheStatistics {
    return {
      hits: this.#hits,
      misses: this.#misses,
      invalidations: this.#invalidations,
      size: this.#entries.size,
      maxSize: this.#maxSize,
    };
  }

  #evict(): void {
    while (this.#entries.size > this.#limit) this.#entries.pop();
  }
}
