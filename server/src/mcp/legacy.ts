/**
 * Decides how one message of the 2025 era is answered: an instance a request, in plain JSON whatever the Accept header
 * says, as the runbook's curl calls need, or as a stream if something has to be told before the result.
 */
import { randomUUID } from 'node:crypto';
import {
  type InboundLegacyRoute,
  isJSONRPCRequest,
  type JSONRPCRequest,
  PerRequestHTTPServerTransport,
  SdkError,
  SdkErrorCode,
  type Server,
} from '@modelcontextprotocol/server';
import { anonymous, type Caller } from '../auth/caller.ts';
import type { DirectAnswer } from './direct.ts';
import { Exchanges, sessionHeader } from './exchanges.ts';
import { isObject } from './json.ts';
import type { authOf } from './server.ts';

/** One POST and who makes it. */
export type LegacyPost = {
  route: InboundLegacyRoute;
  request: Request;
  message: unknown;
  signal: AbortSignal;
  caller: Caller;
  client: string | undefined;
  auth: ReturnType<typeof authOf>;
};

/** Makes what answers this era's messages. */
export function createLegacyAnswer(createServer: () => Server, answerDirectly: DirectAnswer) {
  const exchanges = new Exchanges();

  function directly({ route, request, message, signal, caller, client }: LegacyPost): Promise<Response> | undefined {
    if (!isObject(message)) return undefined;
    const session = request.headers.get(sessionHeader);
    const { id } = message;
    if (session === null || (typeof id !== 'string' && typeof id !== 'number'))
      return answerDirectly(route, request.headers, message, signal, caller, client);
    const cancel = new AbortController();
    const either = AbortSignal.any([signal, cancel.signal]);
    const answer = answerDirectly(route, request.headers, message, either, caller, client);
    if (answer === undefined) return undefined;
    const exchange = exchanges.begin(session, caller, id, () => cancel.abort());
    // Who cancelled wants no answer, and takes one for a fault.
    return answer.then((response) => (cancel.signal.aborted ? accepted() : response)).finally(exchange.end);
  }

  async function byInstance({ request, caller, auth }: LegacyPost, message: JSONRPCRequest): Promise<Response> {
    const server = createServer();
    const transport = new PerRequestHTTPServerTransport({ classification: { era: 'legacy' } });
    await server.connect(transport);
    let cancelled = false;
    const exchange = exchanges.begin(request.headers.get(sessionHeader), caller, message.id, () => {
      cancelled = true;
      void transport.close();
    });
    const questions = exchanges.follow(transport);
    const onclose = transport.onclose;
    transport.onclose = () => {
      exchange.end();
      questions.end();
      onclose?.();
    };
    try {
      return inThisEra(await transport.handleMessage(message, { request, ...auth }), message.method);
    } catch (error) {
      await server.close().catch(() => {});
      if (cancelled) return accepted();
      // Nobody reads this: the caller closed the connection.
      if (error instanceof SdkError && error.code === SdkErrorCode.ConnectionClosed)
        return new Response(null, { status: 499 });
      throw error;
    }
  }

  return function answerLegacy(post: LegacyPost): Promise<Response> {
    const direct = directly(post);
    if (direct !== undefined) return direct;
    const { request, message, caller = anonymous } = post;
    if (isJSONRPCRequest(message)) return byInstance(post, message);
    exchanges.take(request.headers.get(sessionHeader), caller, message);
    return Promise.resolve(accepted());
  };
}

function accepted(): Response {
  return new Response(null, { status: 202 });
}

/**
 * The SDK's answer as clients of this era need it. Errors travel inside 200: a 404 would mean a lost session. Who
 * initializes gets a name, by which later messages can be told to be the same client's; the server keeps nothing by it.
 */
function inThisEra(response: Response, method: string): Response {
  const headers = new Headers(response.headers);
  if (method === 'initialize' && response.ok) headers.set(sessionHeader, randomUUID());
  return new Response(response.body, { status: 200, headers });
}
