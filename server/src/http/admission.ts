/** Decides whether a request is worked on now, for how long, and what who is refused is told. */
import type { ServerResponse } from 'node:http';
import { createDeadlines } from '../deadlines.ts';
import { CodeSageError } from '../errors.ts';
import { jsonRpcError, rpcCodes } from '../mcp/errors.ts';
import { isWhole } from '../mcp/result-body.ts';
import { createFairGate, createPace, type HttpLimits } from './limits.ts';
import { createRate } from './rate.ts';

type Id = string | number | null;

export type Admission = {
  /** What `read` gives, or a refusal: of a client that asks too often, or when too many requests are still arriving. */
  receive: <T>(client: string, read: () => Promise<T>) => Promise<T | Response>;
  /**
   * What `work` answers, or a refusal. The request counts as under way until its answer is complete.
   */
  serve: (
    request: { client: string; id: Id; raw: Request; outgoing: ServerResponse | undefined },
    work: (signal: AbortSignal) => Promise<Response>,
  ) => Promise<Response>;
};

/** Makes the one place through which all MCP requests pass. */
export function createAdmission(limits: () => HttpLimits, now: () => number = () => performance.now()): Admission {
  const working = createFairGate(() => ({
    places: limits().concurrency,
    perClient: limits().concurrencyPerClient,
  }));
  // Requests that are slow to arrive must not take the places of those that can be worked on.
  const arriving = createFairGate(() => ({ places: limits().arrivals, perClient: limits().arrivals }));
  const pace = createPace(() => limits().requestSeconds);
  const deadlines = createDeadlines(() => limits().requestSeconds, now);
  const secondsToWait = createRate(() => limits().requestsPerMinutePerClient);
  const refuse = (id: Id) =>
    tooMany(
      'Too many requests at once. Send fewer at a time: wait for answers before asking again',
      pace.retrySeconds(),
      id,
    );

  return {
    receive: async (client, read) => {
      const seconds = limits().requestsPerMinutePerClient === undefined ? undefined : await secondsToWait(client);
      if (seconds !== undefined) {
        const most = limits().requestsPerMinutePerClient;
        return tooMany(`A client may send ${most} requests a minute, which this one has`, seconds, null);
      }
      if (!arriving.tryEnter(client)) return refuse(null);
      try {
        return await read();
      } finally {
        arriving.leave(client);
      }
    },
    serve: ({ client, id, raw, outgoing }, work) => {
      if (!working.tryEnter(client)) return Promise.resolve(refuse(id));
      const startedAt = now();
      const { promise, resolve, reject } = Promise.withResolvers<Response>();
      const controller = abandonment(raw, outgoing);
      const forget = deadlines.watch(() => {
        const fault = tooLate(limits().requestSeconds);
        controller.abort(fault);
        resolve(jsonRpcError(504, rpcCodes.refused, `${fault.message} ${fault.remedy}`, id));
        if (outgoing?.headersSent) outgoing.destroy();
      });
      const end = () => {
        forget();
        working.leave(client);
        pace.add((now() - startedAt) / 1000);
      };
      work(controller.signal).then(
        (response) => {
          if (isStream(response) && outgoing !== undefined && !outgoing.closed) outgoing.once('close', end);
          else end();
          resolve(response);
        },
        (error: unknown) => {
          end();
          reject(error);
        },
      );
      return promise;
    },
  };
}

function tooMany(what: string, seconds: number, id: Id): Response {
  const again = seconds === 1 ? 'in a second' : `in ${seconds} seconds`;
  const data = { retryAfterSeconds: seconds };
  return jsonRpcError(429, rpcCodes.refused, `${what}. Try again ${again}.`, id, data, {
    'Retry-After': String(seconds),
  });
}

function tooLate(seconds: number): CodeSageError {
  return new CodeSageError(
    'TimedOut',
    `The request took longer than ${seconds} seconds.`,
    'Ask for less at once, or raise limits.requestSeconds.',
  );
}

function isStream(response: Response): boolean {
  // The headers of a response that is whole are left as they are: to look into them costs more than to send them.
  return !isWhole(response) && isEventStream(response);
}

function isEventStream(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
}

/**
 * Aborts when the connection closes before the answer is out. The request's own signal says the same at a higher cost.
 * @param outgoing absent where tests call the app without a socket
 */
function abandonment(raw: Request, outgoing: ServerResponse | undefined): AbortController {
  const controller = new AbortController();
  if (outgoing === undefined) raw.signal.addEventListener('abort', () => controller.abort(), { once: true });
  outgoing?.once('close', () => {
    if (!outgoing.writableFinished) controller.abort();
  });
  return controller;
}
