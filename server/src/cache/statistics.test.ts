/** Decides whether cache statistics read as the original's did and whether advice is given only where it helps. */
import { describe, expect, test } from 'vitest';
import { serverConfigSchema } from '../contract.ts';
import type { CacheStatistics } from '../engine.ts';
import { adviceFor, buildCacheReport } from './statistics.ts';

const cache = (values: Partial<CacheStatistics> = {}): CacheStatistics => ({
  hits: 0,
  misses: 0,
  invalidations: 0,
  evictions: 0,
  size: 0,
  maxSize: 100,
  ...values,
});

describe('buildCacheReport', () => {
  test('[runbook-4.1] rates, shares and totals are those of the counters', () => {
    const report = buildCacheReport({
      caches: {
        embedding: cache({ hits: 3, misses: 1, size: 50 }),
        search: cache({ hits: 0, misses: 4 }),
        file: cache({ invalidations: 2 }),
      },
      requests: { count: 10, seconds: 0.5 },
      uptimeSeconds: 20,
      memoryUsedFraction: 0.25,
      config: serverConfigSchema.parse({}),
    });
    expect(report.caching_enabled).toBe(true);
    expect(report.statistics).toMatchObject({
      uptime_seconds: 20,
      performance_metrics: {
        total_requests: 10,
        avg_request_time_seconds: 0.05,
        requests_per_second: 0.5,
        memory_usage_percent: 25,
        cache_efficiency_percent: 37.5,
      },
      hit_rates: { embedding: 0.75, search: 0, file: 0, overall: 0.375 },
      invalidations: { file: 2 },
      caches: { embedding: { size: 50, max_size: 100, utilization: 0.5 } },
    });
  });
});

describe('adviceFor', () => {
  test.each([
    ['a cache that is off', cache({ maxSize: 0 }), /EMBEDDING_CACHE_SIZE above 0/],
    ['one that misses what it dropped', cache({ hits: 20, misses: 180, evictions: 80, size: 100 }), /Raise EMB.* 200/],
    ['one whose entries go out of date', cache({ hits: 20, misses: 180, invalidations: 90 }), /would not help/],
    ['a nearly empty cache that hits', cache({ hits: 190, misses: 10, size: 2 }), /could be lowered/],
  ])('%s gets advice', (_name, statistics, advice) => {
    expect(adviceFor('embedding', statistics).join()).toMatch(advice);
  });

  test('a search cache that hardly ever hits gets advice, an embedding cache after a first index run gets none', () => {
    const rarelyHit = cache({ hits: 10, misses: 1990, size: 500, maxSize: 5000 });
    expect(adviceFor('search', rarelyHit).join()).toMatch(/Lower SEARCH_CACHE_SIZE/);
    expect(adviceFor('embedding', { ...rarelyHit, evictions: 1500 })).toEqual([]);
  });

  test.each([
    ['too few lookups', cache({ misses: 50, size: 100 })],
    ['misses while there is room', cache({ misses: 500, size: 40 })],
    ['evictions that nobody misses', cache({ hits: 900, misses: 100, evictions: 50, size: 100 })],
    ['good use', cache({ hits: 900, misses: 100, size: 90 })],
  ])('%s gets none', (_name, statistics) => {
    expect(adviceFor('embedding', statistics)).toEqual([]);
  });
});
