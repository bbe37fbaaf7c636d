/** Decides whether the http port answers MCP clients of both eras, the runbook's bare calls, and refuses the rest properly. */
import { describe, expect, test } from 'vitest';
import { assembleApps, modernCall, post } from '../testing/assemble.ts';
import { createStubEngine } from '../testing/stub-engine.ts';

type Answer = {
  result?: Record<string, unknown>;
  error?: { code: number; message: string; data?: unknown };
  id: unknown;
};
const answerOf = async (response: Response) => (await response.json()) as Answer;

describe('the runbook calls', () => {
  test('[runbook-2.1] GET / says that the server is running', async () => {
    const response = await assembleApps().app.request('/');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ message: 'CodeSage MCP Server is running!', version: '0.0.0-test' });
  });

  test('[server.runbook-curl] initialize without params and without Accept is answered in plain JSON', async () => {
    const response = await post(assembleApps().app, { jsonrpc: '2.0', method: 'initialize', id: 1 });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect((await answerOf(response)).result).toMatchObject({
      protocolVersion: '2025-11-25',
      serverInfo: { name: 'codesage' },
    });
  });

  test('[server.runbook-curl] tools/call without arguments is answered', async () => {
    const response = await post(assembleApps().app, {
      jsonrpc: '2.0',
      method: 'tools/call',
      id: 1,
      params: { name: 'get_cache_statistics' },
    });
    const { result } = await answerOf(response);
    expect(result?.structuredContent).toMatchObject({
      caching_enabled: true,
      statistics: { hit_rates: { overall: 0 } },
    });
  });
});

describe('2025-era requests', () => {
  test.each(['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'])(
    '[server.both-eras] initialize agrees on %s',
    async (protocolVersion) => {
      const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'x', version: '1' } };
      const { result } = await answerOf(
        await post(assembleApps().app, { jsonrpc: '2.0', id: 1, method: 'initialize', params }),
      );
      expect(result?.protocolVersion).toBe(protocolVersion);
    },
  );

  test('a version nobody knows is answered with the newest one of the era', async () => {
    const params = { protocolVersion: '1999-01-01', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
    const { result } = await answerOf(
      await post(assembleApps().app, { jsonrpc: '2.0', id: 1, method: 'initialize', params }),
    );
    expect(result?.protocolVersion).toBe('2025-11-25');
  });

  test('ping, an unknown method, and an unknown tool have their proper answers', async () => {
    const { app } = assembleApps();
    expect((await answerOf(await post(app, { jsonrpc: '2.0', id: 'a', method: 'ping' }))).result).toEqual({});
    const unknown = await post(app, { jsonrpc: '2.0', id: 7, method: 'nope' });
    expect(unknown.status).toBe(200);
    expect(await answerOf(unknown)).toMatchObject({ id: 7, error: { code: -32601 } });
    const tool = await answerOf(
      await post(app, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'nope' } }),
    );
    expect(tool.error).toMatchObject({ code: -32602, message: expect.stringContaining('Unknown tool: nope') });
  });

  test('notifications are accepted without a body, batches and unknown versions are refused', async () => {
    const { app } = assembleApps();
    const notified = await post(app, { jsonrpc: '2.0', method: 'notifications/initialized' });
    expect([notified.status, await notified.text()]).toEqual([202, '']);
    expect((await post(app, [{ jsonrpc: '2.0', id: 1, method: 'ping' }])).status).toBe(400);
    const version = await post(
      app,
      { jsonrpc: '2.0', id: 1, method: 'ping' },
      { 'MCP-Protocol-Version': '2025-01-01' },
    );
    expect([version.status, (await answerOf(version)).error?.code]).toEqual([400, -32022]);
  });

  test('progress is streamed to a caller that asked, and only to it', async () => {
    const { app } = assembleApps();
    const params = { name: 'index_codebase', arguments: { path: 'shop' } };
    const plain = await post(app, { jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    expect(plain.headers.get('content-type')).toMatch(/^application\/json/);
    const streamed = await post(app, {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { ...params, _meta: { progressToken: 't' } },
    });
    expect(streamed.headers.get('content-type')).toBe('text/event-stream');
    const text = await streamed.text();
    expect(text.match(/notifications\/progress/g)).toHaveLength(3);
    expect(text).toContain('Indexed 3 files');
  });
});

describe('2026-07-28 requests', () => {
  test('[server.both-eras] server/discover, tools/list and tools/call work without a handshake', async () => {
    const { app } = assembleApps();
    const discover = modernCall('server/discover');
    const discovered = (await answerOf(await post(app, discover.body, discover.headers))).result;
    expect(discovered).toMatchObject({
      supportedVersions: ['2026-07-28'],
      resultType: 'complete',
      cacheScope: 'public',
    });
    const list = modernCall('tools/list');
    expect((await answerOf(await post(app, list.body, list.headers))).result).toMatchObject({
      resultType: 'complete',
      ttlMs: 300_000,
    });
    const call = modernCall('tools/call', { name: 'semantic_search_codebase', arguments: { query: 'retry payment' } });
    const { result } = await answerOf(await post(app, call.body, call.headers));
    expect(result).toMatchObject({
      resultType: 'complete',
      structuredContent: { results: [{ file_path: 'shop/src/payment.ts' }] },
    });
  });

  test('faults of the envelope have their codes', async () => {
    const { app } = assembleApps();
    const call = modernCall('tools/list');
    const mismatch = await post(app, call.body, { ...call.headers, 'Mcp-Method': 'tools/call' });
    expect([mismatch.status, (await answerOf(mismatch)).error?.code]).toEqual([400, -32020]);
    const future = modernCall('tools/list', {}, '2027-01-01');
    const version = await post(app, future.body, future.headers);
    expect([version.status, (await answerOf(version)).error?.code]).toEqual([400, -32022]);
    const method = modernCall('nope');
    const unknown = await post(app, method.body, method.headers);
    expect([unknown.status, (await answerOf(unknown)).error?.code]).toEqual([404, -32601]);
    const legacyOnly = modernCall('initialize');
    expect((await post(app, legacyOnly.body, legacyOnly.headers)).status).toBe(404);
  });
});

describe('limits', () => {
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };

  test('GET and DELETE /mcp are not allowed: there are no sessions', async () => {
    const { app } = assembleApps();
    for (const method of ['GET', 'DELETE']) {
      const response = await app.request('/mcp', { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    }
  });

  test('[server.origin-checked] a foreign page is refused, an allowed one served', async () => {
    const { app } = assembleApps({ config: { http: { allowedOrigins: ['https://ide.example.com'] } } });
    expect((await post(app, ping, { Origin: 'https://evil.example' })).status).toBe(403);
    expect((await post(app, ping, { Origin: 'https://ide.example.com' })).status).toBe(200);
    const local = assembleApps({ boundHost: '127.0.0.1' }).app;
    expect((await post(local, ping, { Host: 'rebound.example' })).status).toBe(403);
  });

  test('[server.origin-checked] a browser lets an allowed page send its calls and read the answers, and no other', async () => {
    const { app } = assembleApps({ config: { http: { allowedOrigins: ['https://ide.example.com'] } } });
    const preflight = (origin: string) =>
      app.request('/mcp', {
        method: 'OPTIONS',
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'content-type,mcp-protocol-version',
        },
      });
    const asked = await preflight('https://ide.example.com');
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, 'https://ide.example.com']);
    expect(asked.headers.get('access-control-allow-headers')).toMatch(/content-type,\s*mcp-protocol-version/i);
    const answered = await post(app, ping, { Origin: 'https://ide.example.com' });
    expect(answered.headers.get('access-control-allow-origin')).toBe('https://ide.example.com');
    const foreign = await preflight('https://evil.example');
    expect([foreign.status, foreign.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    expect((await post(app, ping)).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('[server.limits] a body that is too large, too deep, not JSON or of another type is refused', async () => {
    const { app } = assembleApps({ limits: { bodyBytes: 200, jsonDepth: 4 } });
    expect((await post(app, JSON.stringify({ ...ping, params: { pad: 'x'.repeat(300) } }))).status).toBe(413);
    expect((await post(app, '[[[[[1]]]]]')).status).toBe(400);
    const broken = await post(app, '{"jsonrpc"');
    expect([broken.status, (await answerOf(broken)).error?.code]).toEqual([400, -32700]);
    expect((await post(app, ping, { 'Content-Type': 'text/plain' })).status).toBe(415);
  });

  test('[server.limits] more calls at once than allowed are told to come again, and then served', async () => {
    const { promise: release, resolve } = Promise.withResolvers<void>();
    const engine = createStubEngine();
    const status = engine.status;
    engine.status = async () => {
      await release;
      return status();
    };
    const { app } = assembleApps({ engine, limits: { concurrency: 1 } });
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_codebases' } };
    const first = post(app, call);
    const second = await post(app, call);
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await answerOf(second)).toMatchObject({
      id: 1,
      error: {
        code: -32000,
        message: expect.stringContaining('Try again in a second'),
        data: { retryAfterSeconds: 1 },
      },
    });
    resolve();
    expect((await first).status).toBe(200);
    expect((await post(app, call)).status).toBe(200);
  });
});

test('[server.limits] requests that are slow to arrive take no place of those that are there', async () => {
  const { app } = assembleApps({ limits: { concurrency: 1, arrivals: 4 } });
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  const slowly = (): { finish: () => void; response: Promise<Response> } => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const headers = { 'Content-Type': 'application/json', 'Content-Length': '100' };
    const request = new Request('http://localhost/mcp', { method: 'POST', headers, body: readable, duplex: 'half' });
    const finish = () => void writer.write(new TextEncoder().encode(JSON.stringify(ping))).then(() => writer.close());
    return { finish, response: Promise.resolve(app.request(request)) };
  };
  const first = slowly();
  expect((await post(app, ping)).status).toBe(200);
  const second = slowly();
  expect((await post(app, ping)).status).toBe(429);
  for (const { finish, response } of [first, second]) {
    finish();
    expect((await response).status).toBe(200);
  }
  expect((await post(app, ping)).status).toBe(200);
});

test('[limits.rate] a client over its rate is refused until the minute is over, before its message is read', async () => {
  const { app } = assembleApps({ limits: { requestsPerMinutePerClient: 2 } });
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  expect([(await post(app, ping)).status, (await post(app, ping)).status]).toEqual([200, 200]);
  const refused = await post(app, 'no json at all');
  expect(refused.status).toBe(429);
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(50);
  expect(seconds).toBeLessThanOrEqual(60);
});

test('[limits.request-time] a request that takes too long is given up, and its work is told so', async () => {
  const { promise: stopped, resolve } = Promise.withResolvers<unknown>();
  const engine = createStubEngine({
    semanticSearch: (_request, signal) => {
      signal?.addEventListener('abort', () => resolve(signal.reason));
      return new Promise(() => {});
    },
  });
  const { app } = assembleApps({ engine, limits: { requestSeconds: 0.05 } });
  const params = { name: 'semantic_search_codebase', arguments: { query: 'x' } };
  const response = await post(app, { jsonrpc: '2.0', id: 7, method: 'tools/call', params });
  expect(response.status).toBe(504);
  expect(await answerOf(response)).toMatchObject({ id: 7, error: { message: expect.stringContaining('took longer') } });
  await stopped;
});

describe('refusals repeat nothing of what was sent', () => {
  const secret = 'sk-live-0123456789abcdef';
  const long = 'y'.repeat(7000);
  const call = (name: string, extra = {}) => ({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name, ...extra },
  });
  test.each<[string, unknown, Record<string, string>]>([
    ['a foreign origin', call('x'), { Origin: `https://${long}.example` }],
    ['broken JSON', `{"token":"${secret}"`, {}],
    ['another type', `token=${secret}`, { 'Content-Type': 'text/plain' }],
    ['an unknown version', call('x'), { 'MCP-Protocol-Version': long }],
    ['an unknown tool', call(long), {}],
    ['an unknown method', { jsonrpc: '2.0', id: 1, method: long }, {}],
    ['arguments that are none', call('list_codebases', { arguments: { [long]: long } }), {}],
    [
      'a wrong mirrored header',
      modernCall('tools/call', { name: long }).body,
      { ...modernCall('x').headers, 'Mcp-Name': long },
    ],
    ['no message', { jsonrpc: '2.0', id: 1, method: 5, params: long }, {}],
    ['an id of a kind that is none', { jsonrpc: '2.0', id: { a: long }, method: 'ping' }, {}],
  ])('[limits.no-echo] %s', async (_name, body, headers) => {
    const { app } = assembleApps();
    const response = await post(app, body, {
      Authorization: `Bearer ${secret}`,
      Cookie: `session=${secret}`,
      ...headers,
    });
    const text = await response.text();
    expect(text).not.toContain(secret);
    expect(text.length).toBeLessThan(3000);
    expect(JSON.stringify([...response.headers]).length).toBeLessThan(1000);
  });

  test('[limits.no-echo] a path', async () => {
    const response = await assembleApps().app.request(`/nowhere/${long}?token=${secret}`);
    const text = await response.text();
    expect([response.status, text.includes(secret), text.length < 300]).toEqual([404, false, true]);
  });
});

test('[limits.hosts] only the names that were told are answered to, where some were', async () => {
  const { app } = assembleApps({ config: { http: { allowedHosts: ['code.example.com'] } } });
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  expect((await post(app, ping, { Host: 'code.example.com' })).status).toBe(200);
  const refused = await post(app, ping, { Host: 'rebound.evil.example' });
  expect([refused.status, (await answerOf(refused)).error?.message]).toEqual([
    403,
    expect.stringContaining('http.allowedHosts'),
  ]);
});

test('an ingress prefix is served beside the bare paths', async () => {
  const { app } = assembleApps({ config: { http: { basePath: '/shop' } } });
  expect((await app.request('/shop')).status).toBe(200);
  expect((await app.request('/shop/')).status).toBe(200);
  const prefixed = await app.request('/shop/mcp', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  });
  expect(prefixed.status).toBe(200);
  expect((await post(app, { jsonrpc: '2.0', id: 1, method: 'ping' })).status).toBe(200);
  expect((await app.request('/shopping')).status).toBe(404);
});
