import { describe, expect, test } from 'vitest';
import { BoundedCache } from './bounded-cache.ts';
import { FileVectors } from './file-vectors.ts';
import { PathWordStatistics } from './path-words.ts';
import { penaltiesOf } from './penalties.ts';
import { parseQuery, queryTerms } from './query.ts';
import { type Candidate, type Ranked, rank, rankRaw } from './rank.ts';
import { definitionBoost, fuseRanks, joinScores, nameMatches, pathMatch } from './signals.ts';
import { weights } from './weights.ts';

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
  definitions: definitions.join(' '),
  ...scores,
});
const ranked = (query: string, candidates: Candidate[], means: Record<string, number> = {}): Ranked[] =>
  rank({
    query: parseQuery(query),
    candidates,
    pathWords: new Map([['c', new PathWordStatistics(candidates.map(({ path }) => path))]]),
    meansOf: (files) => files.map(({ path }) => means[path]),
    topK: 10,
  });
const order = (query: string, candidates: Candidate[], means: Record<string, number> = {}) =>
  ranked(query, candidates, means).map(({ candidate: { path, startLine } }) => `${path}:${startLine}`);
const total = ({ vector, bm25 }: { vector: number; bm25: number }) => vector + bm25;

test('[search.fused] few of many are the first of all, ties in their order', () => {
  // Scores repeat, so that many are equal at every bar.
  const candidates = Array.from({ length: 300 }, (_, i) =>
    candidate(`f${(i * 7) % 120}.go`, { similarity: ((i * 37) % 23) / 23, bm25: (i * 11) % 13 }, [], (i % 5) * 10),
  );
  const places = (topK: number) =>
    rank({ query: parseQuery('some question'), candidates, pathWords: new Map(), meansOf: undefined, topK }).map(
      ({ candidate: { rowId }, score }) => [rowId, score],
    );
  const all = places(candidates.length);
  expect(all).toHaveLength(candidates.length);
  for (const topK of [1, 3, 10, 60]) expect(places(topK)).toEqual(all.slice(0, topK));
});

describe('[search.fused] joined scores', () => {
  test('are shares of the scaled similarity and of BM25 over its maximum', () => {
    const scores = joinScores([
      candidate('a', { similarity: 0.9, bm25: 5 }),
      candidate('b', { similarity: 0.5 }),
      candidate('c', { bm25: 10 }),
      candidate('d', { similarity: 0.7 }),
    ]);
    const share = weights.dense;
    const expected = [share + (1 - share) / 2, 0, 1 - share, share / 2];
    for (const [i, score] of scores.entries()) expect(total(score)).toBeCloseTo(expected[i] ?? -1);
  });

  test('of one search alone are all of it', () => {
    expect(joinScores([candidate('a', { bm25: 5 }), candidate('b', { bm25: 10 })]).map(total)).toEqual([0.5, 1]);
    expect(joinScores([candidate('a', { similarity: 0.5 }), candidate('b', { similarity: 0.9 })]).map(total)).toEqual([
      0, 1,
    ]);
  });

  test('of ranks give both searches their say', () => {
    const [both, dense, text] = fuseRanks([
      candidate('a', { similarity: 0.9, bm25: 9 }),
      candidate('b', { similarity: 0.8 }),
      candidate('c', { bm25: 8 }),
    ]).map(total);
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

  test('[search.ranking] a word of a question that happens to be defined does not outweigh both searches', () => {
    expect(
      order('where are sessions expired and removed', [
        candidate('a.go', { similarity: 0.9, bm25: 9 }, ['removeExpired']),
        candidate('b.go', { similarity: 0.5, bm25: 3 }, ['session']),
      ])[0],
    ).toBe('a.go:1');
  });

  test('[search.ranking] among passages that fit alike the one that defines what is asked for comes first', () => {
    const same = { similarity: 0.8, bm25: 5 };
    expect(
      order('parse the retry header', [
        candidate('a.go', same, ['send']),
        candidate('b.go', same, ['parseRetryHeader']),
        candidate('c.go', same, ['parseBody']),
      ]),
    ).toEqual(['b.go:1', 'c.go:1', 'a.go:1']);
  });

  test('[search.ranking] a query of one plain word finds what is defined by that name', () => {
    expect(
      order('reconcile', [
        candidate('a.go', { similarity: 0.9, bm25: 9 }, ['reconcileAll']),
        candidate('b.go', { bm25: 2 }, ['reconcile']),
      ])[0],
    ).toBe('b.go:1');
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

const factorOf = (file: Parameters<typeof penaltiesOf>[0], query = 'some question') =>
  penaltiesOf(file, query).reduce((product, { factor }) => product * factor, 1);

describe('signals', () => {
  test.each([
    ['pkg/a.go', 1],
    ['pkg/a_test.go', 0.3],
    ['src/a.test.ts', 0.3],
    ['tests/a.py', 0.3],
    ['examples/tests/a.py', 0.09],
    ['docs/conf.py', 0.3],
    ['pkg/__init__.py', 0.5],
    ['lib/a.d.ts', 0.7],
    ['contest.go', 1],
    ['src/commonTest/kotlin/a.kt', 0.3],
    ['Core.Tests/a.cs', 0.3],
    ['Sources/Testable/a.swift', 1],
    ['latest/a.go', 1],
    ['attests/a.go', 1],
    ['benchmarks/a.rs', 0.3],
    ['types/a.d.mts', 0.7],
    ['pkg/a.pyi', 0.7],
  ])('%s counts %d', (path, factor) => {
    expect(factorOf({ path, language: 'go', defines: true })).toBeCloseTo(factor);
  });

  test('[search.ranking] documents, data and code that defines nothing count less', () => {
    expect(factorOf({ path: 'README.md', language: 'markdown', defines: true })).toBe(0.4);
    expect(factorOf({ path: 'values.yaml', language: 'yaml', defines: false })).toBe(0.4);
    expect(factorOf({ path: 'src/index.ts', language: 'typescript', defines: false })).toBe(0.7);
  });

  test.each([
    ['what does the readme say of ports', { path: 'README.md', language: 'markdown', defines: true }, 1],
    ['image tag in values.yaml', { path: 'chart/values.yaml', language: 'yaml', defines: true }, 1],
    ['tests of the parser', { path: 'parser_test.go', language: 'go', defines: true }, 0.7],
    ['benchmarks of the parser', { path: 'benches/parser.rs', language: 'rust', defines: true }, 1],
    ['latest parser', { path: 'parser_test.go', language: 'go', defines: true }, 0.3],
  ])('[search.ranking] "%s" is not refused what it asks for', (query, file, factor) => {
    expect(factorOf(file, query)).toBeCloseTo(factor);
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

  test.each([
    ['where is the retry header parsed', ['retry', 'header', 'parsed']],
    ['how does it do that', ['how', 'does', 'it', 'do', 'that']],
    ['parse_url', ['parse_url', 'parse', 'url', 'def:parse_url']],
    ['reconcile', ['reconcile', 'def:reconcile']],
    ['use of NewScheduler', ['newscheduler', 'new', 'scheduler', 'def:newscheduler']],
    ['größe ändern', ['gr', 'öß', 'e', 'ä', 'ndern']],
  ])('"%s" is looked up as the words %j', (query, words) => {
    expect(queryTerms(parseQuery(query))).toEqual(words.map((word) => ({ word, weight: 1 })));
  });

  test('names match in any form, the rarer the more', () => {
    const [both, common, rare, none] = nameMatches(
      [
        candidate('a', {}, ['parseHeaders']),
        candidate('b', {}, ['parseBody']),
        candidate('c', {}, ['Header']),
        candidate('d', {}, []),
        candidate('e', {}, ['parsed']),
      ],
      ['parsing', 'header'],
    );
    expect([both, none]).toEqual([1, 0]);
    expect(rare).toBeGreaterThan(common ?? 1);
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
    vectors.set(0, Float32Array.of(0.5, -0.25, 0.1, 0));
    vectors.set(1, Float32Array.of(0, 0, 0, 0));
    expect(vectors.similarity(0, Float32Array.of(1, 1, 1, 1))).toBeCloseTo(0.35, 2);
    expect(vectors.similarity(1, Float32Array.of(1, 1, 1, 1))).toBe(0);
  });
});

test('raw order is that of the searches, whatever the files are', () => {
  const candidates = [
    candidate('README.md', { bm25: 9 }),
    candidate('retry.go', { bm25: 8 }, ['retry']),
    candidate('README.md', { bm25: 7 }, [], 20),
  ];
  const found = rankRaw({ candidates, topK: 2 });
  expect(found.map(({ candidate: { path } }) => path)).toEqual(['README.md', 'retry.go']);
});

describe('[search.explain] every result', () => {
  const found = ranked(
    'retry a failed payment',
    [
      candidate('src/payment.go', { similarity: 0.9, bm25: 4 }, ['retryPayment']),
      candidate('src/payment.go', { similarity: 0.7, bm25: 5 }, [], 20),
      candidate('docs/payment_test.go', { similarity: 0.6 }),
      candidate('main.go', { bm25: 1 }),
    ],
    { 'src/payment.go': 0.4, 'main.go': 0.1 },
  );

  test('has parts that make its score: what is added, times all factors', () => {
    for (const { score, parts } of found) {
      const added = parts.reduce((sum, part) => sum + ('adds' in part ? part.adds : 0), 0);
      const factors = parts.reduce((product, part) => product * ('multiplies' in part ? part.multiplies : 1), 1);
      expect(added * factors).toBeCloseTo(score, 10);
    }
  });

  test.each([
    ['questions', 'retry a failed payment', 0.4],
    ['bare symbols', 'retryPayment', 0.2],
  ])('gains by the other candidates of its file, in shares for %s', (_, query, share) => {
    const [first] = ranked(query, [
      candidate('src/payment.go', { similarity: 0.9, bm25: 4 }, ['retryPayment']),
      candidate('src/payment.go', { similarity: 0.7, bm25: 5 }, [], 20),
    ]);
    const adds = (first?.parts ?? []).flatMap((part) => ('adds' in part ? [part] : []));
    const own = adds.filter(({ signal }) => ['vector', 'bm25', 'definition', 'names'].includes(signal));
    const best = own.reduce((sum, part) => sum + part.adds, 0);
    expect(adds.find(({ signal }) => signal === 'coherence')?.adds).toBeCloseTo(best * share, 10);
  });

  test('names the signals that took part, and no others', () => {
    const signals = found.map(({ parts }) => parts.map(({ signal }) => signal));
    expect(signals[0]).toEqual(['vector', 'bm25', 'names', 'path', 'coherence', 'fileMean']);
    expect(signals.find((names) => names.includes('repeatedFile'))).toContain('withinFile');
    expect(signals.flat()).toContain('tests');
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
    expect(cache.statistics()).toEqual({ hits: 3, misses: 1, invalidations: 0, evictions: 1, size: 2, maxSize: 2 });
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
