/** Decides how faults outside of any tool are told to JSON-RPC clients: a code, a sentence, and the id where it is known. */

/** JSON-RPC and MCP error codes that this server itself answers with. */
export const rpcCodes = {
  parse: -32_700,
  invalidRequest: -32_600,
  internal: -32_603,
  /** Transport-level refusals: origin, size, rate, method. */
  refused: -32_000,
  unsupportedVersion: -32_022,
} as const;

/** One JSON-RPC error as an HTTP response. */
export function jsonRpcError(
  status: number,
  code: number,
  message: string,
  id: string | number | null = null,
  data?: unknown,
  headers: Record<string, string> = {},
): Response {
  return Response.json(
    { jsonrpc: '2.0', error: { code, message, ...(data !== undefined && { data }) }, id },
    { status, headers },
  );
}
