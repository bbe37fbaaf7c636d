import { describe, expect, test } from 'vitest';
import { BoundedCache } from './bounded-cache.ts';
import { FileVectors } from './file-vectors.ts';
import { PathWordStatistics } from './path-words.ts';
import { pathPenalty } from './penalties.ts';
import { parseQuery } from './query.ts';
import { type Candidate, definitionBoost, fuseRanks, joinScores, pathMatch, rank } from './rank.ts';

let rows = 0n;
const candidate = (
  path: string,
  scores: { similarity?: number; bm25?: number },
  definitions: string[] = [],
  startLine = 1,
): Candidate => ({
  codebase: 'c',
  path,
  rowId: rows++,
  startLine,
  endLine: startLine + 9,
  language: 'go',
  definitions,
  ...scores,
});
const order = (query: string, candidates: Candidate[], means: Record<string, number> = {}) =>
  rank({
    query: parseQuery(query),
    candidates,
    pathWords: new Map([['c', new PathWordStatistics(candidates.map(({ path }) => path))]]),
    fileMeans: new Map(Object.entries(means).map(([path, mean]) => [`c\n${path}`, mean])),
    topK: 10,
  }).map(({ candidate: { path, startLine } }) => `${path}:${startLine}`);

describe('[search.fused] joined scores', () => {
  test('are half the scaled similarity and half BM25 over its maximum', () => {
    const scores = joinScores([
      candidate('a', { similarity: 0.9, bm25: 5 }),
      candidate('b', { similarity: 0.5 }),
      candidate('c', { bm25: 10 }),
      candidate('d', { similarity: 0.7 }),
    ]);
    expect(scores.map((score) => Math.round(score * 100) / 100)).toEqual([0.75, 0, 0.5, 0.25]);
  });

  test('of ranks give both searches their say', () => {
    const [both, dense, text] = fuseRanks([
      candidate('a', { similarity: 0.9, bm25: 9 }),
      candidate('b', { similarity: 0.8 }),
      candidate('c', { bm25: 8 }),
    ]);
    expect(both).toBeCloseTo(1 / 61);
    expect(text).toBeGreaterThan(dense ?? 1);
  });

  test('are no numbers that break without candidates', () => {
    expect(joinScores([])).toEqual([]);
    expect(order('x y', [])).toEqual([]);
  });
});

describe('ranking', () => {
  test('shows each file by its best chunk before a second chunk of a file that is no better', () => {
    const found = order('how things work', [
      candidate('a.go', { similarity: 0.9, bm25: 9 }, [], 1),
      candidate('a.go', { similarity: 0.85, bm25: 8 }, [], 11),
      candidate('b.go', { similarity: 0.88, bm25: 8.5 }),
    ]);
    expect(found).toEqual(['a.go:1', 'b.go:1', 'a.go:11']);
  });

  test('puts the definition of a bare symbol first, in a file of its name before another', () => {
    const found = order('NewScheduler', [
      candidate('x.go', { similarity: 0.9, bm25: 9 }),
      candidate('y.go', { bm25: 2 }, ['NewScheduler']),
      candidate('new_scheduler.go', { bm25: 1 }, ['NewScheduler']),
    ]);
    expect(found).toEqual(['new_scheduler.go:1', 'y.go:1', 'x.go:1']);
  });

  test('does not boost a plain word that happens to be defined', () => {
    expect(
      order('session handling code', [
        candidate('a.go', { similarity: 0.9, bm25: 9 }),
        candidate('b.go', { similarity: 0.5, bm25: 3 }, ['session']),
      ])[0],
    ).toBe('a.go:1');
  });

  test("prefers the file whose name has the query's words, and the code to its test", () => {
    const same = { similarity: 0.8, bm25: 5 };
    expect(
      order('volume manager', [
        candidate('pkg/other.go', same),
        candidate('pkg/volume_manager.go', same),
        candidate('pkg/volume_manager_test.go', same),
      ]),
    ).toEqual(['pkg/volume_manager.go:1', 'pkg/other.go:1', 'pkg/volume_manager_test.go:1']);
  });

  test('prefers the file that is about the query as a whole', () => {
    const same = { similarity: 0.8, bm25: 5 };
    expect(
      order('some question', [candidate('a.go', same), candidate('b.go', same)], { 'a.go': 0.1, 'b.go': 0.6 })[0],
    ).toBe('b.go:1');
  });

  test('is the same again for equal scores', () => {
    const same = { similarity: 0.8, bm25: 5 };
    const files = ['c.go', 'a.go', 'b.go'].map((path) => candidate(path, same));
    expect(order('zzz qqq', files)).toEqual(order('zzz qqq', files.toReversed()));
  });
});

describe('signals', () => {
  test.each([
    ['pkg/a.go', 1],
    ['pkg/a_test.go', 0.3],
    ['src/a.test.ts', 0.3],
    ['tests/a.py', 0.3],
    ['examples/tests/a.py', 0.09],
    ['pkg/__init__.py', 0.5],
    ['lib/a.d.ts', 0.7],
    ['contest.go', 1],
  ])('%s counts %d', (path, factor) => {
    expect(pathPenalty(path)).toBeCloseTo(factor);
  });

  test.each([
    ['NewScheduler', ['NewScheduler']],
    ['http::Server', ['Server', 'http::Server']],
    ['_private', ['_private']],
    ['parse_url', ['parse_url']],
    ['session', []],
    ['how does it work', []],
    ['HTTP Server', []],
  ])('"%s" asks for the symbols %j', (query, symbols) => {
    expect(parseQuery(query).symbols).toEqual(symbols);
  });

  test('a rare path word weighs more than a common one', () => {
    const statistics = new PathWordStatistics(['pkg/a.go', 'pkg/b.go', 'pkg/c.go', 'pkg/quota.go']);
    expect(statistics.weight('quota')).toBeGreaterThan(statistics.weight('pkg'));
    expect(pathMatch('pkg/quota.go', ['quota', 'pkg'], statistics)).toBe(1);
    expect(pathMatch('pkg/a.go', ['quota', 'pkg'], statistics)).toBeLessThan(0.5);
    expect(pathMatch('pkg/quotas.go', ['quota'], statistics)).toBe(1);
  });

  test('a definition counts when its name is asked for exactly', () => {
    expect([
      definitionBoost(candidate('a.go', {}, ['Foo']), ['Foo']),
      definitionBoost(candidate('foo.go', {}, ['Foo']), ['Foo']),
      definitionBoost(candidate('a.go', {}, ['foo']), ['Foo']),
    ]).toEqual([3, 4.5, 0]);
  });

  test('vectors kept as bytes compare like the originals', () => {
    const vectors = new FileVectors(4, 2);
    vectors.set(0, [0.5, -0.25, 0.1, 0]);
    vectors.set(1, [0, 0, 0, 0]);
    expect(vectors.similarity(0, Float32Array.of(1, 1, 1, 1))).toBeCloseTo(0.35, 2);
    expect(vectors.similarity(1, Float32Array.of(1, 1, 1, 1))).toBe(0);
  });
});

describe('[cache.sizes] a cache', () => {
  test('keeps the most recently used entries and counts', () => {
    const cache = new BoundedCache<object>(2);
    cache.set('a', {});
    cache.set('b', {});
    cache.get('a');
    cache.set('c', {});
    expect([cache.get('a') !== undefined, cache.get('b') !== undefined, cache.get('c') !== undefined]).toEqual([
      true,
      false,
      true,
    ]);
    expect(cache.statistics()).toEqual({ hits: 3, misses: 1, invalidations: 0, size: 2, maxSize: 2 });
    cache.limitTo(0.5);
    expect(cache.statistics().size).toBe(1);
    cache.invalidateWhere(() => true);
    expect(cache.statistics()).toMatchObject({ size: 0, invalidations: 1 });
  });

  test('of size 0 keeps nothing', () => {
    const cache = new BoundedCache<object>(0);
    cache.set('a', {});
    expect(cache.get('a')).toBeUndefined();
  });
});
