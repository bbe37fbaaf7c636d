/** Decides what a cache keeps and counts: the least recently used entries go first, old ones too, and fewer stay while memory is short. */
import { LRUCache } from 'lru-cache';
import type { CacheStatistics, LookupTimes } from '../engine.ts';

export type BoundedCacheOptions = {
  /** Milliseconds after which an entry is not given any more; no limit when left out. */
  maxAgeMs?: number | undefined;
  /** Milliseconds since the epoch. */
  clock?: () => number;
};

type Entry<V> = { value: V; storedAtMs: number };

/** A cache of at most `maxSize` entries; 0 keeps nothing. */
export class BoundedCache<V extends object> {
  #entries: LRUCache<string, Entry<V>>;
  #maxSize: number;
  #maxAgeMs: number;
  readonly #clock: () => number;
  #limit: number;
  #fraction = 1;
  #hits = 0;
  #misses = 0;
  #invalidations = 0;
  #evictions = 0;
  #times: LookupTimes | undefined;

  constructor(maxSize: number, { maxAgeMs = Number.POSITIVE_INFINITY, clock = Date.now }: BoundedCacheOptions = {}) {
    this.#maxSize = maxSize;
    this.#limit = maxSize;
    this.#maxAgeMs = maxAgeMs;
    this.#clock = clock;
    this.#entries = new LRUCache<string, Entry<V>>({ max: Math.max(1, maxSize) });
  }

  get(key: string): V | undefined {
    const value = this.#usable(key);
    if (value === undefined) this.#misses++;
    else this.#hits++;
    return value;
  }

  /** As `get`, for the server's own sake: it is counted nowhere and keeps no entry alive. */
  peek(key: string): V | undefined {
    const entry = this.#entries.peek(key);
    return entry === undefined || this.#isTooOld(entry) ? undefined : entry.value;
  }

  /** Counts the last miss as a hit: the answer was found in another entry. */
  foundAfterAll(): void {
    this.#misses--;
    this.#hits++;
  }

  /** Remembers how long it took to come by a value, with the work that a miss asked for. */
  timed(result: 'hit' | 'miss', ms: number): void {
    this.#times ??= { hits: 0, hitMs: 0, misses: 0, missMs: 0 };
    this.#times[result === 'hit' ? 'hits' : 'misses'] += 1;
    this.#times[result === 'hit' ? 'hitMs' : 'missMs'] += ms;
  }

  #usable(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (!this.#isTooOld(entry)) return entry.value;
    this.invalidate(key);
    return undefined;
  }

  #isTooOld({ storedAtMs }: Entry<V>): boolean {
    return this.#clock() - storedAtMs > this.#maxAgeMs;
  }

  /** @param storedAtMs when it was made, if not just now */
  set(key: string, value: V, storedAtMs = this.#clock()): void {
    if (this.#limit === 0) return;
    if (this.#entries.size >= this.#limit && !this.#entries.has(key)) this.#evictOne();
    this.#entries.set(key, { value, storedAtMs });
  }

  /** Drops an entry that is known to be out of date. */
  invalidate(key: string): void {
    if (this.#entries.delete(key)) this.#invalidations++;
  }

  /** Drops every entry for which `isStale` holds. */
  invalidateWhere(isStale: (value: V, key: string) => boolean): void {
    for (const [key, { value }] of [...this.#entries.entries()]) if (isStale(value, key)) this.invalidate(key);
  }

  /** Drops entries older than this or than the configured age; returns how many. */
  prune(olderThanMs = Number.POSITIVE_INFINITY): number {
    const oldest = this.#clock() - Math.min(olderThanMs, this.#maxAgeMs);
    const old = [...this.#entries.entries()].filter(([, { storedAtMs }]) => storedAtMs < oldest);
    for (const [key] of old) this.invalidate(key);
    return old.length;
  }

  /** Drops everything; returns how many entries that were. */
  clear(): number {
    const { size } = this.#entries;
    this.#entries.clear();
    this.#invalidations += size;
    return size;
  }

  /** What can be used, the least recently used first. */
  entries(): { key: string; value: V; storedAtMs: number }[] {
    const found: { key: string; value: V; storedAtMs: number }[] = [];
    for (const key of this.#entries.rkeys()) {
      const entry = this.#entries.peek(key);
      if (entry !== undefined && !this.#isTooOld(entry)) found.push({ key, ...entry });
    }
    return found;
  }

  /** Keeps at most this share of the configured entries from now on; 1 lifts the limit. */
  limitTo(fraction: number): void {
    this.#fraction = Math.min(1, Math.max(0, fraction));
    this.#limit = Math.floor(this.#maxSize * this.#fraction);
    while (this.#entries.size > this.#limit) this.#evictOne();
  }

  /** From now on so many entries fit, of at most this age; the least recently used of too many go. */
  resize(maxSize: number, maxAgeMs = Number.POSITIVE_INFINITY): void {
    this.#maxSize = maxSize;
    this.#maxAgeMs = maxAgeMs;
    this.limitTo(this.#fraction);
    const kept = new LRUCache<string, Entry<V>>({ max: Math.max(1, maxSize) });
    for (const key of this.#entries.rkeys()) {
      const entry = this.#entries.peek(key);
      if (entry !== undefined) kept.set(key, entry);
    }
    this.#entries = kept;
  }

  statistics(): CacheStatistics {
    return {
      hits: this.#hits,
      misses: this.#misses,
      invalidations: this.#invalidations,
      evictions: this.#evictions,
      size: this.#entries.size,
      maxSize: this.#maxSize,
      ...(this.#times !== undefined && { times: { ...this.#times } }),
    };
  }

  #evictOne(): void {
    if (this.#entries.pop() !== undefined) this.#evictions++;
  }
}
