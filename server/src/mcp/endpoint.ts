/**
 * Decides how one POST becomes one answer, statelessly, in both protocol eras: the shortcut where nothing is unusual, the
 * SDK's own handler for 2026-07-28, and for 2025 an instance a request.
 */

import { createMcpHandler, type Server, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server';
import type { Logger } from 'pino';
import { anonymous, type Caller } from '../auth/caller.ts';
import { createDirectAnswer, type DirectAnswer } from './direct.ts';
import { echoed } from './echo.ts';
import { jsonRpcError, rpcCodes } from './errors.ts';
import { idOf, isObject } from './json.ts';
import { createLegacyAnswer } from './legacy.ts';
import { completeRequest } from './lenient.ts';
import { routeOf } from './route.ts';
import { authOf, createMcpServerFactory, type McpServices } from './server.ts';

export type McpEndpoint = {
  /**
   * Answers one POST whose body is already parsed; `signal` is aborted when the caller goes away. `caller` was let in
   * before. Heavy calls wait in the turn of `client`. Never throws.
   */
  handle: (request: Request, body: unknown, signal: AbortSignal, caller?: Caller, client?: string) => Promise<Response>;
  /** Ends the exchanges that are under way. */
  close: () => Promise<void>;
};

/** Makes the endpoint over the tools. Tests bring parts of their own, to ask of the protocol what no tool here asks of it. */
export function createMcpEndpoint(
  services: McpServices,
  log: Logger,
  {
    createServer = createMcpServerFactory(services),
    answerDirectly = createDirectAnswer(services),
  }: { createServer?: () => Server; answerDirectly?: DirectAnswer } = {},
): McpEndpoint {
  const onerror = (error: Error) => log.debug({ reason: error.message }, 'MCP request rejected');
  const answerLegacy = createLegacyAnswer(createServer, answerDirectly);
  const modern = createMcpHandler(createServer, { legacy: 'reject', onerror });

  async function answer(
    request: Request,
    body: unknown,
    signal: AbortSignal,
    caller: Caller,
    client?: string,
  ): Promise<Response> {
    const message = isObject(body) ? completeRequest(body) : body;
    const route = routeOf(request.headers, message);
    const refusal = refuseVersion(route, request, message);
    if (refusal !== undefined) return refusal;
    const auth = authOf(caller, client);
    if (route.kind === 'legacy') return answerLegacy({ route, request, message, signal, caller, client, auth });
    const direct =
      route.kind === 'modern' &&
      isObject(message) &&
      answerDirectly(route, request.headers, message, signal, caller, client);
    return direct || modern.fetch(request, { parsedBody: message, ...auth });
  }

  return {
    handle: async (request, body, signal, caller = anonymous, client) => {
      try {
        return await answer(request, body, signal, caller, client);
      } catch (error) {
        log.error({ err: error }, 'MCP request failed unexpectedly');
        return jsonRpcError(500, rpcCodes.internal, 'Internal server error', idOf(body));
      }
    },
    close: () => modern.close(),
  };
}

/** No version is longer; the SDK repeats whole what it does not know. */
const longestVersion = 64;

/** The refusal of a batch, or of a version that can't be served, if it is one; others are the SDK's to refuse. */
function refuseVersion(route: ReturnType<typeof routeOf>, request: Request, message: unknown): Response | undefined {
  if (route.kind === 'legacy' && route.reason === 'batch') {
    return jsonRpcError(
      400,
      rpcCodes.invalidRequest,
      'Batches ended with version 2025-06-18. Send one message a request.',
    );
  }
  const version = request.headers.get('mcp-protocol-version');
  if (version === null || SUPPORTED_PROTOCOL_VERSIONS.includes(version)) return undefined;
  if (route.kind !== 'legacy' && version.length <= longestVersion) return undefined;
  const data = { supported: SUPPORTED_PROTOCOL_VERSIONS, requested: echoed(version) };
  return jsonRpcError(
    400,
    rpcCodes.unsupportedVersion,
    `Unsupported protocol version: ${echoed(version)}`,
    idOf(message),
    data,
  );
}
