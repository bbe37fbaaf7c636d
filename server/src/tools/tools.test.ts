/** Decides whether each tool answers what its schema says, cuts what is too long, and explains its faults. */
import { describe, expect, test, vi } from 'vitest';
import type { Engine, SemanticSearchRequest } from '../engine.ts';
import { testServices } from '../testing/assemble.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { answerBudget, fitLines, fitList } from './budget.ts';
import { codebaseName } from './codebase-path.ts';
import type { ToolCall } from './define.ts';
import { registry } from './registry.ts';
import { createToolRunner, type ToolObservation } from './run.ts';

async function run(
  name: string,
  args: unknown,
  { engine = createStubEngine(), call = {} }: { engine?: Engine; call?: Partial<ToolCall> } = {},
) {
  const tool = registry.find((candidate) => candidate.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  const observed: ToolObservation[] = [];
  const runTool = createToolRunner(testServices(engine), (observation) => observed.push(observation));
  const answer = await runTool(tool, args, { signal: new AbortController().signal, ...call });
  return { ...answer, text: answer.content[0].text, data: answer.structuredContent ?? {}, observed };
}

describe('every tool', () => {
  test.each([
    ['list_codebases', undefined],
    ['semantic_search_codebase', { query: 'cart' }],
    ['search_codebase', { codebase_path: 'shop', pattern: 'cart' }],
    ['read_code_file', { file_path: 'shop/src/cart.ts' }],
    ['find_symbol', { name: 'retryPayment' }],
    ['find_references', { name: 'retryPayment' }],
    ['trace_calls', { symbol: 'retryPayment' }],
    ['get_file_structure', { codebase_path: 'shop', file_path: 'src/payment.ts' }],
    ['analyze_function_dependencies', { file_path: 'shop/src/payment.ts', function_name: 'retryPayment' }],
    ['list_undocumented_functions', { file_path: 'shop/src/payment.ts' }],
    ['find_related_code', { file_path: 'shop/src/payment.ts' }],
    ['find_duplicate_code', { codebase_path: 'shop' }],
    ['list_commits', { codebase_path: 'shop' }],
    ['search_commits', { codebase_path: 'shop', query: 'retry' }],
    ['get_diff', { codebase_path: 'shop', commit: 'HEAD' }],
    ['list_files', { codebase_path: 'shop' }],
    ['list_files', { codebase_path: '/code/shop', view: 'tree' }],
    ['count_lines_of_code', { codebase_path: 'shop', by_directory: true }],
    ['get_dependencies_overview', { codebase_path: 'shop' }],
    ['analyze_codebase_improvements', { codebase_path: 'shop' }],
    ['profile_code_performance', { file_path: 'shop/src/payment.ts' }],
    ['generate_boilerplate', { boilerplate_type: 'test', file_path: 'shop/src/refund.test.ts' }],
    ['generate_llm_api_wrapper', { llm_provider: 'groq', model_name: 'llama-3.3-70b-versatile' }],
    ['parse_llm_response', { llm_response_content: 'Sure: {"a": 1,}' }],
    ['get_index_status', {}],
    ['index_codebase', { path: 'shop' }],
    ['get_cache_statistics', {}],
    ['analyze_cache_effectiveness', {}],
    ['get_performance_metrics', {}],
    ['get_usage_patterns', {}],
    ['get_configuration', {}],
  ])(
    '[server.structured-answers] %s answers the same as structure and as text, and fits its schema',
    async (name, args) => {
      const answer = await run(name, args);
      expect(answer.isError).toBeUndefined();
      expect(JSON.parse(answer.text)).toEqual(answer.structuredContent);
      expect(answer.observed).toMatchObject([{ tool: name, outcome: 'ok' }]);
    },
  );

  test.each([
    ['semantic_search_codebase', {}, /query is missing.*semantic_search_codebase takes: .*query \(required\)/],
    ['semantic_search_codebase', { query: 'x', topk: 3 }, /topk.*takes: .*top_k/],
    ['semantic_search_codebase', { query: 'x', top_k: 1000 }, /top_k: .*100/],
    ['search_codebase', { codebase_path: 'none', pattern: 'x' }, /UnknownCodebase: .*Write one of: shop/],
    ['get_index_status', { codebase_path: 'none' }, /UnknownCodebase: .*Write one of: shop/],
    ['get_configuration', { a: 1 }, /takes no arguments/],
    ['read_code_file', { file_path: 'shop/none.ts' }, /FileNotFound: .*Use a path from a search result/],
    [
      'read_code_file',
      { file_path: 'shop/src/cart.ts', start_line: 5, end_line: 2 },
      /end_line 2 is before start_line 5/,
    ],
    ['read_code_file', { file_path: 'shop/src/cart.ts', start_line: 50 }, /has 1 lines/],
    ['list_codebases', 'text', /InvalidArgument/],
  ])('[server.argument-faults] %s with %j says what to do', async (name, args, expected) => {
    const answer = await run(name, args);
    expect(answer.isError).toBe(true);
    expect(answer.text).toMatch(expected);
    expect(answer.observed).toMatchObject([{ outcome: 'error' }]);
  });

  test('a failure nobody foresaw is told as one, without hiding the cause', async () => {
    const answer = await run(
      'list_codebases',
      {},
      { engine: createStubEngine({ status: () => Promise.reject(new Error('disk on fire')) }) },
    );
    expect(answer).toMatchObject({ isError: true, text: expect.stringMatching(/^Internal: .*disk on fire/) });
  });

  test('a caller that cancels ends the call, and the engine hears of it', async () => {
    const controller = new AbortController();
    let heard = false;
    const engine = createStubEngine({
      semanticSearch: (_request, signal) =>
        new Promise(() => {
          signal?.addEventListener('abort', () => {
            heard = true;
          });
        }),
    });
    const answer = run('semantic_search_codebase', { query: 'x' }, { engine, call: { signal: controller.signal } });
    controller.abort();
    expect((await answer).text).toMatch(/^Cancelled/);
    expect(heard).toBe(true);
  });

  test('a call that takes too long is answered', async () => {
    vi.useFakeTimers();
    try {
      const answer = run(
        'semantic_search_codebase',
        { query: 'x' },
        { engine: createStubEngine({ semanticSearch: () => new Promise(() => {}) }) },
      );
      await vi.advanceTimersByTimeAsync(30_000);
      expect((await answer).text).toMatch(/^TimedOut: semantic_search_codebase took longer than 30 seconds/);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('semantic_search_codebase', () => {
  test.each([
    [{}, []],
    [{ codebase_path: '*' }, []],
    [{ codebase_path: 'shop' }, ['shop']],
    [{ codebase_path: '/code/shop/' }, ['shop']],
  ])('%j searches %j', async (args, codebases) => {
    const requests: SemanticSearchRequest[] = [];
    const engine = createStubEngine();
    const search = engine.semanticSearch;
    engine.semanticSearch = (request) => {
      requests.push(request);
      return search(request);
    };
    await run('semantic_search_codebase', { query: 'cart', ...args }, { engine });
    expect(requests).toMatchObject([{ codebases, topK: 6 }]);
  });

  test('[embedding.absent] an answer that full text alone ranked says so, and why, beside whatever else there is to say', async () => {
    const engine = createStubEngine();
    const search = engine.semanticSearch;
    engine.semanticSearch = async (request) => ({
      ...(await search(request)),
      ranking: 'bm25',
      notice: 'Ranked by full text alone. The model is missing.',
    });
    const found = await run('semantic_search_codebase', { query: 'cart' }, { engine });
    expect(found.data).toMatchObject({ ranking: 'bm25', message: 'Ranked by full text alone. The model is missing.' });
    const nothing = await run('semantic_search_codebase', { query: 'zebra' }, { engine });
    expect(nothing.data.message).toMatch(/^Ranked by full text alone.*Nothing was found/);
  });

  test('[server.bounded-answers] passages that do not fit are named, and the offset finds them', async () => {
    const hits = Array.from({ length: 10 }, (_, index) => ({
      codebase: 'shop',
      path: `f${index}.ts`,
      language: 'typescript',
      score: 1,
      text: 'x'.repeat(20_000),
      startLine: 1,
      endLine: 2,
    }));
    const engine = createStubEngine({
      semanticSearch: async ({ topK }) => ({
        hits: hits.slice(0, topK),
        version: '1',
        cached: false,
        tookMs: 1,
        ranking: 'fused',
      }),
    });
    const first = await run('semantic_search_codebase', { query: 'x', top_k: 5 }, { engine });
    expect(first.text.length).toBeLessThan(answerBudget * 1.1);
    expect(first.data).toMatchObject({
      truncated: true,
      next_offset: 2,
      message: '3 more passages did not fit. Call again with offset=2.',
    });
    const next = await run('semantic_search_codebase', { query: 'x', top_k: 3, offset: 2 }, { engine });
    expect(next.data.results).toMatchObject([{ file_path: 'shop/f2.ts' }, { file_path: 'shop/f3.ts' }]);
  });
});

describe('search_codebase', () => {
  test('[server.bounded-answers] more matches than the limit are found by the next offset', async () => {
    const first = await run('search_codebase', { codebase_path: '/code/shop', pattern: 'a', limit: 2 });
    expect(first.data).toMatchObject({ codebase: 'shop', truncated: true, next_offset: 2 });
    const next = await run('search_codebase', { codebase_path: 'shop', pattern: 'a', limit: 2, offset: 2 });
    expect(next.data.results).not.toEqual(first.data.results);
  });
});

describe('read_code_file', () => {
  test('a range of lines', async () => {
    const { data } = await run('read_code_file', { file_path: 'shop/src/payment.ts', start_line: 2, end_line: 3 });
    const text = '  return attempt + 1;\n}';
    expect(data).toMatchObject({ start_line: 2, end_line: 3, total_lines: 3, text, truncated: false });
  });

  test('[server.bounded-answers] a long file is cut at a line and says where to go on; a huge line is cut inside', async () => {
    const file = (text: string) =>
      createStubEngine({
        readFile: async () => ({
          codebase: 'shop',
          path: 'x',
          language: 'text',
          text,
          totalLines: text.split('\n').length,
          sizeBytes: text.length,
        }),
      });
    const long = await run(
      'read_code_file',
      { file_path: 'shop/x' },
      { engine: file('0123456789\n'.repeat(20_000).trimEnd()) },
    );
    expect(long.text.length).toBeLessThan(answerBudget * 1.1);
    expect(long.data.next_start_line).toBe((long.data.end_line as number) + 1);
    const huge = await run('read_code_file', { file_path: 'shop/x' }, { engine: file('y'.repeat(500_000)) });
    expect(huge.text.length).toBeLessThan(answerBudget * 1.1);
    expect(huge.data).toMatchObject({ truncated: true, message: expect.stringContaining('too long') });
  });

  test('an empty file is an answer, not a fault', async () => {
    const engine = createStubEngine({
      readFile: async () => ({ codebase: 'shop', path: 'x', language: 'text', text: '', totalLines: 0, sizeBytes: 0 }),
    });
    expect((await run('read_code_file', { file_path: 'shop/x' }, { engine })).data).toMatchObject({
      text: '',
      total_lines: 0,
      start_line: 1,
      end_line: 0,
    });
  });
});

describe('index_codebase', () => {
  test('progress rises', async () => {
    const steps: number[] = [];
    await run('index_codebase', { path: 'shop' }, { call: { progress: ({ progress }) => steps.push(progress) } });
    expect(steps).toEqual([1, 2, 3]);
  });

  test('a run that outlasts the wait goes on in the background and is not cancelled', async () => {
    let signalled: AbortSignal | undefined;
    const engine = createStubEngine({
      indexCodebase: (_codebase, { signal }) => {
        signalled = signal;
        return new Promise(() => {});
      },
    });
    const { data } = await run('index_codebase', { path: 'shop', max_wait_seconds: 0 }, { engine });
    expect(data).toMatchObject({ state: 'Indexing', message: expect.stringContaining('get_index_status') });
    expect(signalled?.aborted).toBe(false);
  });
});

test('get_configuration masks credentials', async () => {
  const { text } = await run('get_configuration', {});
  expect(JSON.parse(text)).toMatchObject({
    version: '0.0.0-test',
    environment: { MAX_MEMORY_MB: 2048, EMBEDDING_CACHE_SIZE: 5000 },
  });
});

describe('budget', () => {
  test('one item that is too large is kept, so that a caller gets on', () => {
    expect(fitList(['x'.repeat(50), 'y'], 10)).toEqual({ kept: ['x'.repeat(50)], left: 1 });
    expect(fitLines(['x'.repeat(50), 'y'], 10)).toEqual({ kept: ['x'.repeat(10)], left: 1, cutLine: true });
    expect(fitList([], 10)).toEqual({ kept: [], left: 0 });
  });
});

describe('paths', () => {
  const { config } = testServices().settings;
  test('a directory is turned into its name, an unknown one is left to be refused', () => {
    expect(codebaseName('/code/shop/', config)).toBe('shop');
    expect(codebaseName('/code/other', config)).toBe('/code/other');
  });
});
