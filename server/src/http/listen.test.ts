/** Decides what happens on real sockets: abandoned calls stop their work, taken ports are told, closing drains. */
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { Hono } from 'hono';
import { expect, test, vi } from 'vitest';
import { assembleApps } from '../testing/assemble.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { defaultHttpLimits } from './limits.ts';
import { listen } from './listen.ts';

const limits = { ...defaultHttpLimits, receiveSeconds: 5 };
const local = { port: 0, host: '127.0.0.1', limits, flag: '--port' };

test.each([
  ['a plain call', {}],
  ['a call that asked for progress', { _meta: { progressToken: 1 } }],
])('[server.cancellation] %s whose caller hangs up stops its search', async (_name, extra) => {
  const { promise: searching, resolve: begun } = Promise.withResolvers<AbortSignal>();
  const engine = createStubEngine({
    semanticSearch: (_request, signal) => {
      if (signal !== undefined) begun(signal);
      return new Promise(() => {});
    },
  });
  const listener = await listen(assembleApps({ engine }).app, local);
  const call = httpRequest({
    port: listener.port,
    host: '127.0.0.1',
    path: '/mcp',
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
  });
  call.on('error', () => {});
  call.end(
    JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'semantic_search_codebase', arguments: { query: 'x' }, ...extra },
    }),
  );
  const signal = await searching;
  call.destroy();
  if (!signal.aborted) await once(signal, 'abort');
  expect(signal.aborted).toBe(true);
  await listener.close(100);
});

test('a finished call is not taken for an abandoned one', async () => {
  let signal: AbortSignal | undefined;
  const engine = createStubEngine();
  const search = engine.semanticSearch;
  engine.semanticSearch = (request, given) => {
    signal = given;
    return search(request);
  };
  const listener = await listen(assembleApps({ engine }).app, local);
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'semantic_search_codebase', arguments: { query: 'cart' } },
  });
  const response = await fetch(`http://127.0.0.1:${listener.port}/mcp`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  });
  expect(await response.json()).toMatchObject({
    result: { structuredContent: { results: [{ file_path: 'shop/src/cart.ts' }] } },
  });
  await listener.close(100);
  expect(signal?.aborted).toBe(false);
});

test('[server.limits] a body of unstated length is counted', async () => {
  const listener = await listen(assembleApps({ limits: { bodyBytes: 1000 } }).app, local);
  const call = httpRequest({
    port: listener.port,
    host: '127.0.0.1',
    path: '/mcp',
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' },
  });
  call.on('error', () => {});
  call.end(`"${'x'.repeat(5000)}"`);
  const [response] = await once(call, 'response');
  expect(response.statusCode).toBe(413);
  response.resume();
  await listener.close(100);
});

test('a taken port is told with what to do', async () => {
  const app = new Hono();
  const first = await listen(app, local);
  await expect(listen(app, { ...local, port: first.port })).rejects.toMatchObject({
    code: 'PortInUse',
    remedy: expect.stringContaining('--port'),
  });
  await first.close(100);
});

test('closing lets an answer under way finish, and cuts it when it takes too long', async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const arrived = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  for (const [index, drainMs] of [
    [0, 5000],
    [1, 20],
  ] as const) {
    const app = new Hono().get('/', async (context) => {
      arrived[index].resolve();
      await gates[index].promise;
      return context.text('done');
    });
    const listener = await listen(app, local);
    const answer = fetch(`http://127.0.0.1:${listener.port}/`).then((response) => response.text());
    const outcome = answer.catch(() => 'cut');
    await arrived[index].promise;
    const closed = listener.close(drainMs);
    expect(listener.isListening()).toBe(false);
    if (index === 0) gates[index].resolve();
    await closed;
    expect(await outcome).toBe(index === 0 ? 'done' : 'cut');
  }
});

test('[server.drain] a connection that is kept is answered on after the port is closed, and asked to be left', async () => {
  const app = new Hono().get('/', (context) => context.text('done'));
  const listener = await listen(app, local);
  const agent = new Agent({ keepAlive: true });
  const ask = async () => {
    const call = httpRequest({ port: listener.port, host: '127.0.0.1', agent });
    call.end();
    const [response] = await once(call, 'response');
    response.resume();
    await once(response, 'end');
    return { reused: call.reusedSocket, ...response.headers };
  };
  // Who keeps to it never sends over a connection that is about to be closed.
  expect(await ask()).toMatchObject({ reused: false, connection: 'keep-alive', 'keep-alive': 'timeout=5' });
  const closed = listener.close(10_000, 'idle');
  await vi.waitFor(() => expect(fetch(`http://127.0.0.1:${listener.port}/`)).rejects.toThrow());
  expect(await ask()).toMatchObject({ reused: true, connection: 'close' });
  await closed;
  agent.destroy();
});
