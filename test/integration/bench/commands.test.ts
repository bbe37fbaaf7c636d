/** Decides whether the benchmark commands run from nothing to their table and JSON line, on a tree of a few files. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

const run = promisify(execFile);
const bench = path.resolve(import.meta.dirname, '../../../hack/bench');
const reportSchema = z.object({
  bench: z.string(),
  machine: z.object({ cores: z.number(), memory: z.number() }),
  figures: z.record(z.string(), z.number().nullable()),
  tables: z.array(z.object({ name: z.string(), rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))) })),
});

let tree: string;

beforeAll(async () => {
  tree = await mkdtemp(path.join(tmpdir(), 'codesage-bench-tree-'));
  await mkdir(path.join(tree, 'shop'));
  const words = ['payment', 'cart', 'customer', 'invoice', 'delivery', 'voucher'];
  for (const word of words) {
    const text = [
      'package shop',
      '',
      `// keeps the state of one ${word} until the order is complete`,
      `func Keep${word[0]?.toUpperCase()}${word.slice(1)}(state int) error {`,
      '\treturn nil',
      '}',
      '',
    ];
    await writeFile(path.join(tree, 'shop', `${word}.go`), text.join('\n'));
  }
});
afterAll(() => rm(tree, { recursive: true, force: true }));

async function runBench(name: string) {
  const { stdout } = await run(process.execPath, [path.join(bench, `${name}.ts`), tree], { maxBuffer: 1 << 24 });
  const lines = stdout.trimEnd().split('\n');
  const report = reportSchema.parse(JSON.parse(lines.at(-1) ?? ''));
  const contenders = (table: string) => report.tables.find((each) => each.name === table)?.rows.map(([row]) => row);
  return { stdout, report, contenders };
}

// The first run of a machine installs the contenders.
const limit = 300_000;

test('[runbook-3.1-benchmarks] hack/bench/index measures codesage and semble on the same files, and judges the targets', {
  timeout: limit,
}, async () => {
  const { stdout, report, contenders } = await runBench('index');
  expect(contenders('index')).toEqual(['codesage', 'semble 0.7.0', 'semble 0.7.0, a process a core']);
  expect(report).toMatchObject({ bench: 'index', figures: { 'index.files': 6, 'index.noop_writes': 0 } });
  for (const figure of ['files_per_second', 'semble_ratio', 'one_file_visible_seconds', 'changed1pct_seconds'])
    expect([figure, report.figures[`index.${figure}`]]).toEqual([figure, expect.any(Number)]);
  expect(stdout).toMatch(/indexing speed > 5 files\/s \(runbook 3\.1\) +\| +[\d.,]+ \| (pass|FAIL)/);
});

test('[runbook-3.1-benchmarks] hack/bench/search measures searches beside semble, a plain BM25 and ripgrep', {
  timeout: limit,
}, async () => {
  const { report, contenders } = await runBench('search');
  expect(contenders('search')).toEqual(
    expect.arrayContaining(['codesage, fused', 'semble 0.7.0', 'bm25s 0.3.16, a plain BM25']),
  );
  const exact = report.tables.find(({ name }) => name === 'exact')?.rows ?? [];
  expect(exact.length).toBeGreaterThan(3);
  for (const [what, ours, ripgrep] of exact) expect([what, ours]).toEqual([what, ripgrep]);
  for (const figure of ['p50_ms', 'p95_ms', 'ripgrep_ratio', 'vector_recall50'])
    expect([figure, report.figures[`search.${figure}`]]).toEqual([figure, expect.any(Number)]);
});
