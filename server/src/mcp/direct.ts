/**
 * Decides which requests are answered without a server instance of their own: faultless tools/list and tools/call that
 * ask for no progress, which is nearly all traffic. Whatever is unusual goes to the SDK, which owns every refusal.
 */

import { type InboundLegacyRoute, type InboundModernRoute, SERVER_INFO_META_KEY } from '@modelcontextprotocol/server';
import type { Caller } from '../auth/caller.ts';
import { requestIdOf } from '../auth/request-id.ts';
import { isObject, type Json } from './json.ts';
import { envelope, resultBody, wholeResponse } from './result-body.ts';
import { describeTools, listCacheHint, type McpServices, serverInfo } from './server.ts';

type Route = InboundLegacyRoute | InboundModernRoute;

/** Answers a request, or returns undefined when the SDK has to. */
export type DirectAnswer = (
  route: Route,
  headers: Headers,
  message: Json,
  signal: AbortSignal,
  caller: Caller,
  client?: string,
) => Promise<Response> | undefined;

const servedModernVersion = '2026-07-28';

/** Makes the shortcut over the same tools that the SDK's instances serve. */
export function createDirectAnswer({ tools, runTool, version }: McpServices): DirectAnswer {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const listed = JSON.stringify({ tools: describeTools(tools) });
  // What the 2026-07-28 era adds to every result.
  const modernParts = fieldsOf({ _meta: { [SERVER_INFO_META_KEY]: serverInfo(version) }, resultType: 'complete' });
  const listedModern = `${listed.slice(0, -1)}${fieldsOf(listCacheHint)}${modernParts}}`;
  return (route, headers, message, signal, caller, client) => {
    const { id, method } = message;
    const params = message.params ?? {};
    if ((typeof id !== 'string' && typeof id !== 'number') || !isObject(params) || asksForMore(params))
      return undefined;
    const modern = route.kind === 'modern';
    if (modern && !hasMatchingHeaders(headers, method, params.name)) return undefined;
    if (method === 'tools/list') {
      if (params.cursor !== undefined) return undefined;
      return Promise.resolve(wholeResponse(envelope(id, modern ? listedModern : listed)));
    }
    if (method !== 'tools/call' || typeof params.name !== 'string') return undefined;
    const tool = byName.get(params.name);
    const args = params.arguments;
    if (tool === undefined || (args !== undefined && !isObject(args))) return undefined;
    const requestId = requestIdOf(headers.get('x-request-id'), id);
    return runTool(tool, args, { signal, caller, requestId, ...(client !== undefined && { client }) }).then((answer) =>
      wholeResponse(resultBody(id, answer, modern ? modernParts : '')),
    );
  };
}

/** A progress token needs a stream; the rest belongs to several rounds of one request. */
function asksForMore(params: Json): boolean {
  const meta = params._meta;
  return (
    (isObject(meta) && meta.progressToken !== undefined) ||
    'inputResponses' in params ||
    'requestState' in params ||
    'task' in params
  );
}

/** The headers that must mirror the body. Only an exact match passes; the SDK judges encodings and faults. */
function hasMatchingHeaders(headers: Headers, method: unknown, name: unknown): boolean {
  const mirrored = method === 'tools/call' ? name : undefined;
  return (
    headers.get('mcp-protocol-version') === servedModernVersion &&
    headers.get('mcp-method') === method &&
    (mirrored === undefined || headers.get('mcp-name') === mirrored)
  );
}

/** JSON of fields that follow others. */
function fieldsOf(fields: object): string {
  return `,${JSON.stringify(fields).slice(1, -1)}`;
}
