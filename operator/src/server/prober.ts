/** Decides whether a server really serves: an MCP handshake and a search through its Service, as a client would do them. */
import { endpoints, headers } from '@codesage/server/contract';
import { z } from 'zod';
import type { CodeSageServer } from '../api/kinds.ts';
import type { ServiceAccess } from './access.ts';
import { causeOf } from './admin-client.ts';
import { childNames } from './names.ts';
import type { Verification } from './observed.ts';

const timeoutMs = 5_000;
const protocolVersion = '2025-06-18';
const searchTool = 'semantic_search_codebase';

/** `token` is the internal token: with it the operator passes whatever clients have to show. */
export type Prober = (server: CodeSageServer, token: string, signal?: AbortSignal) => Promise<Verification>;

const initializeAnswer = z.object({
  result: z.object({ protocolVersion: z.string(), serverInfo: z.object({ name: z.string(), version: z.string() }) }),
});
const searchAnswer = z.object({
  result: z.object({
    isError: z.boolean().optional(),
    content: z.array(z.object({ type: z.string(), text: z.string().optional() })),
  }),
});

/** Makes the prober. It never rejects. */
export function createProber(access: ServiceAccess): Prober {
  return async (server, token, signal) => {
    const { name, namespace } = server.metadata;
    const target = { namespace, service: childNames(name).service, port: server.spec.service.port };
    const call = async (id: number, method: string, params: object) => {
      const { status, contentType, text } = await access(target, {
        method: 'POST',
        path: endpoints.mcp,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': protocolVersion,
          [headers.internalToken]: token,
        },
        body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
        timeoutMs,
        signal,
      });
      return { status, message: parseMessage(contentType, text) };
    };
    try {
      const clientInfo = { name: 'codesage-operator', version: '1' };
      const greeting = await call(1, 'initialize', { protocolVersion, capabilities: {}, clientInfo });
      const greeted = initializeAnswer.safeParse(greeting.message);
      if (!greeted.success)
        return failed('HandshakeFailed', `MCP initialize was answered with ${greeting.status} and no handshake.`);
      const found = await call(2, 'tools/call', { name: searchTool, arguments: { query: 'main', top_k: 1 } });
      const answer = searchAnswer.safeParse(found.message);
      if (!answer.success) return failed('SearchFailed', `The search was answered with ${found.status} and no result.`);
      if (answer.data.result.isError)
        return failed(
          'SearchFailed',
          `The search failed: ${answer.data.result.content[0]?.text?.slice(0, 300) ?? 'no explanation'}`,
        );
      const { serverInfo } = greeted.data.result;
      return { state: 'answered', server: `${serverInfo.name} ${serverInfo.version}` };
    } catch (error) {
      return failed('Unreachable', `Service ${target.service} does not answer the operator (${causeOf(error)}).`);
    }
  };
}

function failed(reason: Extract<Verification, { state: 'failed' }>['reason'], message: string): Verification {
  return { state: 'failed', reason, message };
}

/** The JSON-RPC message of an answer, which may come as one server-sent event. Undefined when there is none. */
function parseMessage(contentType: string, text: string): unknown {
  const json = contentType.includes('text/event-stream')
    ? text
        .split('\n')
        .find((line) => line.startsWith('data:'))
        ?.slice('data:'.length)
    : text;
  try {
    return JSON.parse(json ?? '');
  } catch {
    return undefined;
  }
}
