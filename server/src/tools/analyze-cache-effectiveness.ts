/** Decides `analyze_cache_effectiveness`: what the caches save, and which setting to change to what. */
import { z } from 'zod';
import { type CacheEffect, cacheEffects } from '../cache/effectiveness.ts';
import { overallHitRate } from '../cache/statistics.ts';
import { cacheNames } from '../contract.ts';
import { defineTool, readOnly } from './define.ts';
import { rounded } from './usage-fields.ts';

const count = z.number().int();
const verdicts = ['off', 'unclear', 'effective', 'too_small', 'stale', 'of_little_use', 'fair'] as const;

export const analyzeCacheEffectiveness = defineTool({
  name: 'analyze_cache_effectiveness',
  title: 'What the caches are worth',
  description: [
    "Judge each of the server's caches (embedding, search, file): hit rate, measured time of a hit and of a miss, time saved, size against use, and which setting to change to which value.",
    'Use it to tune cache sizes. For the bare counters use get_cache_statistics.',
    'Example: {}',
  ].join(' '),
  input: z.strictObject({}),
  output: z.strictObject({
    overall_hit_rate: z.number().describe('0 to 1.'),
    saved_seconds: z.number().describe('That hits took less than misses would have, as far as measured.'),
    caches: z.array(
      z.strictObject({
        cache: z.enum(cacheNames),
        verdict: z
          .enum(verdicts)
          .describe(
            'unclear: fewer than 100 lookups, or of embeddings only those of indexing, which meets every chunk for the first time.',
          ),
        lookups: count,
        hit_rate: z.number(),
        size: count.describe('Entries.'),
        max_size: count,
        evictions: count.describe('Entries that had to make room.'),
        invalidations: count.describe('Entries that were out of date.'),
        hits_per_entry: z.number(),
        hit_ms: z.number().optional(),
        miss_ms: z.number().optional().describe('With the work that the miss asked for.'),
        saved_ms_per_hit: z.number().optional(),
        advice: z.array(z.string()),
      }),
    ),
    message: z.string(),
  }),
  annotations: readOnly,
  handle: async (_args, { engine }) => {
    const statistics = engine.cacheStatistics();
    const effects = cacheEffects(statistics);
    return {
      overall_hit_rate: rounded(overallHitRate(statistics), 4),
      saved_seconds: rounded(effects.reduce((sum, { savedMs = 0 }) => sum + savedMs, 0) / 1000, 3),
      caches: effects.map(toFields),
      message: messageOf(effects),
    };
  },
});

function toFields(effect: CacheEffect) {
  const { hitMs, missMs } = effect;
  return {
    cache: effect.name,
    verdict: effect.verdict,
    lookups: effect.lookups,
    hit_rate: rounded(effect.hitRate, 4),
    size: effect.size,
    max_size: effect.maxSize,
    evictions: effect.evictions,
    invalidations: effect.invalidations,
    hits_per_entry: rounded(effect.hitsPerEntry, 2),
    ...(hitMs !== undefined && { hit_ms: rounded(hitMs, 3) }),
    ...(missMs !== undefined && { miss_ms: rounded(missMs, 3) }),
    ...(hitMs !== undefined && missMs !== undefined && { saved_ms_per_hit: rounded(missMs - hitMs, 3) }),
    advice: effect.advice,
  };
}

function messageOf(effects: readonly CacheEffect[]): string {
  const advised = effects.filter(({ advice }) => advice.length > 0).map(({ name }) => name);
  if (advised.length > 0) return `There is something to change about: ${advised.join(', ')}. See advice.`;
  const judged = effects.filter(({ verdict }) => verdict !== 'unclear');
  if (judged.length === 0) return 'Too few lookups since the start to judge by; ask again after some hundred calls.';
  return 'Nothing needs to be changed. Times are of lookups that callers waited for; indexing is not in them.';
}
