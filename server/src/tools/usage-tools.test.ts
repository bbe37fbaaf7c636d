/** Decides whether the tools about the server itself tell real figures, and to a limited caller nothing of others. */
import { describe, expect, test } from 'vitest';
import type { Caller } from '../auth/caller.ts';
import { createUsage } from '../observability/usage.ts';
import { testServices, testSettings } from '../testing/assemble.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { codebaseOfCall } from './call-codebase.ts';
import { registry } from './registry.ts';
import { createToolRunner } from './run.ts';

const sources = ['shop', 'secret'].map((name) => ({ name, path: `/code/${name}` }));

function server() {
  const engine = createStubEngine();
  const status = engine.status;
  engine.status = async () => {
    const one = await status();
    return { ...one, codebases: [...one.codebases, { ...one.codebases[0], name: 'secret', files: 1000 } as never] };
  };
  const usage = createUsage(Date.now);
  const services = { ...testServices(engine, testSettings({ sources })), usage };
  const runTool = createToolRunner(services, usage.record);
  async function run(name: string, args: unknown, caller?: Caller) {
    const tool = registry.find((candidate) => candidate.name === name);
    if (tool === undefined) throw new Error(`no tool ${name}`);
    const { signal } = new AbortController();
    const answer = await runTool(tool, args, { signal, ...(caller !== undefined && { caller }) });
    return { ...answer, data: answer.structuredContent ?? {} };
  }
  return { run, engine };
}

const limited: Caller = { name: 'limited', codebases: new Set(['shop']) };

describe('get_performance_metrics', () => {
  test('[tools.usage-figures] tells the calls that were really made', async () => {
    const { run } = server();
    await run('read_code_file', { file_path: 'shop/src/cart.ts' });
    await run('read_code_file', { file_path: 'shop/none.ts' });
    const { data } = await run('get_performance_metrics', {});
    expect(data).toMatchObject({ calls: 2, errors: 1, error_rate: 0.5, errors_by_code: { FileNotFound: 1 } });
    expect(data).toMatchObject({ tools: [{ tool: 'read_code_file', calls: 2, errors: 1 }] });
    expect(data).toMatchObject({
      memory: { used_percent: 10 },
      index: { codebases: 2, files: 1003, size_bytes: 1000 },
    });
    const { data: one } = await run('get_performance_metrics', { tool: 'list_files' });
    expect(one).toMatchObject({ tools: [], message: expect.stringMatching(/^No call of list_files/) });
    const { isError, content } = await run('get_performance_metrics', { tool: 'file_list' });
    expect([isError, content[0].text]).toEqual([true, expect.stringMatching(/no tool of that name.*list_files/)]);
  });
});

describe('a caller of one codebase', () => {
  test('[tools.usage-scoped] is told nothing of calls about others', async () => {
    const { run } = server();
    await run('list_files', { codebase_path: 'secret' });
    await run('get_file_structure', { codebase_path: '/code/secret', file_path: 'a.ts' });
    await run('read_code_file', { file_path: 'shop/src/cart.ts' });
    // Naming what one may not see counts for nobody's codebase.
    await run('list_files', { codebase_path: 'secret' }, limited);
    const { data: metrics } = await run('get_performance_metrics', {}, limited);
    const { data: patterns } = await run('get_usage_patterns', {}, limited);
    expect(metrics).toMatchObject({ calls: 1, tools: [{ tool: 'read_code_file' }], index: { codebases: 1, files: 3 } });
    expect(metrics.index).not.toHaveProperty('size_bytes');
    expect(patterns).toMatchObject({ calls: 1, codebases: [{ codebase: 'shop', calls: 1 }], sequences: [] });
    expect(JSON.stringify([metrics, patterns])).not.toMatch(/secret|list_files|get_file_structure/);
  });
});

describe('get_usage_patterns', () => {
  test('[tools.usage-figures] tells shares, codebases, hours and what follows what, without arguments', async () => {
    const { run } = server();
    await run('semantic_search_codebase', { query: 'very private words', codebase_path: 'shop' });
    await run('read_code_file', { file_path: 'shop/src/cart.ts' });
    const { data } = await run('get_usage_patterns', { limit: 1 });
    expect(data).toMatchObject({
      calls: 2,
      tools: [{ share: 0.5 }],
      codebases: [{ codebase: 'shop', calls: 2, error_rate: 0 }],
      hours: [{ calls: 2, errors: 0 }],
      sequences: [{ from: 'semantic_search_codebase', to: 'read_code_file', count: 1 }],
    });
    expect(JSON.stringify(data)).not.toMatch(/private|cart\.ts|anonymous/);
  });
});

describe('analyze_cache_effectiveness', () => {
  test('[tools.cache-effectiveness] tells what hits save by measured times, and which setting to change to what', async () => {
    const { run, engine } = server();
    engine.caches.search = {
      ...{ hits: 50, misses: 150, evictions: 120, invalidations: 0, size: 100, maxSize: 100 },
      times: { hits: 50, hitMs: 5, misses: 150, missMs: 3000 },
    };
    const { data } = await run('analyze_cache_effectiveness', {});
    const caches = data.caches as Record<string, unknown>[];
    expect(data).toMatchObject({ overall_hit_rate: 0.25, saved_seconds: 0.995 });
    expect(caches.find(({ cache }) => cache === 'search')).toMatchObject({
      verdict: 'too_small',
      hit_ms: 0.1,
      miss_ms: 20,
      saved_ms_per_hit: 19.9,
      hits_per_entry: 0.5,
      advice: [expect.stringMatching(/SEARCH_CACHE_SIZE .*to 200/)],
    });
    expect(caches.find(({ cache }) => cache === 'file')).toMatchObject({ verdict: 'unclear', advice: [] });
  });

  test('[tools.cache-effectiveness] does not call a cache too small that only indexing has asked', async () => {
    const { run, engine } = server();
    engine.caches.embedding = {
      ...{ hits: 6, misses: 12_000, evictions: 8000, invalidations: 0, size: 4000, maxSize: 5000 },
    };
    const { data } = await run('analyze_cache_effectiveness', {});
    const embedding = (data.caches as Record<string, unknown>[]).find(({ cache }) => cache === 'embedding');
    expect(embedding).toMatchObject({ verdict: 'unclear', advice: [] });
  });
});

describe('the codebase of a call', () => {
  const { config } = testSettings({ sources });
  test.each([
    [{ codebase_path: 'shop' }, 'shop'],
    [{ codebase_path: '/code/shop/' }, 'shop'],
    [{ path: 'secret' }, 'secret'],
    [{ file_path: 'shop/src/a.ts' }, 'shop'],
    [{ file_path: '/code/secret/a.ts' }, 'secret'],
    [{ codebase_path: '*', definition_path: 'shop/a.ts' }, 'shop'],
    [{ codebase_path: '*' }, undefined],
    [{ codebase_path: 'other' }, undefined],
    [{ codebase_path: 5 }, undefined],
    ['text', undefined],
    [null, undefined],
  ])('of %j is %s', (args, expected) => {
    expect(codebaseOfCall(args, config)).toBe(expected);
  });
});
