/** Decides whether the real server speaks the protocol as it is written, byte by byte, where client libraries would hide it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorkspace, type ServerProcess, startServer, type Workspace } from './support/server-process.ts';

let workspace: Workspace;
let server: ServerProcess;

beforeAll(async () => {
  workspace = await createWorkspace();
  server = await startServer(workspace);
});
afterAll(async () => {
  await server?.stop();
  await workspace?.remove();
});

type Json = Record<string, unknown>;
type Answer = { status: number; type: string | null; body: Json; messages: Json[] };

const revision = '2026-07-28';
const envelope = (version = revision): Json => ({
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientInfo': { name: 'wire', version: '0' },
  'io.modelcontextprotocol/clientCapabilities': {},
});

/** Posts one message; `body` is the JSON of the answer, or of the last message of its stream. */
async function post(message: Json, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
  });
  const type = response.headers.get('content-type');
  const text = await response.text();
  const messages = type?.startsWith('text/event-stream')
    ? [...text.matchAll(/^data: (.+)$/gm)].map(([, data = '']) => JSON.parse(data) as Json)
    : [JSON.parse(text) as Json];
  return { status: response.status, type, body: messages.at(-1) ?? {}, messages };
}

/** A request of the 2026-07-28 era with the headers that mirror it; `changes` replace some of them, undefined takes one away. */
function modern(method: string, params: Json = {}, changes: Record<string, string | undefined> = {}): Promise<Answer> {
  const name = params.name ?? params.uri;
  const headers: Record<string, string | undefined> = {
    'MCP-Protocol-Version': revision,
    'Mcp-Method': method,
    'Mcp-Name': typeof name === 'string' ? name : undefined,
    ...changes,
  };
  const kept = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return post({ method, params: { _meta: envelope(), ...params } }, Object.fromEntries(kept));
}

describe('[mcp.wire] a request of the 2026-07-28 era', () => {
  test.each<[string, () => Promise<Answer>, number, number]>([
    [
      'whose Mcp-Method names another method',
      () => modern('tools/list', {}, { 'Mcp-Method': 'tools/call' }),
      400,
      -32_020,
    ],
    ['without Mcp-Method', () => modern('tools/list', {}, { 'Mcp-Method': undefined }), 400, -32_020],
    [
      'whose Mcp-Name names another tool',
      () => modern('tools/call', { name: 'list_codebases', arguments: {} }, { 'Mcp-Name': 'get_configuration' }),
      400,
      -32_020,
    ],
    [
      'whose Mcp-Name differs in case',
      () => modern('tools/call', { name: 'list_codebases', arguments: {} }, { 'Mcp-Name': 'LIST_CODEBASES' }),
      400,
      -32_020,
    ],
    [
      'without Mcp-Name where there is a name',
      () => modern('tools/call', { name: 'list_codebases', arguments: {} }, { 'Mcp-Name': undefined }),
      400,
      -32_020,
    ],
    [
      'whose Mcp-Name names another resource',
      () => modern('resources/read', { uri: 'codesage://shop' }, { 'Mcp-Name': 'codesage://other' }),
      400,
      -32_020,
    ],
    [
      'whose version header says another version',
      () => modern('tools/list', {}, { 'MCP-Protocol-Version': '2025-11-25' }),
      400,
      -32_020,
    ],
    [
      'of a version that is not served',
      () => modern('tools/list', { _meta: envelope('2099-01-01') }, { 'MCP-Protocol-Version': '2099-01-01' }),
      400,
      -32_022,
    ],
    ['of an unknown method', () => modern('tools/erase'), 404, -32_601],
    ['of a method of the other era', () => modern('ping'), 404, -32_601],
    ['without an envelope', () => modern('tools/list', { _meta: {} }), 400, -32_602],
    ['without the name of a tool', () => modern('tools/call', { arguments: {} }), 200, -32_602],
    ['for a tool that there is not', () => modern('tools/call', { name: 'nope', arguments: {} }), 200, -32_602],
    ['for a resource that there is not', () => modern('resources/read', { uri: 'codesage://nope' }), 200, -32_602],
  ])('%s is refused with status and code', async (_name, ask, status, code) => {
    const answer = await ask();
    expect(answer).toMatchObject({ status, body: { jsonrpc: '2.0', error: { code, message: expect.any(String) } } });
  });

  test('header names and white space around values count for nothing, and an encoded name for what it says', async () => {
    const name = `=?base64?${Buffer.from('list_codebases').toString('base64')}?=`;
    const call = { name: 'list_codebases', arguments: {} };
    for (const changes of [{ 'Mcp-Name': ' list_codebases ' }, { 'Mcp-Name': name }])
      expect(await modern('tools/call', call, changes)).toMatchObject({
        status: 200,
        body: { result: { resultType: 'complete' } },
      });
  });
});

describe('[mcp.wire] cache hints', () => {
  test.each<[string, Json, 'public' | 'private']>([
    ['server/discover', {}, 'public'],
    ['tools/list', {}, 'public'],
    ['prompts/list', {}, 'public'],
    ['resources/templates/list', {}, 'public'],
    ['resources/list', {}, 'private'],
    ['resources/read', { uri: 'codesage://shop/src/cart.ts' }, 'private'],
  ])('%s says how long it may be kept, and by whom', async (method, params, cacheScope) => {
    const { body } = await modern(method, params);
    expect(body.result).toMatchObject({ resultType: 'complete', cacheScope, ttlMs: expect.any(Number) });
    expect((body.result as { ttlMs: number }).ttlMs).toBeGreaterThan(0);
  });

  test('clients of the 2025 era get none, nor anything else of the new era', async () => {
    const { body } = await post({ method: 'tools/list' });
    expect(Object.keys(body.result as Json)).toEqual(['tools']);
  });
});

test('[mcp.wire] server/discover tells versions, capabilities, instructions and who serves', async () => {
  const { body } = await modern('server/discover');
  expect(body.result).toMatchObject({
    supportedVersions: expect.arrayContaining([revision]),
    capabilities: { tools: {}, resources: {}, prompts: {}, completions: {} },
    instructions: expect.stringContaining('list_codebases'),
    _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'codesage' } },
  });
});

test('[mcp.wire] a subscription to what is not offered is told so and holds no stream open', async () => {
  const wanted = { resourceSubscriptions: ['codesage://shop'], toolsListChanged: true };
  const { type, messages } = await modern('subscriptions/listen', { notifications: wanted });
  expect(type).toBe('text/event-stream');
  expect(messages).toMatchObject([
    { method: 'notifications/subscriptions/acknowledged', params: { notifications: {} } },
    { id: 1, result: { resultType: 'complete' } },
  ]);
});

test.each(['GET', 'DELETE'])('[mcp.wire] %s is answered with the method that is served', async (method) => {
  const response = await fetch(server.url, { method });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('POST');
});

test.each<[string, (params: Json) => Promise<Answer>]>([
  ['the 2025 era', (params) => post({ method: 'tools/call', params: { ...params, _meta: { progressToken: 'p' } } })],
  ['the 2026-07-28 era', (params) => modern('tools/call', { ...params, _meta: { ...envelope(), progressToken: 'p' } })],
])(
  '[mcp.wire] in %s progress of indexing comes on the stream of the call, rising, before the answer',
  async (_name, call) => {
    const { status, type, messages, body } = await call({
      name: 'index_codebase',
      arguments: { path: 'shop', full: true },
    });
    expect({ status, type }).toEqual({ status: 200, type: 'text/event-stream' });
    const steps = messages.slice(0, -1) as { method: string; params: { progressToken: string; progress: number } }[];
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps)
      expect(step).toMatchObject({
        method: 'notifications/progress',
        params: { progressToken: 'p', message: expect.any(String) },
      });
    const values = steps.map(({ params }) => params.progress);
    expect(values).toEqual([...new Set(values)].toSorted((x, y) => x - y));
    expect(body).toMatchObject({ id: 1, result: { structuredContent: { state: 'Ready' } } });
  },
);

test('[mcp.wire] without a token there is one answer in plain JSON, whatever is accepted', async () => {
  for (const accept of ['text/event-stream', '*/*', 'application/json']) {
    const answer = await post(
      { method: 'tools/call', params: { name: 'index_codebase', arguments: { path: 'shop' } } },
      { Accept: accept },
    );
    expect(answer).toMatchObject({ status: 200, body: { id: 1, result: { structuredContent: { state: 'Ready' } } } });
    expect(answer.type).toMatch(/^application\/json/);
  }
});
