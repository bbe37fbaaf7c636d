/**
 * Decides how a 2025-era message that belongs to another request finds that request: a cancellation, or the answer to a
 * question that a tool put on the stream of its call. Nothing is kept of a client but what is under way in this process;
 * behind several replicas such a message may come to one that knows nothing of the request, and is then of no effect.
 */
import { randomUUID } from 'node:crypto';
import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCErrorResponse,
  type JSONRPCResultResponse,
  type PerRequestHTTPServerTransport,
  type RequestId,
} from '@modelcontextprotocol/server';
import type { Caller } from '../auth/caller.ts';
import { isObject } from './json.ts';

/** The header by which a client of that era says that it is the one that initialized. */
export const sessionHeader = 'Mcp-Session-Id';

type Answer = JSONRPCResultResponse | JSONRPCErrorResponse;

/** The 2025-era requests of one process that are under way. */
export class Exchanges {
  readonly #cancels = new Map<string, () => void>();
  readonly #questions = new Map<string, (answer: Answer) => void>();

  /** Calls `cancel` when the client cancels this request, until `end` is called. Requests of no session cannot be told apart. */
  begin(session: string | null, caller: Caller, id: RequestId, cancel: () => void): { end: () => void } {
    if (session === null) return { end: () => {} };
    const key = keyOf(session, caller, id);
    this.#cancels.set(key, cancel);
    return { end: () => void this.#cancels.delete(key) };
  }

  /**
   * Gives each question of this exchange a name that nobody else can guess, and its answer back to whoever asked: the SDK
   * counts questions from 0 in each exchange, which says nothing among several of them.
   */
  follow(transport: PerRequestHTTPServerTransport): { end: () => void } {
    const asked = new Set<string>();
    const send = transport.send.bind(transport);
    transport.send = (message, options) => {
      if (!isJSONRPCRequest(message)) return send(message, options);
      const name = randomUUID();
      asked.add(name);
      this.#questions.set(name, (answer) => transport.onmessage?.({ ...answer, id: message.id }));
      return send({ ...message, id: name }, options);
    };
    return {
      end: () => {
        for (const name of asked) this.#questions.delete(name);
      },
    };
  }

  /** Takes a message that is no request to where it belongs, if that is here. */
  take(session: string | null, caller: Caller, message: unknown): void {
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
      const name = String(message.id);
      this.#questions.get(name)?.(message);
      this.#questions.delete(name);
    }
    const cancelled = isJSONRPCNotification(message) && message.method === 'notifications/cancelled';
    if (!cancelled || session === null || !isObject(message.params)) return;
    const { requestId } = message.params;
    if (typeof requestId === 'string' || typeof requestId === 'number')
      this.#cancels.get(keyOf(session, caller, requestId))?.();
  }
}

function keyOf(session: string, { name }: Caller, id: RequestId): string {
  return JSON.stringify([session, name, id]);
}
