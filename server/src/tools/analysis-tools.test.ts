/** Decides whether the tools about whole codebases page their answers, narrow them as asked, and say what to do when nothing is found. */
import { describe, expect, test } from 'vitest';
import type { DuplicatesAnswer, FileFacts, ImprovementsAnswer } from '../analysis/port.ts';
import type { Engine } from '../engine.ts';
import { testServices } from '../testing/assemble.ts';
import { createStubAnalysis } from '../testing/stub-analysis.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { answerBudget } from './budget.ts';
import { registry } from './registry.ts';
import { createToolRunner } from './run.ts';

async function run(name: string, args: Record<string, unknown>, engine: Engine = createStubEngine()) {
  const tool = registry.find((candidate) => candidate.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  const answer = await createToolRunner(testServices(engine), () => {})(tool, args, {
    signal: new AbortController().signal,
  });
  return { text: answer.content[0].text, isError: answer.isError, data: answer.structuredContent ?? {} };
}

const provenance = { version: 'shop@g1.1', tookMs: 1 };
const facts = (path: string, lines: number, language = 'go'): FileFacts => {
  return { path, language, sizeBytes: lines * 10, lines, codeLines: lines - 2, commentLines: 1, blankLines: 1 };
};
const engineWith = (overrides: Partial<Engine['analysis']>): Engine =>
  createStubEngine({ analysis: { ...createStubAnalysis('shop', {}), ...overrides } });
const engineOf = (files: FileFacts[]) => engineWith({ files: async () => ({ files, ...provenance }) });

describe('list_files', () => {
  const engine = engineOf([
    facts('a/b/c/deep.go', 30),
    facts('a/x.go', 10),
    facts('a/y.md', 20, 'markdown'),
    facts('top.go', 5),
  ]);

  test.each([
    ['path', ['a/b/c/deep.go', 'a/x.go', 'a/y.md', 'top.go']],
    ['lines', ['a/b/c/deep.go', 'a/y.md', 'a/x.go', 'top.go']],
    ['size', ['a/b/c/deep.go', 'a/y.md', 'a/x.go', 'top.go']],
  ])('by %s', async (order, expected) => {
    const { data } = await run('list_files', { codebase_path: 'shop', order_by: order }, engine);
    expect((data.files as { file_path: string }[]).map(({ file_path }) => file_path)).toEqual(
      expected.map((path) => `shop/${path}`),
    );
  });

  test.each([
    [1, 'a/  (3 files, 60 lines)\ntop.go  (5 lines)'],
    [2, 'a/\n  b/c/  (1 files, 30 lines)\n  x.go  (10 lines)\n  y.md  (20 lines)\ntop.go  (5 lines)'],
    [3, 'a/\n  b/c/\n    deep.go  (30 lines)\n  x.go  (10 lines)\n  y.md  (20 lines)\ntop.go  (5 lines)'],
  ])('as a tree of depth %i', async (depth, expected) => {
    expect((await run('list_files', { codebase_path: 'shop', view: 'tree', max_depth: depth }, engine)).data.tree).toBe(
      expected,
    );
  });

  test.each([
    [1, 'a/\n  b/c/\n    deep.go  (30 lines)'],
    [2, 'a/\n  b/c/\n    deep.go  (30 lines)'],
    [3, 'a/\n  x.go  (10 lines)'],
    [5, 'top.go  (5 lines)'],
  ])('a page of the tree from line %i on begins with the directories around it', async (offset, expected) => {
    const args = { codebase_path: 'shop', view: 'tree', limit: offset === 1 ? 2 : 1, offset };
    expect((await run('list_files', args, engine)).data.tree).toBe(expected);
  });

  test.each([
    [{}, 'Files in all: 4; offset 9 is behind the last one.'],
    [{ view: 'tree' }, 'Lines of the tree in all: 6; offset 9 is behind the last one.'],
  ])('a page %o behind the last one says so', async (args, expected) => {
    const { data } = await run('list_files', { codebase_path: 'shop', offset: 9, ...args }, engine);
    expect(data).toMatchObject({ truncated: false, message: expect.stringContaining(expected) });
  });

  test('[server.bounded-answers] page by page, each file once', async () => {
    const files = Array.from({ length: 2500 }, (_, i) =>
      facts(`dir/${'x'.repeat(30)}${String(i).padStart(4, '0')}.go`, 3),
    );
    const seen: string[] = [];
    let offset: number | undefined = 0;
    while (offset !== undefined) {
      const { data, text } = await run('list_files', { codebase_path: 'shop', limit: 2000, offset }, engineOf(files));
      expect(text.length).toBeLessThan(answerBudget * 1.1);
      seen.push(...(data.files as { file_path: string }[]).map(({ file_path }) => file_path));
      offset = data.next_offset as number | undefined;
      expect(data.truncated).toBe(offset !== undefined);
    }
    expect(seen).toEqual(files.map(({ path }) => `shop/${path}`));
  });

  test('nothing found says what to do', async () => {
    const { data } = await run('list_files', { codebase_path: 'shop', path_globs: ['*.zig'] }, engineOf([]));
    expect(data).toMatchObject({ total_files: 0, truncated: false, message: expect.stringContaining('"*.ts"') });
  });
});

describe('count_lines_of_code', () => {
  test('[analysis.lines] sums up by language, kind and directory', async () => {
    const engine = engineOf([
      facts('src/a/x.go', 12),
      facts('src/a/y.ts', 22, 'typescript'),
      facts('src/b/z.go', 32),
      facts('src/c.json', 102, 'json'),
    ]);
    const { data } = await run('count_lines_of_code', { codebase_path: 'shop', by_directory: true }, engine);
    expect(data).toMatchObject({
      total: { files: 4, total_lines: 168, code_lines: 160, comment_lines: 4, blank_lines: 4 },
      by_kind: { code: { files: 3, code_lines: 60 }, data: { files: 1, code_lines: 100 }, prose: { files: 0 } },
      languages: [
        { language: 'go', kind: 'code', code_lines: 40, percent: 66.7 },
        { language: 'typescript', code_lines: 20, percent: 33.3 },
        { language: 'json', kind: 'data', percent: 100 },
      ],
      directories: [{ directory: './' }, { directory: 'src/a/' }, { directory: 'src/b/' }],
    });
  });
});

describe('find_duplicate_code', () => {
  const answer: DuplicatesAnswer = {
    groups: [
      {
        similarity: 0.99999,
        lines: 20,
        occurrences: Array.from({ length: 15 }, (_, i) => ({
          path: `f${i}.go`,
          startLine: 1,
          endLine: 20,
          symbols: i === 0 ? ['a'] : [],
        })),
      },
    ],
    totalGroups: 1,
    filesCompared: 20,
    duplicatedLines: 300,
    comparedLines: 1000,
    complete: true,
    ...provenance,
  };

  test('a group of many tells some and counts the rest; nearly 1 is not rounded up', async () => {
    const { data } = await run(
      'find_duplicate_code',
      { codebase_path: 'shop' },
      engineWith({ duplicates: async () => answer }),
    );
    expect(data).toMatchObject({ duplicated_percent: 30, groups: [{ similarity: 0.999, more_occurrences: 3 }] });
    const [group] = data.groups as { occurrences: object[] }[];
    expect(group?.occurrences[0]).toEqual({ file_path: 'shop/f0.go', start_line: 1, end_line: 20, symbols: ['a'] });
    expect(group?.occurrences[1]).not.toHaveProperty('symbols');
  });

  test('groups that are not kept are told on the last page', async () => {
    const many = { ...answer, totalGroups: 9000 };
    const { data } = await run(
      'find_duplicate_code',
      { codebase_path: 'shop' },
      engineWith({ duplicates: async () => many }),
    );
    expect(data).toMatchObject({ truncated: false, message: expect.stringContaining('first 1 of 9000') });
  });

  test('none says how to find more', async () => {
    const none = { ...answer, groups: [], totalGroups: 0 };
    const { data } = await run(
      'find_duplicate_code',
      { codebase_path: 'shop' },
      engineWith({ duplicates: async () => none }),
    );
    expect(data.message).toMatch(/No 10 lines of 20 files are 0\.8 alike\. Lower min_similarity/);
  });

  test.each([{ min_similarity: 0.2 }, { min_lines: 1 }, { codebase_path: 'none' }])('%j is refused', async (args) => {
    expect((await run('find_duplicate_code', { codebase_path: 'shop', ...args })).isError).toBe(true);
  });
});

describe('get_dependencies_overview', () => {
  const engine = createStubEngine({
    analysis: createStubAnalysis('shop', {
      'src/a.ts': "import { b } from './b.ts';\nimport { z } from 'zod/v4';\n",
      'src/b.ts': "import fs from 'node:fs';\n",
      'src/c.ts': "import { b } from './b.ts';\n",
    }),
  });

  test('[analysis.dependencies] the overview first, then files', async () => {
    const { data } = await run('get_dependencies_overview', { codebase_path: 'shop', limit: 1 }, engine);
    expect(data).toMatchObject({
      totals: { internal: { imports: 2, modules: 1 }, third_party: { imports: 1 }, standard_library: { imports: 1 } },
      most_used: { internal: [{ name: 'src/b.ts', files: 2 }], third_party: [{ name: 'zod' }] },
      files: [{ file_path: 'shop/src/a.ts', internal: ['src/b.ts'], third_party: ['zod'] }],
      total_files: 3,
      next_offset: 1,
    });
    const next = await run('get_dependencies_overview', { codebase_path: 'shop', limit: 5, offset: 1 }, engine);
    expect(next.data).not.toHaveProperty('most_used');
    expect(next.data.files).toHaveLength(2);
  });

  test.each([
    ['zod', ['shop/src/a.ts']],
    ['src/b.ts', ['shop/src/a.ts', 'shop/src/c.ts']],
    ['fs', ['shop/src/b.ts']],
    ['./b', []],
    ['b.ts', ['shop/src/a.ts', 'shop/src/c.ts']],
    ['src.b', ['shop/src/a.ts', 'shop/src/c.ts']],
    ['f', []],
  ])('files that import %s', async (module, expected) => {
    const { data } = await run('get_dependencies_overview', { codebase_path: 'shop', module }, engine);
    expect((data.files as { file_path: string }[]).map(({ file_path }) => file_path)).toEqual(expected);
    if (expected.length === 0) expect(data.message).toContain(`No file imports "${module}"`);
  });
});

describe('analyze_codebase_improvements', () => {
  const answer: ImprovementsAnswer = {
    files: 3,
    functions: 4,
    exported: 10,
    documented: 7,
    counts: { todo: 2, undocumented: 0, long_file: 1, complex_function: 0, long_function: 0, duplicate_code: 0 },
    improvements: [
      { kind: 'long_file', priority: 'high', path: 'a.go', line: 1, endLine: 4000, message: 'long' },
      { kind: 'todo', priority: 'medium', path: 'b.go', line: 3, message: 'FIXME' },
      { kind: 'todo', priority: 'low', path: 'a.go', line: 9, message: 'TODO' },
    ],
    ...provenance,
  };
  const places = async (args: object) => {
    const { data } = await run(
      'analyze_codebase_improvements',
      { codebase_path: 'shop', ...args },
      engineWith({ improvements: async () => answer }),
    );
    return (data.suggestions as { file_path: string; line: number }[]).map(
      ({ file_path, line }) => `${file_path}:${line}`,
    );
  };

  test.each([
    [{}, ['shop/a.go:1', 'shop/b.go:3', 'shop/a.go:9']],
    [{ kinds: ['todo'] }, ['shop/b.go:3', 'shop/a.go:9']],
    [{ min_priority: 'medium' }, ['shop/a.go:1', 'shop/b.go:3']],
    [{ offset: 2 }, ['shop/a.go:9']],
    [{ kinds: ['duplicate_code'] }, []],
  ])('%j', async (args, expected) => {
    expect(await places(args)).toEqual(expected);
  });

  test('the summary counts everything', async () => {
    const { data } = await run(
      'analyze_codebase_improvements',
      { codebase_path: 'shop', kinds: ['todo'] },
      engineWith({ improvements: async () => answer }),
    );
    expect(data.summary).toMatchObject({ files: 3, documented_percent: 70, counts: { long_file: 1, todo: 2 } });
  });
});
