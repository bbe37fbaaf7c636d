/** Decides whether a server that was told to stop leaves as nobody notices: late for callers, early for proxies. */
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../mcp/support/server-process.ts';
import { createFleet, type Fleet, type Server } from './support/fleet.ts';

let fleet: Fleet;
let server: Server;

beforeEach(async () => {
  fleet = await createFleet(1);
  server = fleet.searchers[0] as Server;
});
afterEach(() => fleet?.stop());

/** One call over a connection that is kept. */
async function call(
  agent: Agent,
  name: string,
  args: object = {},
): Promise<{ connection: string | undefined; text: string }> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } });
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  const asked = request({ host: '127.0.0.1', port: server.port, path: '/mcp', method: 'POST', headers, agent });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const piece of response.setEncoding('utf8')) text += piece;
  return { connection: response.headers.connection, text };
}

async function answersReady(): Promise<number> {
  return (await fetch(new URL('/readyz', server.internal))).status;
}

test('[server.drain] it is not ready at once, answers on, asks to leave connections, and ends with code 0', async () => {
  await server.start();
  const agent = new Agent({ keepAlive: true });
  expect((await call(agent, 'list_codebases')).connection).toBe('keep-alive');
  const ended = server.end('SIGTERM');
  await eventually(async () => (await answersReady()) === 503, 'readiness to end');
  expect((await fetch(new URL('/livez', server.internal))).status).toBe(200);
  // The connection that was kept, and new ones.
  for (let i = 0; i < 3; i++) {
    const { connection, text } = await call(agent, 'list_codebases');
    expect([connection, JSON.parse(text)]).toMatchObject(['close', { result: { structuredContent: {} } }]);
  }
  expect(await ended).toEqual({ code: 0, signal: null });
  await expect(call(agent, 'list_codebases')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  agent.destroy();
});

test('[server.drain] a call under way ends well although the port is closed meanwhile', async () => {
  const indexing = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  // An indexer that takes its time.
  const slow = createServer(async (_, response) => {
    indexing.resolve();
    await finish.promise;
    const outcome = {
      codebase: 'shop',
      files: 7,
      filesAdded: 0,
      filesChanged: 0,
      filesRemoved: 0,
      chunks: 7,
      chunksEmbedded: 0,
      skipped: {},
      seconds: 1,
    };
    response.end(`${JSON.stringify({ outcome })}\n`);
  }).listen(Number(fleet.indexer.internal.port), '127.0.0.1');
  await once(slow, 'listening');
  await server.configure(fleet.searchConfig({ http: { drainSeconds: 0 } }));
  await server.start();
  const agent = new Agent();
  const asked = call(agent, 'index_codebase', { path: 'shop' });
  await indexing.promise;
  const ended = server.end('SIGTERM');
  const isClosed = () =>
    call(new Agent(), 'list_codebases').then(
      () => false,
      () => true,
    );
  await eventually(isClosed, 'the port to close');
  finish.resolve();
  expect(JSON.parse((await asked).text)).toMatchObject({ result: { structuredContent: { files_indexed: 7 } } });
  expect(await ended).toEqual({ code: 0, signal: null });
  slow.close();
});

test('[server.drain] a second signal ends it at once', async () => {
  await server.configure(fleet.searchConfig({ http: { drainSeconds: 15 } }));
  await server.start();
  const ended = server.end('SIGTERM');
  await eventually(async () => (await answersReady()) === 503, 'readiness to end');
  server.child().kill('SIGINT');
  expect(await ended).toEqual({ code: null, signal: 'SIGINT' });
});
