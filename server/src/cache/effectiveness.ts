/** Decides what each cache is worth: what a hit saves by measured times, how full it is, and which setting to change to what. */
import type { CacheName, CacheStatistics } from '../engine.ts';
import { adviceFor, cacheNames, hitRate } from './statistics.ts';

export type CacheVerdict = 'off' | 'unclear' | 'effective' | 'too_small' | 'stale' | 'of_little_use' | 'fair';

export type CacheEffect = {
  name: CacheName;
  verdict: CacheVerdict;
  lookups: number;
  /** 0 to 1. */
  hitRate: number;
  size: number;
  maxSize: number;
  evictions: number;
  invalidations: number;
  /** Hits for each entry that is kept now. */
  hitsPerEntry: number;
  /** Mean milliseconds; absent where none was measured. */
  hitMs?: number;
  missMs?: number;
  /** Milliseconds that hits took less than misses would have, as far as both were measured. */
  savedMs?: number;
  advice: string[];
};

/** Lookups below which a rate says nothing. */
const enoughLookups = 100;
const goodHitRate = 0.7;
const poorHitRate = 0.05;
const notableShare = 0.1;

/** Pure: the same counters give the same answer. */
export function cacheEffects(caches: Record<CacheName, CacheStatistics>): CacheEffect[] {
  return cacheNames.map((name) => effectOf(name, caches[name]));
}

function effectOf(name: CacheName, cache: CacheStatistics): CacheEffect {
  const { hits, misses, size, maxSize, evictions, invalidations, times } = cache;
  const hitMs = times === undefined || times.hits === 0 ? undefined : times.hitMs / times.hits;
  const missMs = times === undefined || times.misses === 0 ? undefined : times.missMs / times.misses;
  const saved =
    times === undefined || hitMs === undefined || missMs === undefined
      ? undefined
      : Math.max(0, missMs - hitMs) * times.hits;
  return {
    name,
    verdict: verdictOf(name, cache),
    lookups: hits + misses,
    hitRate: hitRate(cache),
    size,
    maxSize,
    evictions,
    invalidations,
    hitsPerEntry: size === 0 ? 0 : hits / size,
    ...(hitMs !== undefined && { hitMs }),
    ...(missMs !== undefined && { missMs }),
    ...(saved !== undefined && { savedMs: saved }),
    advice: adviceFor(name, cache),
  };
}

function verdictOf(name: CacheName, cache: CacheStatistics): CacheVerdict {
  const lookups = cache.hits + cache.misses;
  const rate = hitRate(cache);
  if (cache.maxSize === 0) return 'off';
  // Indexing meets every new chunk for the first time: such misses say nothing about the size.
  if (lookups < enoughLookups || (name === 'embedding' && rate < poorHitRate)) return 'unclear';
  if (rate >= goodHitRate) return 'effective';
  if (cache.evictions >= lookups * notableShare) return 'too_small';
  if (cache.invalidations >= lookups * notableShare) return 'stale';
  return rate < poorHitRate ? 'of_little_use' : 'fair';
}
