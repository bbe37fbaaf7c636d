/** Decides which protocol era a message belongs to: the SDK judges, but for plain calls of the 2025 era, which need no judge. */
import {
  classifyInboundRequest,
  type InboundClassificationOutcome,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/server';
import { isObject } from './json.ts';

/** The era of a message, or why it is refused. */
export function routeOf(headers: Headers, message: unknown): InboundClassificationOutcome {
  const version = headers.get('mcp-protocol-version');
  if (isPlainCall(message) && (version === null || SUPPORTED_PROTOCOL_VERSIONS.includes(version)))
    return { kind: 'legacy', reason: 'no-claim', ...(version !== null && { requestedVersion: version }) };
  const method = headers.get('mcp-method');
  const name = headers.get('mcp-name');
  return classifyInboundRequest({
    httpMethod: 'POST',
    body: message,
    ...(version !== null && { protocolVersionHeader: version }),
    ...(method !== null && { mcpMethodHeader: method }),
    ...(name !== null && { mcpNameHeader: name }),
  });
}

/** Fields that a request may have. */
const requestFields = new Set(['jsonrpc', 'id', 'method', 'params']);
const plainMethods: ReadonlySet<unknown> = new Set(['tools/call', 'tools/list']);

/** A faultless request without `_meta`, in which the 2026-07-28 era would name itself. */
function isPlainCall(message: unknown): boolean {
  if (!isObject(message) || message.jsonrpc !== '2.0' || !plainMethods.has(message.method)) return false;
  const { id, params } = message;
  if (typeof id !== 'string' && !Number.isSafeInteger(id)) return false;
  if (params !== undefined && (!isObject(params) || params._meta !== undefined)) return false;
  for (const field in message) if (!requestFields.has(field)) return false;
  return true;
}
