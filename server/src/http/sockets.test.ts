/** Decides whether clients that are slow, silent, greedy or many leave the port to others, on real sockets. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { assembleApps, type TestOptions } from '../testing/assemble.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { defaultHttpLimits, type HttpLimits } from './limits.ts';
import { type Listener, listen } from './listen.ts';

const host = '127.0.0.1';
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
let listener: Listener | undefined;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await listener?.close(0);
});

async function serve(limits: Partial<HttpLimits>, options: TestOptions = {}): Promise<void> {
  const whole = { ...defaultHttpLimits, ...limits };
  const { app } = assembleApps({ ...options, limits: whole });
  listener = await listen(app, { port: 0, host, limits: whole, flag: '--port' });
}

/** What came over a connection, and when it ended. */
async function open(text = ''): Promise<{ socket: Socket; received: () => string; ended: Promise<unknown> }> {
  const socket = connect(listener?.port ?? 0, host);
  sockets.push(socket);
  let received = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    received += part;
  });
  socket.on('error', () => {});
  const ended = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  return { socket, received: () => received, ended };
}

function send(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`http://${host}:${listener?.port}/mcp`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

const start = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';

describe('a connection', () => {
  test.each([
    ['that never sends a byte', '', ''],
    ['that sends its headers a letter at a time', start, 'x'],
    ['that sends its body a letter at a time', `${start}Content-Length: 1000\r\n\r\n{`, ' '],
    ['that sends its body in endless pieces', `${start}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`, '1\r\n \r\n'],
  ])('[limits.connections] %s is ended, and others are served meanwhile', async (_name, first, then) => {
    await serve({ receiveSeconds: 0.4 });
    const { socket, received, ended } = await open(first);
    const drip = setInterval(() => then !== '' && socket.writable && socket.write(then), 50);
    expect((await send(ping)).status).toBe(200);
    await ended;
    clearInterval(drip);
    // That it took too long reaches only who is not sending at that moment.
    expect(received() === '' || received().startsWith('HTTP/1.1 408 ')).toBe(true);
    expect((await send(ping)).status).toBe(200);
  });

  test('[limits.connections] with headers that are too long is refused', async () => {
    await serve({});
    const { received, ended } = await open(`${start}X-Long: ${'x'.repeat(20_000)}\r\n\r\n`);
    await ended;
    expect(received()).toMatch(/^HTTP\/1.1 431 /);
  });

  test('[limits.connections] beyond its share is closed at once, and gets in again when another ends', async () => {
    await serve({ connections: 8 });
    const kept = await Promise.all(Array.from({ length: 4 }, () => open()));
    const fifth = await open();
    await fifth.ended;
    expect(fifth.received()).toBe('');
    kept[0]?.socket.destroy();
    await vi.waitFor(async () => expect((await send(ping)).status).toBe(200));
  });
});

/** An engine whose searches wait until they are released. */
function heldEngine() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const engine = createStubEngine();
  const { semanticSearch } = engine;
  let searching = 0;
  engine.semanticSearch = async (request, signal) => {
    searching += 1;
    await promise;
    return semanticSearch(request, signal);
  };
  return { engine, release: resolve, searching: () => searching };
}

/** So many searches at once, and how many of them were refused so far. */
function floodOf(count: number, headersOf: (at: number) => Record<string, string>) {
  let refused = 0;
  const calls = Array.from({ length: count }, async (_, at) => {
    const { status } = await send(search, headersOf(at));
    if (status === 429) refused += 1;
    return status;
  });
  return { statuses: Promise.all(calls), refused: () => refused };
}

const search = {
  jsonrpc: '2.0',
  id: 5,
  method: 'tools/call',
  params: { name: 'semantic_search_codebase', arguments: { query: 'cart' } },
};

describe('a client that floods', () => {
  test('[limits.per-client] has its share under way, is told when to come again, and locks out nobody', async () => {
    const { engine, release, searching } = heldEngine();
    await serve({ concurrency: 8, concurrencyPerClient: 3 }, { engine });
    const greedy = { 'X-Forwarded-For': '203.0.113.1' };
    const flood = floodOf(20, () => greedy);
    await vi.waitFor(() => expect([searching(), flood.refused()]).toEqual([3, 17]));
    const refused = await send(search, greedy);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await refused.json()).toMatchObject({ id: 5, error: { data: { retryAfterSeconds: 1 } } });
    for (const address of ['203.0.113.2', '203.0.113.3'])
      expect((await send(ping, { 'X-Forwarded-For': address })).status).toBe(200);
    release();
    expect((await flood.statuses).filter((status) => status === 200)).toHaveLength(3);
    expect((await send(search, greedy)).status).toBe(200);
  });

  test('[limits.client-address] is not many clients for writing many addresses, where its proxy is not trusted', async () => {
    const { engine, release, searching } = heldEngine();
    await serve({ concurrencyPerClient: 2, trustedProxies: [] }, { engine });
    const flood = floodOf(6, (at) => ({ 'X-Forwarded-For': `203.0.113.${at}` }));
    await vi.waitFor(() => expect([searching(), flood.refused()]).toEqual([2, 4]));
    expect((await send(ping, { 'X-Forwarded-For': '203.0.113.77' })).status).toBe(429);
    release();
    expect((await flood.statuses).filter((status) => status === 200)).toHaveLength(2);
  });

  test('[limits.per-client] keeps the place of an answer that is a stream until that ends', async () => {
    const { promise, resolve: release } = Promise.withResolvers<void>();
    const engine = createStubEngine();
    const { indexCodebase } = engine;
    engine.indexCodebase = async (name, options) => {
      options.onProgress?.({ codebase: name, phase: 'indexing', filesDone: 1, filesTotal: 2, chunksDone: 1 });
      await promise;
      return indexCodebase(name, options);
    };
    await serve({ concurrency: 2 }, { engine });
    const params = { name: 'index_codebase', arguments: { path: 'shop' }, _meta: { progressToken: 'a' } };
    const streamed = await send({ ...search, params }, { Accept: 'application/json, text/event-stream' });
    expect(streamed.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect((await send(ping)).status).toBe(429);
    release();
    expect(await streamed.text()).toContain('"structuredContent"');
    await vi.waitFor(async () => expect((await send(ping)).status).toBe(200));
  });
});
