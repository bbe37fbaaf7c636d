/** Decides `get_cache_statistics`: hits, misses, sizes and advice, with the keys the original server used. */
import { z } from 'zod';
import { defineTool, readOnly } from './define.ts';

const perCache = <T extends z.ZodType>(value: T) => ({ embedding: value, search: value, file: value });
const count = z.number().int();

export const getCacheStatistics = defineTool({
  name: 'get_cache_statistics',
  title: 'Cache statistics',
  description: [
    'Show hit rates, sizes and use of the embedding, search and file caches since the server started, with advice on their sizes.',
    'Use it for the bare figures; for a verdict on each cache, with what it saves, use analyze_cache_effectiveness. It says nothing about the code itself.',
    'Example: {}',
  ].join(' '),
  input: z.strictObject({}),
  output: z.strictObject({
    message: z.string(),
    caching_enabled: z.boolean(),
    statistics: z.strictObject({
      uptime_seconds: z.number(),
      performance_metrics: z.strictObject({
        total_requests: count,
        avg_request_time_seconds: z.number(),
        requests_per_second: z.number(),
        memory_usage_percent: z.number().describe('Share of the memory limit in use, 0 to 100.'),
        cache_efficiency_percent: z.number().describe('Overall hit rate, 0 to 100.'),
      }),
      hit_rates: z.strictObject({ ...perCache(z.number()), overall: z.number() }).describe('0 to 1.'),
      hits: z.strictObject(perCache(count)),
      misses: z.strictObject(perCache(count)),
      invalidations: z.strictObject(perCache(count)),
      caches: z.strictObject(perCache(z.strictObject({ size: count, max_size: count, utilization: z.number() }))),
      config: z.strictObject({
        embedding_cache_size: count,
        search_cache_size: count,
        file_cache_size: count,
        max_memory_mb: count,
      }),
      recommendations: z.array(z.string()),
    }),
  }),
  annotations: readOnly,
  handle: async (_args, { cacheReport }) => ({
    message: 'Cache statistics since the server started.',
    ...cacheReport(),
  }),
});
