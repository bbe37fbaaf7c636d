/**
 * Decides how one POST becomes one answer, statelessly, in both protocol eras. 2026-07-28 goes to the SDK's own handler;
 * 2025 requests get a fresh instance too, and plain JSON whatever the Accept header says, as the runbook's curl calls need.
 */
import {
  classifyInboundRequest,
  createMcpHandler,
  type InboundLegacyRoute,
  isJSONRPCRequest,
  type JSONRPCRequest,
  PerRequestHTTPServerTransport,
  SdkError,
  SdkErrorCode,
  type Server,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/server';
import type { Logger } from 'pino';
import { jsonRpcError, rpcCodes } from './errors.ts';
import { completeRequest } from './lenient.ts';

export type McpEndpoint = {
  /** Answers one POST whose body is already parsed. Never throws. */
  handle: (request: Request, body: unknown) => Promise<Response>;
  /** Ends the exchanges that are under way. */
  close: () => Promise<void>;
};

/** Makes the endpoint over a factory of server instances. */
export function createMcpEndpoint(createServer: () => Server, log: Logger): McpEndpoint {
  const modern = createMcpHandler(createServer, {
    legacy: 'reject',
    onerror: (error) => log.debug({ reason: error.message }, 'MCP request rejected'),
  });
  return {
    handle: async (request, body) => {
      try {
        const message = isObject(body) ? completeRequest(body) : body;
        const route = classifyInboundRequest({
          httpMethod: 'POST',
          body: message,
          ...standardHeaders(request.headers),
        });
        if (route.kind !== 'legacy') return await modern.fetch(request, { parsedBody: message });
        return await serveLegacy(createServer, route, request, message);
      } catch (error) {
        log.error({ err: error }, 'MCP request failed unexpectedly');
        return jsonRpcError(500, rpcCodes.internal, 'Internal server error', idOf(body));
      }
    },
    close: () => modern.close(),
  };
}

function standardHeaders(headers: Headers) {
  const version = headers.get('mcp-protocol-version');
  const method = headers.get('mcp-method');
  const name = headers.get('mcp-name');
  return {
    ...(version !== null && { protocolVersionHeader: version }),
    ...(method !== null && { mcpMethodHeader: method }),
    ...(name !== null && { mcpNameHeader: name }),
  };
}

async function serveLegacy(
  createServer: () => Server,
  route: InboundLegacyRoute,
  request: Request,
  message: unknown,
): Promise<Response> {
  if (route.reason === 'batch') {
    return jsonRpcError(
      400,
      rpcCodes.invalidRequest,
      'Batches are not part of the protocol since 2025-06-18. Send one message a request.',
      null,
    );
  }
  const version = request.headers.get('mcp-protocol-version');
  if (version !== null && !SUPPORTED_PROTOCOL_VERSIONS.includes(version)) {
    const data = { supported: SUPPORTED_PROTOCOL_VERSIONS, requested: version };
    return jsonRpcError(
      400,
      rpcCodes.unsupportedVersion,
      `Unsupported protocol version: ${version}`,
      idOf(message),
      data,
    );
  }
  // Notifications and posted responses have nobody waiting for them in a stateless server.
  if (!isJSONRPCRequest(message)) return new Response(null, { status: 202 });
  return answerLegacy(createServer(), request, message);
}

/** Serves one 2025-era request: one JSON body, or a stream if the handler reports progress before its result. */
async function answerLegacy(server: Server, request: Request, message: JSONRPCRequest): Promise<Response> {
  const transport = new PerRequestHTTPServerTransport({ classification: { era: 'legacy' } });
  await server.connect(transport);
  try {
    const response = await transport.handleMessage(message, { request });
    // In this era errors travel inside 200; a 404 would mean a lost session to its clients.
    return response.ok ? response : new Response(response.body, { status: 200, headers: response.headers });
  } catch (error) {
    await server.close().catch(() => {});
    // Nobody reads this: the caller closed the connection.
    if (error instanceof SdkError && error.code === SdkErrorCode.ConnectionClosed)
      return new Response(null, { status: 499 });
    throw error;
  }
}

function idOf(body: unknown): string | number | null {
  const id = isObject(body) ? body.id : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
