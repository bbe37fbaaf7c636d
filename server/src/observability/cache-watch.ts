/** Decides when cache misses are worth a warning: too many of the lookups of the last period, told once until it recovers. */
import type { Logger } from 'pino';
import { cacheNames } from '../cache/statistics.ts';
import type { CacheName, CacheStatistics, Engine } from '../engine.ts';

/** The runbook wants a hit rate above 70 %. */
export const missRatioThreshold = 0.3;
/** Lookups in a period below which a ratio says nothing. */
export const enoughLookups = 100;

type Counters = Pick<CacheStatistics, 'hits' | 'misses'>;

/** Miss ratio of the lookups between two readings, or undefined when there were too few. */
export function missRatio(before: Counters, after: Counters): number | undefined {
  const misses = after.misses - before.misses;
  const lookups = after.hits - before.hits + misses;
  return lookups < enoughLookups ? undefined : misses / lookups;
}

export type CacheWatch = { check: () => void; stop: () => void };

/**
 * Compares counters at intervals. The embedding cache is left out: an index run misses on every new chunk by nature.
 */
export function startCacheWatch({
  engine,
  log,
  intervalMs = 60_000,
}: {
  engine: Pick<Engine, 'cacheStatistics'>;
  log: Logger;
  intervalMs?: number;
}): CacheWatch {
  const watched = cacheNames.filter((name) => name !== 'embedding');
  let before = engine.cacheStatistics();
  const high = new Set<CacheName>();
  const check = () => {
    const after = engine.cacheStatistics();
    for (const cache of watched) {
      const ratio = missRatio(before[cache], after[cache]);
      if (ratio === undefined || after[cache].maxSize === 0) continue;
      if (ratio > missRatioThreshold && !high.has(cache)) {
        high.add(cache);
        log.warn({ cache, missRatio: Math.round(ratio * 100) / 100 }, 'Cache miss ratio above threshold');
      } else if (ratio <= missRatioThreshold && high.delete(cache)) {
        log.info({ cache }, 'Cache miss ratio is back below threshold');
      }
    }
    before = after;
  };
  const timer = setInterval(check, intervalMs);
  timer.unref();
  return { check, stop: () => clearInterval(timer) };
}
