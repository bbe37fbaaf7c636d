/** Decides whether targets are judged as they read, and whether a missed one is told. */
import { describe, expect, test } from 'vitest';
import { renderTable } from './table.ts';
import { judge, type Target, targets, verdictTable } from './targets.ts';

const target = (is: Target['is'], bound: number | string): Target => ({
  figure: 'a.figure',
  what: 'a figure',
  is,
  bound,
  unit: 'ms',
  source: 'design',
});
const verdictOf = (measured: number, one: Target, more: Record<string, number> = {}) =>
  judge({ 'a.figure': measured, ...more }, [one])[0]?.pass;

describe('a target', () => {
  test.each([
    ['<', 9, 10, true],
    ['<', 10, 10, false],
    ['<=', 10, 10, true],
    ['<=', 11, 10, false],
    ['>', 11, 10, true],
    ['>', 10, 10, false],
    ['>=', 10, 10, true],
    ['>=', 9, 10, false],
    ['=', 0, 0, true],
    ['=', 1, 0, false],
    ['<', Number.NaN, 10, false],
    ['>', Number.NaN, 10, false],
  ] as const)('%s: %d measured against %d holds: %s', (is, measured, bound, pass) => {
    expect(verdictOf(measured, target(is, bound))).toBe(pass);
  });

  test('may be another figure of the same run', () => {
    expect(verdictOf(2, target('>', 'a.rival'), { 'a.rival': 1 })).toBe(true);
    expect(verdictOf(2, target('>', 'a.rival'), { 'a.rival': 3 })).toBe(false);
  });

  test('of a figure that was not measured is not judged', () => {
    expect(judge({}, [target('<', 1)])).toEqual([]);
    expect(judge({ 'a.figure': 1 }, [target('<', 'a.rival')])).toEqual([]);
  });
});

test('[runbook-3.1] the targets of the section are judged', () => {
  const figures = {
    'index.files_per_second': 4,
    'index.peak_rss_mb': 400,
    'search.mean_ms': 1999,
    'search.p95_ms': 5001,
  };
  const verdicts = judge(figures).filter(({ source }) => source === 'runbook 3.1');
  expect(verdicts.map(({ figure, pass }) => [figure, pass])).toEqual([
    ['index.files_per_second', false],
    ['index.peak_rss_mb', true],
    ['search.mean_ms', true],
    ['search.p95_ms', false],
  ]);
});

test('a table names the bound, the measured value and the verdict', () => {
  const table = verdictTable(judge({ 'a.figure': 12.345 }, [target('<', 10)]));
  expect(renderTable(table)).toBe(
    [
      '| target                    | measured | pass |',
      '| ------------------------- | -------: | ---- |',
      '| a figure < 10 ms (design) |    12.35 | FAIL |',
    ].join('\n'),
  );
});

test('no target is listed twice', () => {
  const keys = targets.map(({ figure, is, bound }) => `${figure} ${is} ${bound}`);
  expect(new Set(keys).size).toBe(keys.length);
});
