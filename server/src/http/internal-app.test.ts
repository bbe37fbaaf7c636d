/** Decides whether probes, metrics and the admin API tell the truth, and the admin API only to whom holds the token. */
import { describe, expect, test } from 'vitest';
import { adminStatusSchema, metricNames, problemSchema } from '../contract.ts';
import type { EngineEvent } from '../engine.ts';
import { assembleApps, post } from '../testing/assemble.ts';
import { createStubEngine } from '../testing/stub-engine.ts';

const authorized = { headers: { Authorization: 'Bearer secret' } };

describe('probes', () => {
  test('[server.internal-port] alive from the first moment, ready once the index is open', async () => {
    const { internal, engine } = assembleApps();
    expect((await internal.request('/livez')).status).toBe(200);
    expect((await internal.request('/readyz')).status).toBe(503);
    await engine.start();
    expect((await internal.request('/readyz')).status).toBe(200);
  });

  test('[runbook-2.1-components] health tells every component, and one alone', async () => {
    const { internal, engine } = assembleApps();
    const closed = await internal.request('/health?component=index');
    expect([closed.status, await closed.json()]).toMatchObject([503, { status: 'failed' }]);
    await engine.start();
    const all = await internal.request('/health');
    expect(all.status).toBe(200);
    expect(await all.json()).toMatchObject({
      status: 'ok',
      checks: [
        { component: 'http' },
        { component: 'mcp' },
        { component: 'memory' },
        { component: 'index', message: 'The index serves 3 files.' },
      ],
    });
    expect((await internal.request('/health?component=disk')).status).toBe(400);
  });

  test.each([
    ['EmbeddingModelMissing', 200, 'ok', 'The index serves 3 files. Put the model in its place.'],
    ['IndexCorrupted', 503, 'failed', 'Put the model in its place.'],
  ] as const)('[embedding.absent] an index with %s answers %i', async (code, expected, status, message) => {
    const engine = createStubEngine();
    const problem = { code, message: 'Put the model in its place.', since: '2026-01-01T00:00:00.000Z' };
    const usual = engine.status;
    engine.status = async () => ({ ...(await usual()), index: { ...(await usual()).index, problem } });
    const { internal } = assembleApps({ engine });
    await engine.start();
    const answer = await internal.request('/health?component=index');
    expect([answer.status, await answer.json()]).toMatchObject([
      expected,
      { checks: [{ component: 'index', status, message }] },
    ]);
  });
});

test('[embedding.absent] a problem that only a newer server knows is Internal to an older operator', () => {
  const since = '2026-01-01T00:00:00.000Z';
  const future = { code: 'SomethingNew', message: 'Something new happened.', since };
  expect(problemSchema.parse(future)).toEqual({ ...future, code: 'Internal' });
});

describe('the admin API', () => {
  test('[server.internal-port] asks for the token, and is off without one', async () => {
    expect((await assembleApps().internal.request('/admin/v1/status', authorized)).status).toBe(503);
    const { internal } = assembleApps({ token: 'secret\n' });
    expect((await internal.request('/admin/v1/status')).status).toBe(401);
    expect((await internal.request('/admin/v1/status', { headers: { Authorization: 'Bearer other' } })).status).toBe(
      401,
    );
    expect((await internal.request('/admin/v1/status', authorized)).status).toBe(200);
  });

  test('status is what the contract says', async () => {
    const { internal, engine } = assembleApps({ token: 'secret' });
    await engine.start();
    const status = adminStatusSchema.parse(await (await internal.request('/admin/v1/status', authorized)).json());
    expect(status).toMatchObject({
      version: '0.0.0-test',
      health: { http: 'ok', mcp: 'ok', memory: 'ok', index: 'ok' },
      embeddedChunks: 3,
      codebases: [{ name: 'shop' }],
    });
  });

  test('reindex starts a run of the named codebases and does not wait for it', async () => {
    const runs: string[] = [];
    const engine = createStubEngine();
    engine.indexCodebase = (codebase, { full }) => {
      runs.push(`${codebase} ${full}`);
      return new Promise(() => {});
    };
    const { internal } = assembleApps({ token: 'secret', engine });
    const response = await internal.request('/admin/v1/reindex', { ...authorized, method: 'POST' });
    expect([response.status, await response.json()]).toEqual([202, { codebases: ['shop'], full: true }]);
    expect(runs).toEqual(['shop true']);
    const unknown = await internal.request('/admin/v1/reindex', {
      ...authorized,
      method: 'POST',
      body: '{"codebases":["x"]}',
    });
    expect(unknown.status).toBe(404);
  });
});

describe('metrics', () => {
  test('[server.metrics-contract] every name of the contract is exported, and no other codesage name', async () => {
    let tell: (event: EngineEvent) => void = () => {};
    const { internal, app } = assembleApps({
      engine: createStubEngine({
        subscribe: (listener) => {
          tell = listener;
        },
      }),
    });
    tell({ type: 'indexed', codebase: 'shop', outcome: 'ok', seconds: 2 });
    tell({ type: 'synced', codebase: 'shop', outcome: 'failed' });
    await post(app, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_codebases' } });
    const text = await (await internal.request('/metrics')).text();
    const exported = [...text.matchAll(/^# TYPE (codesage_\w+)/gm)].map(([, name]) => name);
    expect(exported.toSorted()).toEqual(Object.values(metricNames).toSorted());
    expect(text).toContain('codesage_source_syncs_total{codebase="shop",outcome="failed"} 1');
    expect(text).toContain('codesage_index_duration_seconds_sum{codebase="shop"} 2');
  });

  test('[runbook-2.2] response times, memory, cache hits and errors are there', async () => {
    const engine = createStubEngine();
    const { internal, app } = assembleApps({ engine });
    engine.caches.search.hits = 3;
    await post(app, {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'read_code_file', arguments: { file_path: 'none' } },
    });
    const text = await (await internal.request('/metrics')).text();
    expect(text).toContain('codesage_tool_requests_total{tool="read_code_file",outcome="error",code="FileNotFound"} 1');
    expect(text).toContain('codesage_tool_duration_seconds_count{tool="read_code_file"} 1');
    expect(text).toContain('codesage_cache_requests_total{cache="search",result="hit"} 3');
    expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
    engine.caches.search.hits = 5;
    expect(await (await internal.request('/metrics')).text()).toContain(
      'codesage_cache_requests_total{cache="search",result="hit"} 5',
    );
  });
});
