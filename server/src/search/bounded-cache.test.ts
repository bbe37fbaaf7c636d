/** Decides whether a cache keeps what is used, drops what is old, and counts why entries went. */
import { describe, expect, test } from 'vitest';
import { BoundedCache } from './bounded-cache.ts';

function cacheWith(keys: readonly string[], maxSize: number, maxAgeMs?: number) {
  const time = { now: 1000 };
  const cache = new BoundedCache<{ key: string }>(maxSize, { maxAgeMs, clock: () => time.now });
  for (const key of keys) {
    cache.set(key, { key });
    time.now++;
  }
  return { cache, time };
}
const keysOf = (cache: BoundedCache<{ key: string }>) => cache.entries().map(({ key }) => key);

describe('a bounded cache', () => {
  test('[cache.sizes] drops the least recently used, and counts that as an eviction', () => {
    const { cache } = cacheWith(['a', 'b'], 2);
    cache.get('a');
    cache.set('c', { key: 'c' });
    expect(keysOf(cache)).toEqual(['a', 'c']);
    cache.set('c', { key: 'again' });
    expect(cache.statistics()).toMatchObject({ hits: 1, misses: 0, evictions: 1, invalidations: 0, size: 2 });
  });

  test('[cache.settings] gives nothing that is older than its age', () => {
    const { cache, time } = cacheWith(['a', 'b'], 10, 100);
    time.now = 1101;
    expect(cache.get('a')).toBeUndefined();
    expect(cache.get('b')).toEqual({ key: 'b' });
    expect(cache.statistics()).toMatchObject({ hits: 1, misses: 1, invalidations: 1, size: 1 });
  });

  test('[runbook-5.1-maintenance] pruning drops what is older than asked for, or than its age', () => {
    const { cache, time } = cacheWith(['a', 'b', 'c'], 10, 100);
    time.now = 1012;
    expect(cache.prune(10)).toBe(2);
    expect(keysOf(cache)).toEqual(['c']);
    time.now = 2000;
    expect(cache.prune()).toBe(1);
  });

  test('a peek counts nothing and keeps nothing alive', () => {
    const { cache } = cacheWith(['a', 'b'], 2);
    expect(cache.peek('a')).toEqual({ key: 'a' });
    cache.set('c', { key: 'c' });
    expect(keysOf(cache)).toEqual(['b', 'c']);
    expect(cache.statistics()).toMatchObject({ hits: 0, misses: 0 });
  });

  test('[server.memory-guard] keeps its share while memory is short, and grows again after', () => {
    const { cache } = cacheWith(['a', 'b', 'c', 'd'], 4);
    cache.limitTo(0.25);
    expect(keysOf(cache)).toEqual(['d']);
    cache.set('e', { key: 'e' });
    expect(keysOf(cache)).toEqual(['e']);
    cache.limitTo(1);
    cache.set('f', { key: 'f' });
    expect(cache.statistics()).toMatchObject({ size: 2, maxSize: 4, evictions: 4 });
  });

  test('[server.reload] takes another size: of too many the least recently used go, and in more room all stay', () => {
    const { cache } = cacheWith(['a', 'b', 'c', 'd'], 4);
    cache.get('a');
    cache.resize(2);
    expect(keysOf(cache)).toEqual(['d', 'a']);
    cache.resize(3);
    for (const key of ['e', 'f']) cache.set(key, { key });
    expect(keysOf(cache)).toEqual(['a', 'e', 'f']);
    cache.limitTo(0.34);
    cache.resize(6);
    expect([keysOf(cache).length, cache.statistics().maxSize]).toEqual([1, 6]);
    cache.resize(0);
    cache.set('g', { key: 'g' });
    expect(keysOf(cache)).toEqual([]);
  });

  test('[runbook-4.1-cache-clear] clearing tells how many entries went', () => {
    const { cache } = cacheWith(['a', 'b'], 4);
    expect(cache.clear()).toBe(2);
    expect(cache.statistics()).toMatchObject({ size: 0, invalidations: 2 });
  });
});
