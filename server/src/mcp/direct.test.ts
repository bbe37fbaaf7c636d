/** Decides whether the shortcut answers exactly what the SDK answers, in both eras, and steps aside for the unusual. */
import {
  classifyInboundRequest,
  createMcpHandler,
  type InboundLegacyRoute,
  type InboundModernRoute,
  PerRequestHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { describe, expect, test } from 'vitest';
import { anonymous } from '../auth/caller.ts';
import { modernCall, testServices } from '../testing/assemble.ts';
import { registry } from '../tools/registry.ts';
import { createToolRunner } from '../tools/run.ts';
import { createDirectAnswer } from './direct.ts';
import { authOf, createMcpServerFactory } from './server.ts';

type Json = Record<string, unknown>;
const services = { tools: registry, runTool: createToolRunner(testServices(), () => {}), version: '0.0.0-test' };
const answerDirectly = createDirectAnswer(services);
const createServer = createMcpServerFactory(services);

function direct(body: Json, headers: Record<string, string> = {}): Promise<Response> | undefined {
  const header = (name: string) => headers[name];
  const versionHeader = header('MCP-Protocol-Version');
  const route = classifyInboundRequest({
    httpMethod: 'POST',
    body,
    ...(versionHeader !== undefined && { protocolVersionHeader: versionHeader }),
  });
  if (route.kind === 'reject') return undefined;
  return answerDirectly(
    route satisfies InboundLegacyRoute | InboundModernRoute,
    new Headers(headers),
    body,
    new AbortController().signal,
    anonymous,
  );
}

const calls: [string, Json][] = [
  ['tools/list', {}],
  ['tools/call', { name: 'list_codebases' }],
  ['tools/call', { name: 'semantic_search_codebase', arguments: { query: 'cart' } }],
  ['tools/call', { name: 'semantic_search_codebase', arguments: {} }],
];

describe('the same answer as the SDK', () => {
  test.each(calls)('2025: %s %j', async (method, params) => {
    const body = { jsonrpc: '2.0' as const, id: 1, method, params };
    const transport = new PerRequestHTTPServerTransport({ classification: { era: 'legacy' } });
    await createServer().connect(transport);
    const expected = await (await transport.handleMessage(body)).json();
    expect(await (await direct(body))?.json()).toEqual(expected);
  });

  test.each(calls)('2026-07-28: %s %j', async (method, params) => {
    const { body, headers } = modernCall(method, params);
    const handler = createMcpHandler(createServer, { legacy: 'reject' });
    const request = new Request('http://localhost/mcp', {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
    });
    const expected = await (await handler.fetch(request, { parsedBody: body, ...authOf(anonymous) })).json();
    expect(await (await direct(body as Json, headers))?.json()).toEqual(expected);
  });
});

describe('steps aside for', () => {
  test.each<[string, Json]>([
    ['another method', { id: 1, method: 'ping' }],
    ['an unknown tool', { id: 1, method: 'tools/call', params: { name: 'nope' } }],
    [
      'arguments that are no object',
      { id: 1, method: 'tools/call', params: { name: 'list_codebases', arguments: [1] } },
    ],
    [
      'a call that asks for progress',
      { id: 1, method: 'tools/call', params: { name: 'list_codebases', _meta: { progressToken: 1 } } },
    ],
    ['a page of a list', { id: 1, method: 'tools/list', params: { cursor: 'x' } }],
    ['a notification', { method: 'tools/list' }],
  ])('%s', (_name, message) => {
    expect(direct({ jsonrpc: '2.0', ...message })).toBeUndefined();
  });

  test.each(['Mcp-Name', 'Mcp-Method', 'MCP-Protocol-Version'])(
    'a 2026-07-28 request without its %s header',
    (header) => {
      const { body, headers } = modernCall('tools/call', { name: 'list_codebases' });
      expect(
        direct(body as Json, Object.fromEntries(Object.entries(headers).filter(([name]) => name !== header))),
      ).toBeUndefined();
    },
  );
});
