/** Decides whether marks in comments, suggestions, related files and bytes between threads are what they should be. */
import { describe, expect, test } from 'vitest';
import { cellsOf, fileRows, syntaxRows } from '../testing/stub-analysis.ts';
import { AnalysisThread } from './analysis-thread.ts';
import { DependencyAnalyzer } from './dependencies.ts';
import { DuplicateAnalyzer } from './duplicate-analyzer.ts';
import { ImprovementAnalyzer } from './improvements.ts';
import { counterpartsOf, RelationAnalyzer } from './related-files.ts';
import { findTodos } from './todo-comments.ts';
import type { Batch } from './worker-protocol.ts';

describe('findTodos', () => {
  const todos = (language: string, text: string) => {
    const bytes = new TextEncoder().encode(text);
    return findTodos(bytes, 0, bytes.length, language).map(({ mark, line, text: said }) => `${line} ${mark} ${said}`);
  };

  test.each<[string, string, string, string[]]>([
    ['a mark in a comment', 'go', 'x := 1\n// TODO(ann): mend it\n', ['2 TODO TODO(ann): mend it']],
    ['each line of a block', 'c', '/* FIXME a\n * b\n * HACK c */\nint x;\n', ['1 FIXME FIXME a', '3 HACK HACK c']],
    ['a mark in a string or a name is none', 'typescript', 'const TODO = "FIXME";\nTODO();\n', []],
    ['a mark inside a word is none', 'python', '# TODOS, my_TODO, todo, DEBUG, X-TODO-X\n', []],
    ['a docstring', 'python', 'def f():\n    """TODO: say more"""\n', ['2 TODO TODO: say more']],
    ['markup', 'html', '<p>TODO</p>\n<!-- TODO here -->\n', ['2 TODO TODO here']],
    ['data without comments', 'text', 'TODO\n', []],
  ])('%s', (_name, language, text, expected) => {
    expect(todos(language, text)).toEqual(expected);
  });
});

describe('ImprovementAnalyzer', () => {
  const branches = (count: number) =>
    Array.from({ length: count }, (_, i) => `  if (x === ${i}) return ${i};`).join('\n');
  const files = {
    'src/big.ts': `// FIXME wrong\n${'export const a = 1;\n'.repeat(1200)}`,
    'src/maze.ts': `/** Said. */\nexport function maze(x: number) {\n${branches(60)}\n  return -1;\n}\n`,
    'src/maze.test.ts': `function mazeTest(x: number) {\n${branches(60)}\n  return -1;\n}\n`,
    'src/bare.ts': 'export function bare() {}\nfunction inner() {}\nexport class Thing {\n  go() {}\n}\n',
    'data/list.json': '1\n'.repeat(5000),
  };
  const limits = { maxFileLines: 500, maxComplexity: 10, maxFunctionLines: 100 };

  test('[analysis.improvements] what matters most comes first, tests after what they test', async () => {
    const analyzer = new ImprovementAnalyzer({ job: 'improvements', ...limits }, () => true);
    analyzer.add('files', fileRows(files));
    analyzer.add('definitions', (await syntaxRows(files)).definitions);
    const { improvements, counts, ...summary } = analyzer.finish();
    expect(improvements.map(({ kind, priority, path, line }) => [kind, priority, `${path}:${line}`])).toEqual([
      ['complex_function', 'high', 'src/maze.ts:2'],
      ['complex_function', 'medium', 'src/maze.test.ts:1'],
      ['long_file', 'medium', 'src/big.ts:1'],
      ['todo', 'medium', 'src/big.ts:1'],
      ['undocumented', 'low', 'src/bare.ts:1'],
    ]);
    expect(improvements[0]).toMatchObject({ symbol: 'maze', endLine: 64, message: expect.stringContaining('61') });
    expect(improvements[4]?.message).toMatch(/^3 without a doc comment .*bare, Thing, Thing\.go\.$/);
    expect(counts).toMatchObject({ todo: 1, long_file: 1, complex_function: 2, undocumented: 1, duplicate_code: 0 });
    expect(summary).toEqual({ files: 5, functions: 5, exported: 4, documented: 1 });
  });

  test('duplicates are told where they are asked for', () => {
    const text = `${Array.from({ length: 30 }, (_, i) => `call${i}(value${i}, other${i * 7}) && more${i}.part;`).join('\n')}\n`;
    const analyzer = new ImprovementAnalyzer(
      { job: 'improvements', ...limits, duplicates: { minSimilarity: 0.9, minLines: 20 } },
      () => true,
    );
    analyzer.add('files', fileRows({ 'a.ts': text, 'b.ts': text }));
    expect(analyzer.finish().improvements).toMatchObject([
      {
        kind: 'duplicate_code',
        path: 'a.ts',
        line: 1,
        endLine: 30,
        message: expect.stringContaining('100 % alike, again at b.ts:1-30'),
      },
    ]);
  });
});

describe('DuplicateAnalyzer', () => {
  const text = `${Array.from({ length: 30 }, (_, i) => `call${i}(value${i}, other${i * 7}) && more${i}.part;`).join('\n')}\n`;

  test('[analysis.duplicates] tells paths, lines and definitions, and compares code only', () => {
    const analyzer = new DuplicateAnalyzer({ minSimilarity: 0.8, minLines: 10 }, (path) => !path.includes('skip'));
    analyzer.add(
      'files',
      fileRows({ 'a.ts': text, 'b.ts': `x();\n${text}`, 'skip.ts': text, 'a.md': text, 'a.json': text }),
    );
    analyzer.add('definitions', cellsOf([{ path: 'b.ts', name: 'around', kind: 'function', line: 1, end_line: 40 }]));
    expect(analyzer.finish()).toEqual({
      groups: [
        {
          similarity: 1,
          lines: 30,
          occurrences: [
            { path: 'a.ts', startLine: 1, endLine: 30, symbols: [] },
            { path: 'b.ts', startLine: 2, endLine: 31, symbols: ['around'] },
          ],
        },
      ],
      totalGroups: 1,
      filesCompared: 2,
      duplicatedLines: 60,
      comparedLines: 61,
      complete: true,
    });
  });
});

test('[analysis.dependencies] imports add up by origin, language, module and file, beside what is declared', async () => {
  const files = {
    'package.json': '{"name": "shop", "dependencies": {"zod": "4", "left": "1"}}',
    'src/a.ts': "import { b } from './b.ts';\nimport { z } from 'zod';\nimport fs from 'node:fs';\n",
    'src/b.ts': "import { z } from 'zod/v4';\nexport const b = z;\n",
    'tool.py': 'import os\nimport numpy as np\n',
  };
  const analyzer = new DependencyAnalyzer(
    { job: 'dependencies', paths: Object.keys(files) },
    (path) => path !== 'skip',
  );
  analyzer.add('manifests', cellsOf([{ path: 'package.json', text: files['package.json'] }]));
  analyzer.add('imports', (await syntaxRows(files)).imports);
  const { totals, byLanguage, used, declared, files: told } = analyzer.finish();
  expect(totals).toEqual({
    internal: { imports: 1, modules: 1 },
    standard_library: { imports: 2, modules: 2 },
    third_party: { imports: 3, modules: 2 },
    unresolved: { imports: 0, modules: 0 },
  });
  expect(byLanguage.map(({ language, files: count }) => [language, count])).toEqual([
    ['typescript', 2],
    ['python', 1],
  ]);
  expect(used.third_party[0]).toEqual({ name: 'zod', language: 'typescript', imports: 2, files: 2 });
  expect(declared.map(({ name, files: count }) => [name, count])).toEqual([
    ['zod', 2],
    ['left', 0],
  ]);
  expect(told[0]).toMatchObject({
    path: 'src/a.ts',
    internal: ['src/b.ts'],
    standard_library: ['fs'],
    third_party: ['zod'],
  });
});

describe('related files', () => {
  const paths = [
    'src/cart.ts',
    'src/cart.test.ts',
    'test/cart.spec.ts',
    'other/deep/cart.test.ts',
    'pkg/a.go',
    'pkg/a_test.go',
    'src/cartoon.test.ts',
    'app/Cart.java',
    'app/CartTest.java',
    'tests/test_cart.py',
  ];

  test.each([
    ['src/cart.ts', ['src/cart.test.ts', 'other/deep/cart.test.ts', 'test/cart.spec.ts']],
    ['src/cart.test.ts', ['src/cart.ts']],
    ['pkg/a.go', ['pkg/a_test.go']],
    ['app/CartTest.java', ['app/Cart.java']],
    ['app/Cart.java', ['app/CartTest.java']],
    ['src/none.ts', []],
  ])('%s belongs to %j', (path, expected) => {
    expect(counterpartsOf(path, paths)).toEqual(expected);
  });

  test('imports are followed both ways', () => {
    const analyzer = new RelationAnalyzer({
      job: 'relations',
      path: 'src/b.ts',
      paths: ['src/a.ts', 'src/b.ts', 'src/c.ts'],
    });
    const row = (path: string, name: string) => ({ path, language: 'typescript', name, uses: '' });
    analyzer.add(
      'imports',
      cellsOf([row('src/a.ts', './b.js'), row('src/b.ts', './c'), row('src/b.ts', 'zod'), row('src/c.ts', './a.ts')]),
    );
    expect(analyzer.finish()).toEqual({ imports: ['src/c.ts'], importedBy: ['src/a.ts'] });
  });

  test("the package in a Go module's root is imported by the name of the module", () => {
    const paths = ['go.mod', 'root.go', 'sub/use.go', 'tools/use.py'];
    const text = 'module example.com/acme/widget/v2\n';
    const relationsOf = (path: string) => {
      const analyzer = new RelationAnalyzer({ job: 'relations', path, paths });
      analyzer.add('manifests', cellsOf([{ path: 'go.mod', text }]));
      const name = 'example.com/acme/widget/v2';
      analyzer.add('imports', cellsOf([{ path: 'sub/use.go', language: 'go', name, uses: '' }]));
      return analyzer.finish();
    };
    expect(relationsOf('root.go')).toEqual({ imports: [], importedBy: ['sub/use.go'] });
    expect(relationsOf('sub/use.go')).toEqual({ imports: ['.'], importedBy: [] });
  });
});

describe('AnalysisThread', () => {
  const batch = (text: string): Batch => {
    const column = (value: string) => {
      const bytes = new TextEncoder().encode(value);
      return { kind: 'text' as const, bytes, offsets: Int32Array.of(0, bytes.length) };
    };
    const columns = {
      path: column('a.ts'),
      language: column('typescript'),
      text: column(text),
      lines: { kind: 'int' as const, values: Int32Array.of(1) },
    };
    return { part: 'files', rows: 1, columns };
  };
  const job = { job: 'improvements', maxFileLines: 500, maxComplexity: 10, maxFunctionLines: 100 } as const;

  test('works on batches in a thread of its own, which leaves the caller nothing to wait for', async () => {
    const thread = new AnalysisThread();
    try {
      async function* batches() {
        yield batch('// TODO one\n');
        yield batch('// FIXME two\n');
      }
      const { improvements } = await thread.run(job, undefined, batches());
      expect(improvements.map(({ message }) => message)).toEqual(['FIXME two', 'TODO one']);
    } finally {
      await thread.release();
    }
  });

  test('a failure to read is told as it is, and a caller that goes away ends the work', async () => {
    const thread = new AnalysisThread();
    try {
      const broken = {
        next: () => Promise.reject(new Error('the disk is gone')),
      };
      await expect(thread.run(job, undefined, broken)).rejects.toThrow('the disk is gone');
      const controller = new AbortController();
      const endless = {
        next: async () => {
          controller.abort();
          return { done: false as const, value: batch('x') };
        },
      };
      await expect(thread.run(job, undefined, endless, controller.signal)).rejects.toMatchObject({ code: 'Cancelled' });
    } finally {
      await thread.release();
    }
  });
});
