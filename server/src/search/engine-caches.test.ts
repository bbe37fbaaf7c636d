/** Decides whether the settings of the caches take effect: sizes, similarity, age, and less while memory is short. */
import { hash as digest } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SharedVectors } from '../cache/shared-vectors.ts';
import { serverConfigSchema } from '../contract.ts';
import { EngineCaches } from './engine-caches.ts';

const settingsOf = (cache: object) => serverConfigSchema.parse({ cache }).cache;
const key = (i: number) => digest('sha256', String(i), 'buffer');

/** Caches with the vectors of `count` chunks in them. */
function filled(count: number, settings: object, clock = () => 1000) {
  const caches = new EngineCaches(settingsOf(settings), clock);
  caches.useDimensions(4);
  const table = caches.vectorTable();
  if (table !== undefined) {
    const vectors = new SharedVectors(table);
    for (let i = 0; i < count; i++) vectors.write(key(i), new Float32Array(4).fill(i), 0, i);
  }
  return caches;
}

describe('similar queries', () => {
  const unit = (degrees: number) =>
    Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));
  const cachesWith = (similarityThreshold?: number) => {
    const caches = new EngineCaches(settingsOf({ ...(similarityThreshold !== undefined && { similarityThreshold }) }));
    for (const degrees of [0, 20])
      caches.search.set(`q${degrees}`, {
        hits: [],
        versions: ['v1'],
        scope: 'top 5 of v1',
        query: `q${degrees}`,
        vector: unit(degrees),
      });
    return caches;
  };

  test.each([
    ['off unless configured', undefined, 1, 'top 5 of v1', undefined],
    ['the most similar', 0.9, 15, 'top 5 of v1', 'q20'],
    ['none that is not similar enough', 0.99, 10, 'top 5 of v1', undefined],
    ['none of other options or another version', 0.9, 1, 'top 5 of v2', undefined],
  ])('[cache.similarity] share an answer: %s', (_, threshold, degrees, scope, expected) => {
    const similar = cachesWith(threshold).findSimilar(scope, unit(degrees));
    expect(similar?.found.query).toBe(expected);
    if (similar !== undefined) expect(similar.similarity).toBeCloseTo(Math.cos((5 * Math.PI) / 180));
  });
});

describe('the embedding cache', () => {
  test('[cache.sizes] of 0 entries, or without a model, there is none', () => {
    expect(filled(0, { embedding: 0 }).vectorTable()).toBeUndefined();
    const caches = new EngineCaches(settingsOf({}));
    caches.useDimensions(0);
    expect(caches.vectorTable()).toBeUndefined();
  });

  test('[cache.sizes] holds no more than its entries, those of queries included', () => {
    const caches = filled(500, { embedding: 100 });
    for (let i = 0; i < 100; i++) caches.queryVectors.set(`q${i}`, new Float32Array(4));
    const { size, maxSize } = caches.statistics().embedding;
    expect(maxSize).toBe(100);
    expect(size).toBeLessThanOrEqual(100);
    expect(size).toBeGreaterThan(80);
  });

  test('[server.memory-guard] keeps its newest entries in a smaller table while memory is short', () => {
    const caches = filled(80, { embedding: 100 });
    const bytes = () => caches.vectorTable()?.buffer.byteLength ?? 0;
    const before = bytes();
    const { size } = caches.statistics().embedding;
    caches.limitTo(0.25);
    expect(bytes()).toBeLessThan(before / 3);
    const kept = caches.chunkVectors();
    expect(kept.length).toBeGreaterThan(8);
    expect(Math.min(...kept.map(({ storedAtMs }) => storedAtMs))).toBeGreaterThanOrEqual(40);
    expect(caches.statistics().embedding.evictions).toBe(size - kept.length);
    caches.limitTo(1);
    expect([bytes(), caches.chunkVectors().length]).toEqual([before, kept.length]);
  });

  test('[cache.settings] [runbook-5.1-maintenance] entries over the age are not used, and are pruned', () => {
    const caches = filled(40, { maxAgeSeconds: 1 }, () => 1020);
    expect(caches.oldestUsableMs()).toBe(20);
    const held = caches.statistics().embedding.size;
    const removed = caches.prune();
    expect(removed.embedding).toBe(20);
    expect(caches.statistics().embedding).toMatchObject({ size: held - 20, invalidations: 20 });
  });

  test('[runbook-4.1-cache-clear] only the caches named are cleared', () => {
    const caches = filled(10, {});
    caches.queries.add({ query: 'x', codebases: [], topK: 1 });
    expect(caches.clear(['file'])).toEqual({ embedding: 0, search: 0, file: 0 });
    expect(caches.clear(['embedding', 'search'])).toEqual({ embedding: 10, search: 0, file: 0 });
    expect([caches.chunkVectors(), caches.queries.all()]).toEqual([[], []]);
  });
});
