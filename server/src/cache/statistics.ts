/** Decides how cache counters read to people: hit rates, utilisation and advice, in the shape the original server answered. */
import { cacheNames, type ServerConfig } from '../contract.ts';
import type { CacheName, CacheStatistics } from '../engine.ts';

/** Totals of all requests since start. */
export type RequestTotals = { count: number; seconds: number };

/** What the report is made from; everything is read by the caller, so that this stays pure. */
export type CacheReportInput = {
  caches: Record<CacheName, CacheStatistics>;
  requests: RequestTotals;
  uptimeSeconds: number;
  memoryUsedFraction: number;
  config: ServerConfig;
};

type PerCache<T> = Record<CacheName, T>;

/** The answer of `get_cache_statistics`, with the original's keys. Rates are 0 to 1, percentages 0 to 100. */
export type CacheStatisticsReport = {
  caching_enabled: boolean;
  statistics: {
    uptime_seconds: number;
    performance_metrics: {
      total_requests: number;
      avg_request_time_seconds: number;
      requests_per_second: number;
      memory_usage_percent: number;
      cache_efficiency_percent: number;
    };
    hit_rates: PerCache<number> & { overall: number };
    hits: PerCache<number>;
    misses: PerCache<number>;
    invalidations: PerCache<number>;
    caches: PerCache<{ size: number; max_size: number; utilization: number }>;
    config: { embedding_cache_size: number; search_cache_size: number; file_cache_size: number; max_memory_mb: number };
    recommendations: string[];
  };
};

export { cacheNames };

/** Hits over lookups, 0 while there were none. */
export function hitRate({ hits, misses }: { hits: number; misses: number }): number {
  return hits + misses === 0 ? 0 : hits / (hits + misses);
}

/** Hit rate over all caches together. */
export function overallHitRate(caches: Record<CacheName, CacheStatistics>): number {
  return hitRate({
    hits: cacheNames.reduce((sum, name) => sum + caches[name].hits, 0),
    misses: cacheNames.reduce((sum, name) => sum + caches[name].misses, 0),
  });
}

/** Builds the whole report. */
export function buildCacheReport(input: CacheReportInput): CacheStatisticsReport {
  const { caches, requests, uptimeSeconds, config } = input;
  const overall = overallHitRate(caches);
  return {
    caching_enabled: cacheNames.some((name) => config.cache[name] > 0),
    statistics: {
      uptime_seconds: round(uptimeSeconds),
      performance_metrics: {
        total_requests: requests.count,
        avg_request_time_seconds: requests.count === 0 ? 0 : round(requests.seconds / requests.count),
        requests_per_second: uptimeSeconds === 0 ? 0 : round(requests.count / uptimeSeconds),
        memory_usage_percent: round(input.memoryUsedFraction * 100),
        cache_efficiency_percent: round(overall * 100),
      },
      hit_rates: { ...perCache((name) => round(hitRate(caches[name]))), overall: round(overall) },
      hits: perCache((name) => caches[name].hits),
      misses: perCache((name) => caches[name].misses),
      invalidations: perCache((name) => caches[name].invalidations),
      caches: perCache((name) => utilization(caches[name])),
      config: {
        embedding_cache_size: config.cache.embedding,
        search_cache_size: config.cache.search,
        file_cache_size: config.cache.file,
        max_memory_mb: config.memory.maxMB,
      },
      recommendations: cacheNames.flatMap((name) => adviceFor(name, caches[name])),
    },
  };
}

/** Lookups below which a rate says nothing. */
const enoughLookups = 100;
/** The runbook's target. */
const targetHitRate = 0.7;
/** Share of the lookups from which on dropped entries explain misses. */
const notableShare = 0.1;
/** Below this rate entries are not worth their memory, if enough lookups say so. */
const pointlessHitRate = 0.05;
const manyLookups = 1000;
const worthShrinking = 100;
const nearlyEmpty = 0.1;

const variable: PerCache<string> = {
  embedding: 'EMBEDDING_CACHE_SIZE',
  search: 'SEARCH_CACHE_SIZE',
  file: 'FILE_CACHE_SIZE',
};

/** What to change about one cache, if anything. A bigger cache is advised only where entries had to go and were missed. */
export function adviceFor(name: CacheName, cache: CacheStatistics): string[] {
  if (cache.maxSize === 0)
    return [`The ${name} cache is off. Set ${variable[name]} above 0 (spec.cache.${name}) to use it.`];
  const lookups = cache.hits + cache.misses;
  if (lookups < enoughLookups) return [];
  const rate = hitRate(cache);
  // Indexing meets every new chunk for the first time: such misses and evictions say nothing about the size.
  if (name === 'embedding' && rate < pointlessHitRate) return [];
  const setting = `${variable[name]} (spec.cache.${name})`;
  const percent = Math.round(rate * 100);
  if (rate < targetHitRate && cache.evictions >= lookups * notableShare) {
    return [
      `The ${name} cache is too small: it hits only ${percent} % and ${cache.evictions} entries had to go. Raise ${setting}, for example to ${cache.maxSize * 2}.`,
    ];
  }
  if (rate < targetHitRate && cache.invalidations >= lookups * notableShare) {
    return [
      `The ${name} cache hits only ${percent} % because ${cache.invalidations} entries went out of date. A larger one would not help; the code changes faster than it is asked about.`,
    ];
  }
  if (rate < pointlessHitRate && lookups >= manyLookups && cache.size >= worthShrinking) {
    return [
      `The ${name} cache hardly ever hits (${percent} % of ${lookups} lookups) though it has room. Lower ${setting} to save memory.`,
    ];
  }
  if (rate >= targetHitRate && cache.maxSize >= worthShrinking && cache.size < cache.maxSize * nearlyEmpty) {
    return [`The ${name} cache is nearly empty at a good hit rate. ${setting} could be lowered to save memory.`];
  }
  return [];
}

function utilization({ size, maxSize }: CacheStatistics): { size: number; max_size: number; utilization: number } {
  return { size, max_size: maxSize, utilization: maxSize === 0 ? 0 : round(size / maxSize) };
}

function perCache<T>(of: (name: CacheName) => T): PerCache<T> {
  return { embedding: of('embedding'), search: of('search'), file: of('file') };
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
