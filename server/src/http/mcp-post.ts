/** Decides how a POST to /mcp of somebody who was let in becomes an answer: its size and form are judged before the protocol sees it. */
import type { HttpBindings } from '@hono/node-server';
import { isJsonContentType } from '@modelcontextprotocol/server';
import { anonymous, type Caller } from '../auth/caller.ts';
import type { McpEndpoint } from '../mcp/endpoint.ts';
import { jsonRpcError, rpcCodes } from '../mcp/errors.ts';
import { idOf } from '../mcp/json.ts';
import type { Admission } from './admission.ts';
import { addressOf, type TrustsProxy, trustIn } from './client.ts';
import { exceededBound } from './json-bounds.ts';
import type { HttpLimits } from './limits.ts';

/** What Node knows of a request; absent where tests call without a socket. */
export type Bindings = Partial<HttpBindings>;

export type McpPostDeps = { mcp: McpEndpoint; admission: Admission; limits: () => HttpLimits };

/** Answers a request of a caller that was let in. */
export type McpPost = (
  request: Request,
  bindings: Bindings,
  contentType: string | undefined,
  caller: Caller,
) => Promise<Response>;

/** Makes what answers. */
export function createMcpPost({ mcp, admission, limits }: McpPostDeps): McpPost {
  const nameClient = createClientNames(limits);
  return async (request, { incoming, outgoing }, contentType, caller) => {
    if (!isJsonContentType(contentType ?? null))
      return jsonRpcError(415, rpcCodes.refused, 'Send the message as application/json.');
    const client = caller === anonymous ? nameClient(incoming) : caller.name;
    const text = await admission.receive(client, () => request.text());
    if (text instanceof Response) return text;
    const body = parseBody(text, limits());
    if (body instanceof Response) return body;
    return admission.serve({ client, id: idOf(body.value), raw: request, outgoing }, (signal) =>
      mcp.handle(request, body.value, signal, caller, client),
    );
  };
}

/** Names the client of a request; clients without a socket, as tests are, count as one. */
function createClientNames(limits: () => HttpLimits): (incoming: Bindings['incoming']) => string {
  let proxies: readonly string[] | undefined;
  let trusts: TrustsProxy = () => false;
  return (incoming) => {
    if (incoming === undefined) return '';
    const { trustedProxies } = limits();
    if (trustedProxies !== proxies) {
      proxies = trustedProxies;
      trusts = trustIn(trustedProxies);
    }
    return addressOf(incoming, trusts);
  };
}

function parseBody(text: string, { jsonDepth, jsonValues }: HttpLimits): { value: unknown } | Response {
  const exceeded = exceededBound(text, { depth: jsonDepth, values: jsonValues });
  if (exceeded !== undefined) {
    const what =
      exceeded === 'depth' ? `is nested deeper than ${jsonDepth} levels` : `has more than ${jsonValues} values`;
    return jsonRpcError(400, rpcCodes.invalidRequest, `The request ${what}.`);
  }
  try {
    return { value: JSON.parse(text) };
  } catch {
    return jsonRpcError(400, rpcCodes.parse, 'Parse error: the request body is not valid JSON.');
  }
}
