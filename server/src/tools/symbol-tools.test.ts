/** Decides whether the tools over symbols say what an agent needs: what was found, how to read on, what to try instead. */
import { describe, expect, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { testServices, testSettings } from '../testing/assemble.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { createStubSymbols } from '../testing/stub-symbols.ts';
import { shipFiles, shopFiles } from '../testing/symbols-fixture.ts';
import { answerBudget } from './budget.ts';
import { registry } from './registry.ts';
import { createToolRunner } from './run.ts';

const many = Array.from(
  { length: 1500 },
  (_, index) => `export function caller${index}() { return target('${'x'.repeat(40)}'); }\n`,
);
const bigFiles = { 'big.ts': `${many.join('')}export function target(text: string) { return text; }\n` };
const symbols = createStubSymbols({ shop: shopFiles, ship: shipFiles, big: bigFiles });
const sources = ['shop', 'ship', 'big'].map((name) => ({ name, path: `/code/${name}` }));

async function run(name: string, args: unknown, engine: Engine = createStubEngine({ symbols })) {
  const tool = registry.find((candidate) => candidate.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  const runTool = createToolRunner(testServices(engine, testSettings({ sources })), () => {});
  const answer = await runTool(tool, args, { signal: new AbortController().signal });
  return { ...answer, text: answer.content[0].text, data: answer.structuredContent ?? {} };
}

describe('find_symbol', () => {
  test('tells where a symbol is and, when asked, what it says', async () => {
    const { data } = await run('find_symbol', {
      name: 'OrderStore.get',
      codebase_path: '/code/shop/',
      include_body: true,
    });
    expect(data).toMatchObject({
      results: [
        {
          name: 'OrderStore.get',
          kind: 'method',
          file_path: 'shop/src/order/types.ts',
          start_line: 12,
          doc: 'Finds an order.',
          exported: true,
          complexity: 1,
          body: expect.stringMatching(/^ {2}\/\*\* Finds an order\. \*\/\n {2}get\(/),
        },
      ],
      total: 1,
      truncated: false,
    });
  });

  test('a misspelled name is answered with those that exist', async () => {
    const { data } = await run('find_symbol', { name: 'retryPaymnt' });
    expect(data).toMatchObject({
      results: [],
      did_you_mean: ['retryPayment', 'Retry'],
      message: expect.stringContaining('Names like it: retryPayment'),
    });
  });

  test('filters that leave all out are named', async () => {
    const { data } = await run('find_symbol', { name: 'checkout', languages: ['py'] });
    expect(data.message).toMatch(/^"checkout" is defined, but .* leave it out: function checkout in shop\/src\/cart/);
    expect(data.did_you_mean).toBeUndefined();
  });

  test.each([
    [
      'a kind',
      { name: 'CartStore', kinds: ['method'] },
      /leave it out: class CartStore in shop\/src\/cart\/store\.ts:1\.$/,
    ],
    [
      'a glob with the name of the codebase',
      { name: 'CartStore', path_globs: ['shop/src/**'] },
      /class CartStore in .* leave out "shop\/" in front/,
    ],
    ['a name that is none', { name: 'Cart', kinds: ['method'] }, /^No definition of "Cart" was found/],
  ])('%s that leaves the name out is told, with what there is', async (_what, args, message) => {
    expect((await run('find_symbol', args)).data.message).toMatch(message);
  });

  test('globs with the name of the codebase are told where uses and calls are asked for', async () => {
    const path_globs = ['shop/src/**'];
    const found = await run('find_references', { name: 'delayFor', path_globs });
    expect(found.data.message).toMatch(/leave out "shop\/" in front/);
    const traced = await run('trace_calls', { symbol: 'delayFor', path_globs, direction: 'callers' });
    expect(traced.data.message).toMatch(/leave out "shop\/" in front/);
  });

  test('pages follow each other without a gap', async () => {
    const whole = (await run('find_symbol', { name: 'caller', match: 'prefix', limit: 200 })).data as {
      results: { name: string }[];
    };
    const first = (await run('find_symbol', { name: 'caller', match: 'prefix', limit: 7 })).data as {
      results: { name: string }[];
      next_offset: number;
    };
    const second = (await run('find_symbol', { name: 'caller', match: 'prefix', limit: 7, offset: first.next_offset }))
      .data as typeof first;
    expect([...first.results, ...second.results]).toEqual(whole.results.slice(0, 14));
  });

  test('behind the last page says so', async () => {
    expect((await run('find_symbol', { name: 'checkout', offset: 5 })).data.message).toBe(
      'There are 1 definitions; offset 5 is behind the last one.',
    );
  });
});

describe('find_references', () => {
  test('groups uses by file, with the definition around each', async () => {
    const { data } = await run('find_references', { name: 'delayFor', codebase_path: 'shop' });
    expect(data).toMatchObject({
      definitions: [{ file_path: 'shop/src/backoff.ts' }],
      files: [
        {
          file_path: 'shop/src/payment.ts',
          uses: [
            { line: 3, kind: 'import', confidence: 'likely' },
            { line: 12, kind: 'call', in: 'retryPayment', text: 'const delay = delayFor(attempt);' },
          ],
        },
      ],
      total_uses: 2,
      truncated: false,
    });
  });

  test('an answer that would be too long ends within the budget, and the next one goes on', async () => {
    const seen: number[] = [];
    for (let offset = 0, calls = 0; calls < 20; calls++) {
      const { data, text } = await run('find_references', {
        name: 'target',
        codebase_path: 'big',
        limit: 1000,
        offset,
      });
      expect(text.length).toBeLessThan(answerBudget * 1.1);
      const { files, next_offset } = data as { files: { uses: { line: number }[] }[]; next_offset?: number };
      seen.push(...files.flatMap(({ uses }) => uses.map(({ line }) => line)));
      if (next_offset === undefined) break;
      offset = next_offset;
    }
    expect(seen).toEqual(many.map((_, index) => index + 1));
  });

  test('a page behind the last use says so, and what was meant', async () => {
    const { data } = await run('find_references', { name: 'delayFor', codebase_path: 'shop', offset: 2 });
    expect(data).toMatchObject({
      definitions: [{ name: 'delayFor' }],
      definitions_total: 1,
      files: [],
      message: expect.stringContaining('Uses in all: 2; offset 2 is behind the last one.'),
    });
  });

  test('uses that mean another definition are counted, with what to do', async () => {
    const { data } = await run('find_references', { name: 'CartStore.get', codebase_path: 'shop' });
    expect(data).toMatchObject({
      total_uses: 1,
      uses_of_others: 2,
      message: expect.stringContaining('Write the name without its container'),
    });
  });

  test.each([
    ['a name that is only used', { name: 'readFileSync' }, /only used: a name of a library/],
    ['a definition without use', { name: 'schedule', codebase_path: 'shop' }, /no use of it was found/],
    ['nothing', { name: 'zzzz' }, /No definition of "zzzz"/],
  ])('%s says so', async (_what, args, expected) => {
    expect((await run('find_references', args)).data.message).toMatch(expected);
  });

  test('a file that does not define it is an argument fault that names those that do', async () => {
    const { isError, text } = await run('find_references', {
      name: 'delayFor',
      definition_path: 'shop/src/payment.ts',
    });
    expect([isError, text]).toEqual([
      true,
      expect.stringMatching(/does not define delayFor.*shop\/src\/backoff\.ts:2/),
    ]);
  });
});

describe('trace_calls', () => {
  test('both directions as trees, and names of others apart', async () => {
    const { data } = await run('trace_calls', {
      symbol: 'retryPayment',
      definition_path: 'shop/src/payment.ts',
      include_tests: true,
    });
    expect(data).toMatchObject({
      callers: [
        { depth: 1, symbol: 'checkout', call_line: 12, confidence: 'likely' },
        { depth: 2, symbol: '(outer level)', file_path: 'shop/src/cart/checkout.test.ts', test: true },
        { depth: 1, symbol: 'retryPayment', repeated: true },
      ],
      callees: [
        { symbol: 'giveUp' },
        { symbol: 'giveUp.check', depth: 2 },
        { symbol: 'delayFor', call_path: 'shop/src/payment.ts' },
        { symbol: 'retryPayment' },
      ],
      external_calls: ['readFileSync'],
    });
  });

  test('the limit is told', async () => {
    const { data } = await run('trace_calls', {
      symbol: 'target',
      codebase_path: 'big',
      direction: 'callers',
      limit: 3,
    });
    expect(data).toMatchObject({ truncated: true, message: expect.stringContaining('Not all steps are here') });
    expect(data.callers).toHaveLength(3);
  });

  test('several functions of a name are all traced, which is told', async () => {
    const { data } = await run('trace_calls', { symbol: 'New', codebase_path: 'ship' });
    expect(data).toMatchObject({
      definitions_total: 2,
      message: expect.stringContaining('2 definitions have this name'),
    });
  });
});

describe('get_file_structure', () => {
  test.each(['src/order/types.ts', 'shop/src/order/types.ts'])('nests the symbols of %s', async (file_path) => {
    const { data } = await run('get_file_structure', { codebase_path: 'shop', file_path });
    expect(data).toMatchObject({
      file_path: 'shop/src/order/types.ts',
      total_symbols: 7,
      symbols: [
        {
          name: 'Order',
          kind: 'interface',
          doc: 'An order.',
          children: [{ name: 'id' }, { name: 'status', doc: 'Its state.' }],
        },
        { name: 'OrderStore', children: [{ name: '#orders', exported: false }, { name: 'get' }, { name: 'save' }] },
      ],
    });
  });

  test('a page that begins inside of a class says where it is', async () => {
    const { data } = await run('get_file_structure', {
      codebase_path: 'shop',
      file_path: 'src/order/types.ts',
      offset: 5,
    });
    expect(data.symbols).toMatchObject([
      { name: 'get', in: 'OrderStore' },
      { name: 'save', in: 'OrderStore' },
    ]);
  });

  test('a page behind the last symbol says so', async () => {
    const args = { codebase_path: 'shop', file_path: 'src/order/types.ts', offset: 7 };
    expect((await run('get_file_structure', args)).data).toMatchObject({
      symbols: [],
      message: expect.stringContaining('Symbols in all: 7; offset 7 is behind the last one.'),
    });
  });

  test('fewer levels', async () => {
    const { data } = await run('get_file_structure', {
      codebase_path: 'shop',
      file_path: 'src/order/types.ts',
      max_depth: 1,
    });
    expect(data.symbols).toEqual([
      expect.not.objectContaining({ children: expect.anything() }),
      expect.objectContaining({ name: 'OrderStore' }),
    ]);
  });

  test('a file without a parser, and one that is not there', async () => {
    expect((await run('get_file_structure', { codebase_path: 'shop', file_path: 'legacy.pl' })).data.message).toMatch(
      /no parser for perl/,
    );
    const missing = await run('get_file_structure', { codebase_path: 'shop', file_path: 'src/none.ts' });
    expect([missing.isError, missing.text]).toEqual([true, expect.stringMatching(/^FileNotFound/)]);
  });
});

describe('analyze_function_dependencies and list_undocumented_functions', () => {
  test('what a function needs, by origin', async () => {
    const { data } = await run('analyze_function_dependencies', {
      file_path: 'shop/src/payment.ts',
      function_name: 'retryPayment',
    });
    expect(data).toMatchObject({
      function: { name: 'retryPayment', complexity: 3 },
      counts: { internal: 4, standard: 1, third_party: 0, unknown: 0 },
      imports: [
        { module: 'node:fs', origin: 'standard' },
        { module: './backoff.ts', origin: 'internal' },
        { module: './order/types.ts' },
      ],
      callers_truncated: false,
    });
  });

  test('without a name or a line the functions of the file are listed', async () => {
    const { isError, text } = await run('analyze_function_dependencies', { file_path: 'shop/src/payment.ts' });
    expect([isError, text]).toEqual([
      true,
      expect.stringMatching(/Say which function.*retryPayment \(line 10\), giveUp \(line 17\)/),
    ]);
  });

  test('what lacks a doc comment, in a file and in a codebase', async () => {
    expect((await run('list_undocumented_functions', { file_path: 'shop/jobs/retry.py' })).data).toMatchObject({
      results: [{ name: 'Retry.step', kind: 'method' }, { name: 'retryPayment' }],
      documented_percent: 50,
    });
    const { data } = await run('list_undocumented_functions', { codebase_path: 'ship', limit: 2 });
    expect(data).toMatchObject({ truncated: true, next_offset: 2, message: expect.stringContaining('offset=2') });
  });

  test('everything documented is told', async () => {
    expect((await run('list_undocumented_functions', { file_path: 'shop/jobs/backoff.py' })).data.message).toMatch(
      /Everything .* has a doc comment/,
    );
  });
});
