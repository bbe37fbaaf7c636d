/** Decides whether the page of benchmarks shows what was recorded, and nothing written by hand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type BenchRecord, readRecords, tablesOf, withRecord, withTables } from './page.ts';

const record = (bench: string, figures: BenchRecord['figures'] = {}): BenchRecord => ({
  bench,
  measured: '2026-01-02',
  machine: { cores: 2, memory: 16e9 },
  figures,
});

test('a new run takes the place of the earlier one, in a fixed order', () => {
  const records = [record('index'), record('search')];
  const after = withRecord(records, record('index', { 'index.files': 1 }));
  expect(after).toEqual([record('index', { 'index.files': 1 }), record('search')]);
});

test('tables are written between their markers; words and unknown markers stay', () => {
  const page = 'a\n<!-- table one -->\nold\n<!-- end -->\nb\n<!-- table two -->\nkept\n<!-- end -->\n';
  const table = { name: 'one', columns: ['x'], rows: [['$1']] };
  const once = withTables(page, [table, { ...table, name: 'three' }]);
  expect(once).toBe(
    'a\n<!-- table one -->\n\n| x   |\n| --- |\n| $1  |\n\n<!-- end -->\nb\n<!-- table two -->\nkept\n<!-- end -->\n',
  );
  expect(withTables(once, [table])).toBe(once);
});

test('the targets are judged over the figures of all runs', () => {
  const tables = tablesOf([record('index', { 'index.noop_writes': 0 }), record('search', { 'search.p50_ms': 11 })]);
  const rows = tables.find(({ name }) => name === 'targets')?.rows ?? [];
  expect(rows.map((row) => row.slice(1))).toEqual([
    [0, 'pass'],
    [11, 'FAIL'],
  ]);
});

test('a benchmark without contenders shows its figures, and what was not measured as a dash', () => {
  const tables = tablesOf([record('latency', { 'latency.one_p50_ms': 5, 'latency.one_p95_ms': null })]);
  expect(tables.find(({ name }) => name === 'latency')?.rows).toEqual([
    ['latency.one_p50_ms', 5],
    ['latency.one_p95_ms', Number.NaN],
  ]);
});

test('docs/benchmarks.md shows the recorded runs: hack/bench/all --write makes it so', () => {
  const docs = join(import.meta.dirname, '..', '..', 'docs');
  const page = readFileSync(join(docs, 'benchmarks.md'), 'utf8');
  const records = readRecords(readFileSync(join(docs, 'benchmarks.jsonl'), 'utf8'));
  expect(withTables(page, tablesOf(records))).toBe(page);
});
