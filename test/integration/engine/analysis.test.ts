/** Decides whether questions about whole codebases are answered from the published index: right, fresh, and without stalling others. */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../../server/src/engine.ts';
import { Cleanups, makeEngine, settled, writeTree } from './harness.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

const forms = [
  (name: string, i: number) => `  ${name}.step${i}(${name}.value${i} + ${i * 7}, (item) => item.field${i});`,
  (name: string, i: number) => `  if (${name}.size > limit${i} && !${name}.done) return;`,
  (name: string, i: number) => `  for (const part of ${name}.parts${i}) total += part.weight * rate${i};`,
  (name: string, i: number) => `  const result${i} = await load${i}(${name}, { retries: tries${i}, log });`,
  (name: string, i: number) => `  ${name}.state[key${i}] = result.items.map(convert${i}).filter(Boolean);`,
  (name: string, i: number) => `  while (queue${i}.next() !== undefined) ${name}.count--;`,
  (name: string, i: number) => `  throw new Fault${i}(\`no \${${name}}\`);`,
];
/** Statements of several forms; those of another `salt` have other names and another order. */
function body(name: string, salt = 1): string {
  let state = salt;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 16;
  };
  return Array.from({ length: 24 }, (_, i) => forms[next() % forms.length]?.(name, i + 100 * salt)).join('\n');
}
const files = {
  'package.json': '{"name": "shop", "dependencies": {"express": "^5.0.0"}}\n',
  'src/cart.ts': `// The cart.\nimport { Store } from './store.ts';\nimport express from 'express';\nimport { readFile } from 'node:fs';\n\nexport function addToCart(one: Store) {\n${body('one')}\n}\n`,
  'src/order.ts': `/* Orders. */\nimport { Store } from './store.ts';\n\nexport function placeOrder(one: Store) {\n${body('one')}\n}\n\nexport function placeAgain(other: Store) {\n${body('other')}\n}\n`,
  'src/store.ts': '/** Keeps things. */\nexport type Store = { size: number };\n// TODO(ann): bound it\n',
  'src/store.test.ts': "import { Store } from './store.ts';\n",
  'README.md': '# Shop\n\nText.\n',
};
const scope = { codebase: 'shop', pathGlobs: [], languages: [] };
let root: string;
let engine: Engine;

beforeEach(async () => {
  root = cleanups.directory();
  writeTree(root, files);
  engine = makeEngine(cleanups, cleanups.directory(), { sources: [{ name: 'shop', path: root }] }).engine;
  await engine.start();
  await settled(engine);
});

describe('the analysis of a codebase', () => {
  test('[server.heavy-calls] who asks what somebody else waits for shares the work, and goes on when that one leaves', async () => {
    const request = { ...scope, minSimilarity: 0.8, minLines: 5, includeTests: true };
    expect(await engine.analysis.isAtHand('duplicates', request)).toBe(false);
    const first = new AbortController();
    const cancelled = engine.analysis.duplicates(request, first.signal);
    const other = engine.analysis.duplicates(request);
    expect(await engine.analysis.isAtHand('duplicates', request)).toBe(true);
    first.abort(new Error('gone'));
    await expect(cancelled).rejects.toMatchObject({ code: 'Cancelled' });
    const { groups } = await other;
    expect(groups.length).toBeGreaterThan(0);
    expect(await engine.analysis.isAtHand('duplicates', request)).toBe(true);
    expect(await engine.analysis.isAtHand('duplicates', { ...request, minLines: 6 })).toBe(false);
    expect((await engine.analysis.duplicates(request)).groups).toEqual(groups);
  });

  test('[analysis.lines] counts files and lines of code, comments and blanks, for all and for some', async () => {
    const all = await engine.analysis.files(scope);
    expect(all.files.map(({ path }) => path)).toEqual(Object.keys(files).sort());
    expect(all.files.find(({ path }) => path === 'src/cart.ts')).toMatchObject({
      language: 'typescript',
      lines: 31,
      codeLines: 29,
      commentLines: 1,
      blankLines: 1,
    });
    const some = await engine.analysis.files({
      ...scope,
      pathGlobs: ['src/*.ts', '!**/*.test.ts'],
      languages: ['typescript'],
    });
    expect(some.files.map(({ path }) => path)).toEqual(['src/cart.ts', 'src/order.ts', 'src/store.ts']);
    expect(some.version).toBe(all.version);
  });

  test('[analysis.dependencies] tells imports apart by their origin', async () => {
    const { totals, files: told, declared } = await engine.analysis.dependencies(scope);
    expect(totals).toMatchObject({
      internal: { imports: 3 },
      standard_library: { imports: 1 },
      third_party: { imports: 1 },
    });
    expect(told.find(({ path }) => path === 'src/cart.ts')).toMatchObject({
      internal: ['src/store.ts'],
      standard_library: ['fs'],
      third_party: ['express'],
    });
    expect(declared).toMatchObject([{ name: 'express', version: '^5.0.0', files: 1 }]);
  });

  test('[analysis.duplicates] finds copies, renamed ones too, with their lines and definitions', async () => {
    const request = { ...scope, minSimilarity: 0.8, minLines: 15, includeTests: true };
    const { groups, filesCompared } = await engine.analysis.duplicates(request);
    expect(filesCompared).toBe(4);
    expect(groups).toHaveLength(1);
    expect(groups[0]?.occurrences.map(({ path, symbols }) => [path, ...symbols])).toEqual([
      ['src/cart.ts', 'addToCart'],
      ['src/order.ts', 'placeOrder'],
      ['src/order.ts', 'placeAgain'],
    ]);
    expect(groups[0]?.similarity).toBeGreaterThan(0.8);
    const exact = await engine.analysis.duplicates({ ...request, minSimilarity: 1 });
    expect(exact.groups.map(({ occurrences }) => occurrences.length)).toEqual([2]);
  });

  test('[analysis.improvements] tells what is left to do', async () => {
    const limits = { maxFileLines: 500, maxComplexity: 50, maxFunctionLines: 20 };
    const { improvements, ...summary } = await engine.analysis.improvements({
      ...scope,
      ...limits,
      includeTests: false,
      includeDuplicates: true,
    });
    expect(summary).toMatchObject({ files: 5, functions: 3, exported: 4, documented: 1 });
    expect(improvements.map(({ kind, path, line }) => `${kind} ${path}:${line}`).toSorted()).toEqual([
      'duplicate_code src/cart.ts:6',
      'long_function src/cart.ts:6',
      'long_function src/order.ts:31',
      'long_function src/order.ts:4',
      'todo src/store.ts:3',
      'undocumented src/cart.ts:6',
      'undocumented src/order.ts:4',
    ]);
  });

  test('[analysis.related] finds code like a place, its tests, and who imports it', async () => {
    const request = { path: 'shop/src/store.ts', limit: 5, everywhere: false };
    const store = await engine.analysis.related(request);
    expect(store).toMatchObject({
      counterparts: ['src/store.test.ts'],
      importedBy: ['src/cart.ts', 'src/order.ts', 'src/store.test.ts'],
      imports: [],
    });
    const cart = await engine.analysis.related({ ...request, path: 'shop/src/cart.ts', symbol: 'addToCart' });
    expect(cart.subject).toMatchObject({ path: 'src/cart.ts', startLine: 6, endLine: 31, symbols: ['addToCart'] });
    expect(cart.imports).toEqual(['src/store.ts']);
    expect(cart.passages[0]?.path).toBe('src/order.ts');
    expect(cart.passages.some(({ path, startLine }) => path === 'src/cart.ts' && startLine >= 6)).toBe(false);
    await expect(engine.analysis.related({ ...request, symbol: 'none' })).rejects.toMatchObject({
      code: 'InvalidArgument',
    });
    await expect(engine.analysis.related({ ...request, path: 'shop/none.ts' })).rejects.toMatchObject({
      code: 'FileNotFound',
    });
    await expect(engine.analysis.related({ ...request, path: 'shop/../../etc/passwd' })).rejects.toMatchObject({
      code: 'PathNotAllowed',
    });
  });

  test('answers change with the published version, and stay the same within one', async () => {
    const request = { ...scope, minSimilarity: 0.8, minLines: 15, includeTests: true };
    const first = await engine.analysis.duplicates(request);
    expect((await engine.analysis.duplicates(request)).groups).toEqual(first.groups);
    writeTree(root, { 'src/order.ts': 'export const order = 1;\n' });
    await engine.indexCodebase('shop', { full: false });
    const second = await engine.analysis.duplicates(request);
    expect(second.groups).toEqual([]);
    expect(second.version).not.toBe(first.version);
  });

  test('an unknown codebase is refused, and a caller that goes away is told so', async () => {
    await expect(engine.analysis.files({ ...scope, codebase: 'none' })).rejects.toMatchObject({
      code: 'UnknownCodebase',
    });
    const gone = AbortSignal.abort();
    await expect(engine.analysis.dependencies(scope, gone)).rejects.toMatchObject({ code: 'Cancelled' });
  });
});

test('[analysis.off-loop] the search for duplicates leaves the event loop free', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 150 }, (_, i) => [
      `many/file${i}.ts`,
      `export function run${i}() {\n${body(`name${i % 50}`)}\n}\n`.repeat(8),
    ]),
  );
  writeTree(root, many);
  await engine.indexCodebase('shop', { full: false });
  await sleep(200);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const startedAt = performance.now();
  const { groups } = await engine.analysis.duplicates({
    ...scope,
    minSimilarity: 0.7,
    minLines: 15,
    includeTests: true,
  });
  const tookMs = performance.now() - startedAt;
  delay.disable();
  expect(groups.length).toBeGreaterThan(0);
  expect(tookMs).toBeGreaterThan(100);
  expect(delay.percentile(99) / 1e6).toBeLessThan(Math.max(50, tookMs / 4));
});
