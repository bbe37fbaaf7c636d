/**
 * Decides how a POST to /mcp becomes an answer: what refuses it before the protocol sees it, and the shorter way to the same
 * answer for the many requests that no page sends, past the steps that a router takes for every path.
 */
import type { HttpBindings } from '@hono/node-server';
import { isJsonContentType } from '@modelcontextprotocol/server';
import { anonymous, type Caller } from '../auth/caller.ts';
import type { Challenge } from '../auth/challenge.ts';
import type { Admitted, AuthGate } from '../auth/gate.ts';
import type { ReachedBy } from '../auth/resource.ts';
import { endpoints, headers as ownHeaders, type ServerConfig } from '../contract.ts';
import type { McpEndpoint } from '../mcp/endpoint.ts';
import { jsonRpcError, rpcCodes } from '../mcp/errors.ts';
import { idOf } from '../mcp/json.ts';
import type { Admission } from './admission.ts';
import { addressOf, type TrustsProxy, trustIn } from './client.ts';
import { exceededBound } from './json-bounds.ts';
import type { HttpLimits } from './limits.ts';
import { isHostAllowed } from './origin.ts';

/** What Node knows of a request; absent where tests call without a socket. */
export type Bindings = Partial<HttpBindings>;

export type McpPostDeps = {
  config: ServerConfig['http'];
  mcp: McpEndpoint;
  auth: AuthGate;
  admission: Admission;
  limits: () => HttpLimits;
  boundHost?: string | undefined;
};

export type McpPost = {
  /** Answers a request of a caller that was let in and says what it sends. */
  answer: (request: Request, bindings: Bindings, contentType: string | undefined, caller: Caller) => Promise<Response>;
  /** Answers a request that is nothing but a faultless POST to /mcp; undefined: the router has to look at it. */
  atOnce: (request: Request, bindings: Bindings) => Promise<Response> | undefined;
};

/** Makes both ways. */
export function createMcpPost({ config, mcp, auth, admission, limits, boundHost }: McpPostDeps): McpPost {
  const nameClient = createClientNames(limits);
  const path = `${config.basePath.replace(/\/+$/, '')}${endpoints.mcp}`;

  const answer: McpPost['answer'] = async (request, { incoming, outgoing }, contentType, caller) => {
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

  return {
    answer,
    atOnce: (request, bindings) => {
      const { incoming } = bindings;
      if (incoming === undefined || incoming.method !== 'POST' || incoming.url !== path) return undefined;
      const { host, origin, 'content-length': length, 'content-type': contentType } = incoming.headers;
      // What a page sends, what the operator shows, and a body of unstated length are the router's.
      if (origin !== undefined || incoming.headers[ownHeaders.internalToken] !== undefined) return undefined;
      if (length === undefined || !(Number(length) <= limits().bodyBytes)) return undefined;
      if (!isHostAllowed(host, boundHost, config.allowedHosts)) return undefined;
      // Node keeps the first of two such headers; to be let in by one of two is for nobody.
      const authorization =
        incoming.headers.authorization === undefined ? undefined : (request.headers.get('authorization') ?? undefined);
      const reachedBy = (): ReachedBy => ({
        host,
        forwardedProto: request.headers.get('x-forwarded-proto') ?? undefined,
        basePath: config.basePath,
      });
      const judged = auth.admit({ url: request.url, authorization, reachedBy });
      const goOn = (admitted: Admitted): Promise<Response> =>
        admitted.challenge === undefined
          ? answer(request, bindings, contentType, admitted.caller)
          : Promise.resolve(refusal(admitted.challenge));
      return judged instanceof Promise ? judged.then(goOn) : goOn(judged);
    },
  };
}

/** What who is not let in is answered. */
export function refusal({ status, message, headers }: Challenge): Response {
  return jsonRpcError(status, rpcCodes.refused, message, null, undefined, headers);
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
