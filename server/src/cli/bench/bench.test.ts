/** Decides whether a live benchmark asks what it should, bounds itself, and judges what it measured. */
import { describe, expect, test } from 'vitest';
import type { AdminStatus } from '../../contract.ts';
import { type Call, runLoad } from './load.ts';
import { renderTargets, renderTools } from './render.ts';
import { argumentsFor, samplesFrom } from './samples.ts';
import { cacheCounts, figuresFrom, hitRateBetween, metricValues } from './server-figures.ts';
import { callFigures, percentile, summarize } from './summary.ts';
import { type BenchFigures, benchTargets, judgeBench } from './targets.ts';

describe('targets', () => {
  const good: Required<BenchFigures> = {
    indexFilesPerSecond: 6,
    searchMeanMs: 1999,
    searchP95Ms: 4999,
    indexingPeakMb: 499,
    cacheHitRate: 0.71,
    fastShare: 0.91,
    memoryShare: 0.79,
    errorRate: 0.009,
  };
  const bad: Required<BenchFigures> = {
    indexFilesPerSecond: 5,
    searchMeanMs: 2000,
    searchP95Ms: 5000,
    indexingPeakMb: 500,
    cacheHitRate: 0.7,
    fastShare: 0.9,
    memoryShare: 0.8,
    errorRate: 0.01,
  };

  test.each(benchTargets.map(({ figure, what }) => [what, figure] as const))(
    '[runbook-3.1-live] %s passes below its bound and fails at it',
    (_, figure) => {
      const verdictOf = (figures: BenchFigures) => judgeBench(figures).find((one) => one.figure === figure)?.verdict;
      expect(verdictOf({ [figure]: good[figure] })).toBe('pass');
      expect(verdictOf({ [figure]: bad[figure] })).toBe('FAIL');
      expect(verdictOf({})).toBe('not measured');
    },
  );
});

describe('samples', () => {
  const samples = samplesFrom(
    ['shop'],
    [{ file_path: 'shop/a.go', line_content: '  // Retry the payment after a pause' }],
    [
      { file_path: 'shop/b.go', line_content: 'func RetryPayment(attempt int) {' },
      { file_path: 'shop/a.go', line_content: 'func fillCart() {' },
      { file_path: 'shop/c.go', line_content: 'func fillCart() {' },
    ],
  );

  test('are sentences of comments, names of functions, and the file that has each', () => {
    expect(samples).toEqual({
      codebases: ['shop'],
      histories: [],
      files: ['shop/b.go', 'shop/a.go'],
      words: ['RetryPayment', 'fillCart'],
      questions: ['Retry the payment after a pause'],
    });
  });

  test('are made up where the code has none', () => {
    const { questions, words } = samplesFrom(['shop'], [], []);
    const comment = { file_path: 'shop/notes.sql', line_content: '-- prices of all the carts' };
    expect(samplesFrom(['shop'], [comment, comment], []).files).toEqual(['shop/notes.sql']);
    expect(questions.length).toBeGreaterThan(0);
    expect(words.length).toBeGreaterThan(0);
  });

  const tool = (...required: string[]) => ({ name: 'x', inputSchema: { properties: {}, required } });

  test('fill the required arguments of a tool, others for each call', () => {
    expect(argumentsFor(tool('codebase_path', 'query'), samples, 0)).toEqual({
      codebase_path: 'shop',
      query: 'Retry the payment after a pause',
    });
    expect([0, 1, 2].map((number) => argumentsFor(tool('file_path'), samples, number))).toEqual([
      { file_path: 'shop/b.go' },
      { file_path: 'shop/a.go' },
      { file_path: 'shop/b.go' },
    ]);
    expect(argumentsFor(tool(), samples, 0)).toEqual({});
    const inputSchema = { properties: { function_name: {}, limit: {} }, required: ['file_path'] };
    expect(argumentsFor({ name: 'x', inputSchema }, samples, 1)).toEqual({
      file_path: 'shop/a.go',
      function_name: 'fillCart',
    });
  });

  test('a tool with an argument that nobody knows is left out', () => {
    expect(argumentsFor(tool('codebase_path', 'moon_phase'), samples, 0)).toBeUndefined();
    const listCommits = { ...tool('codebase_path'), name: 'list_commits' };
    expect(argumentsFor(listCommits, samples, 0)).toBeUndefined();
    expect(argumentsFor(listCommits, { ...samples, histories: ['shop'] }, 5)).toEqual({ codebase_path: 'shop' });
    expect(argumentsFor(tool('file_path'), { ...samples, files: [] }, 0)).toBeUndefined();
  });
});

describe('load', () => {
  const calls: Call[] = Array.from({ length: 10 }, (_, i) => ({ tool: `t${i}`, args: {} }));

  test('so many calls at a time, all of them, in order', async () => {
    let [running, most] = [0, 0];
    const make = async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
    };
    const timings = await runLoad(calls, make, { concurrency: 3, deadline: 1, now: () => 0 });
    expect(most).toBe(3);
    expect(timings.map(({ tool }) => tool)).toEqual(calls.map(({ tool }) => tool));
  });

  test('after the deadline no call is begun', async () => {
    let clock = 0;
    const make = async () => {
      clock += 10;
    };
    const timings = await runLoad(calls, make, { concurrency: 1, deadline: 25, now: () => clock });
    expect(timings.map(({ ms }) => ms)).toEqual([10, 10, 10]);
  });

  test('a failed call is counted with its message, and the others go on', async () => {
    const make = async ({ tool }: Call) => {
      if (tool === 't1') throw new Error('no such file');
    };
    const timings = await runLoad(calls, make, { concurrency: 2, deadline: 1, now: () => 0 });
    expect(timings).toHaveLength(10);
    expect(timings.filter(({ error }) => error !== undefined)).toEqual([{ tool: 't1', ms: 0, error: 'no such file' }]);
  });
});

describe('summary', () => {
  const cold = [
    { tool: 'search_codebase', ms: 40 },
    { tool: 'semantic_search_codebase', ms: 160 },
    { tool: 'search_codebase', ms: 5, error: 'x' },
  ];
  const warm = [{ tool: 'read_code_file', ms: 1 }];

  test('one row a tool; failures are counted and not timed', () => {
    expect(summarize(cold, warm)).toMatchObject([
      { tool: 'search_codebase', cold: { calls: 2, errors: 1, p50: 40, max: 40 }, warm: { calls: 0 } },
      { tool: 'semantic_search_codebase', cold: { calls: 1, errors: 0, p95: 160 } },
      { tool: 'read_code_file', cold: { calls: 0 }, warm: { calls: 1, p50: 1 } },
    ]);
  });

  test('searches are judged by their first pass, speed and errors by all calls', () => {
    expect(callFigures(cold, warm)).toEqual({ errorRate: 0.25, fastShare: 0.5, searchMeanMs: 100, searchP95Ms: 160 });
    expect(callFigures([], [])).toEqual({});
  });

  test.each([
    [[], Number.NaN],
    [[3], 3],
    [[5, 1, 4, 2, 3], 3],
  ])('the middle of %j is %d', (values, expected) => expect(percentile(values, 0.5)).toBe(expected));
});

describe('figures of the server', () => {
  const metrics = (runs: number, embedded: number) =>
    [
      '# HELP codesage_index_files Files in the published index.',
      'codesage_index_files{codebase="a"} 100',
      'codesage_index_files{codebase="b"} 50',
      'codesage_index_chunks{codebase="a"} 700',
      'codesage_index_chunks{codebase="b"} 300',
      `codesage_embedded_chunks_total ${embedded}`,
      'codesage_index_duration_seconds_sum{codebase="a"} 1',
      'codesage_index_duration_seconds_sum{codebase="b"} 2',
      `codesage_index_duration_seconds_count{codebase="a"} ${runs - 1}`,
      'codesage_index_duration_seconds_count{codebase="b"} 1',
      'process_resident_memory_bytes 2.5e+08',
      'codesage_memory_limit_bytes 1e+09',
    ].join('\n');
  const status = { memory: { peakRssBytes: 400 * 1024 * 1024 } } as AdminStatus;

  test('of one that has just indexed: speed, most memory, memory in use', () => {
    expect(figuresFrom(metrics(2, 1000), status)).toEqual({
      memoryShare: 0.25,
      indexFilesPerSecond: 50,
      indexingPeakMb: 400,
    });
  });

  test('no speed after later runs, and neither speed nor peak of one that found its index', () => {
    expect(figuresFrom(metrics(9, 1000), status)).toEqual({ memoryShare: 0.25, indexingPeakMb: 400 });
    expect(figuresFrom(metrics(2, 0), status)).toEqual({ memoryShare: 0.25 });
    expect(figuresFrom('', undefined)).toEqual({});
  });

  test('a metric has one value a series, and none of another name', () => {
    expect(metricValues(metrics(2, 0), 'codesage_index_files')).toEqual([100, 50]);
    expect(metricValues(metrics(2, 0), 'codesage_index')).toEqual([]);
  });

  test('the hit rate is that of the lookups in between', () => {
    const answer = (hits: number, misses: number) => ({
      statistics: { hits: { search: hits, file: 0 }, misses: { search: misses, file: 1 } },
    });
    expect(hitRateBetween(cacheCounts(answer(5, 10)), cacheCounts(answer(14, 11)))).toEqual({ cacheHitRate: 0.9 });
    expect(hitRateBetween(cacheCounts(answer(5, 10)), cacheCounts(answer(5, 10)))).toEqual({});
  });
});

test('tables say what was not measured, and what it needs', () => {
  const timing = { tool: 'read_code_file', ms: 1.234 };
  expect(renderTools(summarize([timing], [timing]))).toContain('read_code_file      2       0         1.23');
  const text = renderTargets(judgeBench({ errorRate: 0.5 }));
  expect(text).toMatch(/failed calls < 0\.01 +0\.5 {2}FAIL/);
  expect(text).toMatch(/memory in use over its limit < 0\.8 +– {2}not measured \(needs --internal-url\)/);
});
