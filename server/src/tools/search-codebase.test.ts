/** Decides whether `search_codebase` asks for what its arguments say, and shows each kind of answer. */
import { describe, expect, test } from 'vitest';
import type { Engine, ExactSearchRequest } from '../engine.ts';
import { testServices } from '../testing/assemble.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { createToolRunner } from './run.ts';
import { searchCodebase } from './search-codebase.ts';

async function run(args: object, engine: Engine = createStubEngine()) {
  const requests: ExactSearchRequest[] = [];
  const { exactSearch } = engine;
  engine.exactSearch = (request, signal) => {
    requests.push(request);
    return exactSearch(request, signal);
  };
  const runTool = createToolRunner(testServices(engine), () => {});
  const answer = await runTool(searchCodebase, args, { signal: new AbortController().signal });
  return { data: answer.structuredContent ?? {}, text: answer.content[0].text, request: requests[0] };
}

describe('search_codebase', () => {
  test.each([
    [{ codebase_path: '*' }, { codebases: [] }],
    [{ codebase_path: '/code/shop/' }, { codebases: ['shop'] }],
    [{}, { case: 'insensitive', regex: true, report: 'matches', offset: 0, limit: 100 }],
    [{ case_sensitive: true }, { case: 'sensitive' }],
    [{ smart_case: true }, { case: 'smart' }],
    [
      { whole_word: true, multiline: true, regex: false },
      { wholeWord: true, multiline: true, regex: false },
    ],
    [
      { include_patterns: ['src/**'], exclude_patterns: ['*.md'] },
      { includePatterns: ['src/**'], excludePatterns: ['*.md'] },
    ],
    [
      { output_mode: 'count', offset: 20, limit: 10 },
      { report: 'files', offset: 20, limit: 10 },
    ],
  ])('[search.exact] %j asks for %j', async (args, expected) => {
    const { request } = await run({ codebase_path: 'shop', pattern: 'cart', ...args });
    expect(request).toMatchObject(expected);
  });

  test('[search.exact] matches tell file, line, column and version', async () => {
    const { data } = await run({ codebase_path: 'shop', pattern: 'cart' });
    expect(data).toMatchObject({
      codebase: 'shop',
      results: [{ file_path: 'shop/src/cart.ts', line_number: 1, column: 14, line_content: expect.any(String) }],
      truncated: false,
      version: '1',
    });
  });

  test('[search.exact] files and counts come with totals, and with the offset of the next page', async () => {
    const args = { codebase_path: '*', pattern: 'a', limit: 1 };
    expect((await run({ ...args, output_mode: 'files' })).data).toMatchObject({
      codebase: '*',
      results: [],
      files: ['shop/src/payment.ts'],
      total_files: 2,
      truncated: true,
      next_offset: 1,
    });
    expect((await run({ ...args, output_mode: 'count', offset: 1 })).data).toMatchObject({
      counts: [{ file_path: 'shop/src/cart.ts', matches: 1 }],
      total_matches: 3,
      truncated: false,
    });
  });

  test('[server.bounded-answers] matches that do not fit are on the next page', async () => {
    const line = { lineContent: 'x'.repeat(2000), before: [], after: [], column: 1, codebase: 'shop', path: 'a.ts' };
    const matches = Array.from({ length: 100 }, (_, i) => ({ ...line, lineNumber: i + 1 }));
    const answer = { matches, files: [], truncated: false, version: '1', tookMs: 1 };
    const engine = createStubEngine({ exactSearch: async () => answer });
    const { data, text } = await run({ codebase_path: 'shop', pattern: 'x' }, engine);
    expect(text.length).toBeLessThan(80_000);
    const shown = (data.results as unknown[]).length;
    expect(shown).toBeLessThan(100);
    expect(data).toMatchObject({
      truncated: true,
      next_offset: shown,
      message: expect.stringContaining(`offset=${shown}`),
    });
  });

  test('[server.bounded-answers] no page is offered that could not be asked for', async () => {
    const found = { lineContent: 'x', before: [], after: [], column: 1, codebase: 'shop', path: 'a.ts', lineNumber: 1 };
    const answer = { matches: [found], files: [], truncated: true, version: '1', tookMs: 1 };
    const ask = async (offset: number) =>
      run({ codebase_path: 'shop', pattern: 'x', offset }, createStubEngine({ exactSearch: async () => answer }));
    expect((await ask(9_999)).data).toMatchObject({ truncated: true, next_offset: 10_000 });
    const { data } = await ask(10_000);
    expect(data).toMatchObject({ truncated: true, message: expect.stringContaining('Narrow the search') });
    expect(data).not.toHaveProperty('next_offset');
  });

  test.each([
    ['no filter', {}, undefined],
    ['a filter', { file_types: ['cobol'] }, 'Nothing matches in the files that'],
    ['a glob with the name of the codebase', { include_patterns: ['shop/src/**'] }, 'leave out "shop/" in front'],
    ['an offset behind the last match', { offset: 50 }, 'There is nothing from offset 50 on.'],
  ])('[search.exact] an empty answer with %s says what may be wrong', async (_what, args, message) => {
    const answer = { matches: [], files: [], truncated: false, version: '1', tookMs: 1 };
    const engine = createStubEngine({ exactSearch: async () => answer });
    const { data } = await run({ codebase_path: '*', pattern: 'x', ...args }, engine);
    if (message === undefined) expect(data).not.toHaveProperty('message');
    else expect(data).toMatchObject({ message: expect.stringContaining(message) });
  });
});

test('[index.restart-answers] an answer about all codebases says which ones it is without', async () => {
  const notice = 'Not searched: web (its index is still being opened). See get_index_status.';
  const answer = { matches: [], files: [], truncated: false, version: '1', tookMs: 1, notice };
  const engine = createStubEngine({ exactSearch: async () => answer });
  const { data } = await run({ codebase_path: '*', pattern: 'x', file_types: ['cobol'] }, engine);
  expect(data).toMatchObject({
    message: expect.stringMatching(/^Not searched: web .*\. Nothing matches in the files/),
  });
});

test('[index.crash-safe] an unexpected failure is told without paths of this machine', async () => {
  const words = 'Failed to get next batch from stream: lance error: Not found: app/.codesage/index/shop/g1/a.lance';
  const engine = createStubEngine({ exactSearch: () => Promise.reject(new Error(words)) });
  const { text } = await run({ codebase_path: '*', pattern: 'x' }, engine);
  expect(text).toContain('Internal: The server failed: Failed to get next batch from stream');
  expect(text).not.toContain('.codesage');
});

describe('search_codebase in the modes of the original', () => {
  test('[server.original-parameters] search_mode "semantic" asks for passages by meaning, with the same filters', async () => {
    const engine = createStubEngine();
    const asked: unknown[] = [];
    const { semanticSearch } = engine;
    engine.semanticSearch = (request, signal) => {
      asked.push(request);
      return semanticSearch(request, signal);
    };
    const { data, request } = await run(
      {
        codebase_path: 'shop',
        pattern: 'retry a payment',
        search_mode: 'semantic',
        file_types: ['.ts'],
        exclude_patterns: ['*.md'],
        limit: 1,
      },
      engine,
    );
    expect(request).toBeUndefined();
    expect(asked).toEqual([
      { query: 'retry a payment', codebases: ['shop'], topK: 2, pathGlobs: ['!*.md'], languages: ['typescript'] },
    ]);
    expect(data).toMatchObject({
      results: [{ file_path: 'shop/src/payment.ts', line_number: 1, end_line: 3, score: 1 }],
    });
  });

  test('[server.original-parameters] search_mode "graph" shows definitions and those that call them', async () => {
    const { data } = await run({
      codebase_path: 'shop',
      pattern: 'retryPay',
      search_mode: 'graph',
      context_depth: 2,
      include_dependencies: true,
    });
    expect(data).toMatchObject({
      results: [{ file_path: 'shop/src/payment.ts', line_number: 1, symbol: 'retryPayment', relation: 'definition' }],
      truncated: false,
    });
    const none = await run({ codebase_path: 'shop', pattern: 'nowhere', search_mode: 'graph' });
    expect(none.data).toMatchObject({ results: [], message: expect.stringContaining('No definition has this') });
  });

  test.each([
    ['semantic', { multiline: true }],
    ['semantic', { case_sensitive: true }],
    ['graph', { output_mode: 'files' }],
    ['graph', { regex: false }],
  ])('[server.original-parameters] search_mode %j refuses %j, which it does not know', async (search_mode, args) => {
    const { text } = await run({ codebase_path: 'shop', pattern: 'x', search_mode, ...args });
    expect(text).toMatch(/^InvalidArgument: search_mode ".*" does not know/);
  });
});
