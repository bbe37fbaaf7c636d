/** Decides whether the short way to a message's era leads where the SDK's own does. */
import { classifyInboundRequest } from '@modelcontextprotocol/server';
import { expect, test } from 'vitest';
import { modernCall } from '../testing/assemble.ts';
import { routeOf } from './route.ts';

const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_codebases', arguments: {} } };
const modern = modernCall('tools/call', { name: 'list_codebases' });

const messages: [string, unknown, Record<string, string>][] = [
  ['a call', call, {}],
  ['a call of a 2025 client', call, { 'MCP-Protocol-Version': '2025-06-18' }],
  ['a call under a modern header', call, { 'MCP-Protocol-Version': '2026-07-28' }],
  ['a call under a header nobody knows', call, { 'MCP-Protocol-Version': '1999-01-01' }],
  ['a list', { jsonrpc: '2.0', id: 'a', method: 'tools/list' }, {}],
  ['a call that asks for progress', { ...call, params: { ...call.params, _meta: { progressToken: 1 } } }, {}],
  ['a modern call', modern.body, modern.headers],
  ['a modern call without headers', modern.body, {}],
  ['a call with a wrong id', { ...call, id: 1.5 }, {}],
  ['a call with a null id', { ...call, id: null }, {}],
  ['a call without an id', { ...call, id: undefined }, {}],
  ['a call of another JSON-RPC', { ...call, jsonrpc: '1.0' }, {}],
  ['a call with a field too many', { ...call, extra: 1 }, {}],
  ['a call with a result', { ...call, result: {} }, {}],
  ['params that are a list', { ...call, params: [] }, {}],
  ['params that are null', { ...call, params: null }, {}],
  ['initialize', { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18' } }, {}],
  ['a notification', { jsonrpc: '2.0', method: 'notifications/cancelled' }, {}],
  ['a batch', [call], {}],
  ['no object', 'x', {}],
];

test.each(messages)('[mcp.speed] %s is of the era that the SDK says', (_name, message, headers) => {
  const body = message === undefined ? undefined : JSON.parse(JSON.stringify(message));
  const given = new Headers(headers);
  const header = (name: string) => given.get(name) ?? undefined;
  const version = header('mcp-protocol-version');
  const method = header('mcp-method');
  const name = header('mcp-name');
  const expected = classifyInboundRequest({
    httpMethod: 'POST',
    body,
    ...(version !== undefined && { protocolVersionHeader: version }),
    ...(method !== undefined && { mcpMethodHeader: method }),
    ...(name !== undefined && { mcpNameHeader: name }),
  });
  expect(routeOf(given, body)).toEqual(expected);
});
