/** Decides how one HTTP request to the API server is sent, timed, counted and, when it fails, named. */
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { ApiError, errorOfStatus, type StatusBody } from './api-error.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import type { Metrics } from './metrics.ts';

export type TransportRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  accept?: string;
  contentType?: string;
  body?: unknown;
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
};

export type TransportOptions = { connection: Connection; clock: Clock; metrics: Metrics; userAgent: string };

export type Transport = {
  /** Sends a request and reads its JSON answer. Rejects with an ApiError for everything but a 2xx with JSON. */
  json<T>(request: TransportRequest): Promise<T>;
  /** Sends a request and hands over the body of its 2xx answer, still flowing. `signal` ends it at any time. */
  stream(request: TransportRequest & { signal: AbortSignal }): Promise<Readable>;
  close(): Promise<void>;
};

const defaultTimeoutMs = 30_000;

export function createTransport({ connection, clock, metrics, userAgent }: TransportOptions): Transport {
  const host = new URL(connection.server).host;
  let isClosed = false;

  async function send(
    request: TransportRequest,
    deadline: Deadline,
    bodySignal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const startedAt = clock.elapsed();
    const labels = { method: request.method, host };
    const what = `${request.method} ${request.path}`;
    try {
      if (isClosed) throw new ApiError('Aborted', `${what}: the client is closed`);
      const response = await perform(request, deadline, bodySignal);
      metrics.requests.inc({ ...labels, code: String(response.statusCode) });
      if (response.statusCode >= 200 && response.statusCode < 300) return response;
      throw await failure(what, response);
    } catch (error) {
      if (error instanceof ApiError) throw error;
      metrics.requests.inc({ ...labels, code: '<error>' });
      throw nameFailure(what, error, deadline, request.signal);
    } finally {
      metrics.requestSeconds.observe(labels, (clock.elapsed() - startedAt) / 1000);
    }
  }

  async function perform(
    request: TransportRequest,
    deadline: Deadline,
    bodySignal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { headers, dispatcher } = await connection.credentials();
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    // Until the headers are there the deadline counts; from then on only the signal that the body's reader holds.
    for (const signal of [deadline.signal, bodySignal]) {
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
    }
    const url = new URL(connection.server + request.path);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const response = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: request.method,
      headers: {
        ...headers,
        'user-agent': userAgent,
        accept: request.accept ?? 'application/json',
        ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal: abort.signal,
    });
    response.body.once('close', () => {
      deadline.signal.removeEventListener('abort', stop);
      bodySignal.removeEventListener('abort', stop);
    });
    return response;
  }

  return {
    async json<T>(request: TransportRequest): Promise<T> {
      const deadline = startDeadline(clock, request.timeoutMs ?? defaultTimeoutMs, request.signal);
      try {
        const response = await send(request, deadline, deadline.signal);
        const what = `${request.method} ${request.path}`;
        const text = await response.body.text().catch((error: unknown) => {
          throw nameFailure(what, error, deadline, request.signal);
        });
        return parseJson<T>(what, text);
      } finally {
        deadline.release();
      }
    },
    async stream(request) {
      const deadline = startDeadline(clock, request.timeoutMs ?? defaultTimeoutMs, request.signal);
      try {
        return (await send(request, deadline, request.signal)).body;
      } finally {
        deadline.release();
      }
    },
    async close() {
      isClosed = true;
      await connection.close();
    },
  };
}

async function failure(what: string, response: Dispatcher.ResponseData): Promise<ApiError> {
  const text = await response.body.text();
  const retryAfter = response.headers['retry-after'];
  return errorOfStatus(
    what,
    response.statusCode,
    statusBody(text),
    Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
  );
}

/** Proxies and load balancers answer in HTML or plain text; its beginning is then the message. */
function statusBody(text: string): StatusBody {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) return body as StatusBody;
  } catch {
    // not JSON: below
  }
  return text === '' ? {} : { message: text.slice(0, 300) };
}

function parseJson<T>(what: string, text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new ApiError('Malformed', `${what} answered with something that is not JSON`, { cause });
  }
}

/** The name of a failure that is not an answer: the caller gave up, the time was over, or the connection failed. */
export function nameFailure(
  what: string,
  error: unknown,
  deadline: Deadline | undefined,
  signal: AbortSignal | undefined,
): ApiError {
  if (error instanceof ApiError) return error;
  if (deadline?.expired()) return new ApiError('Timeout', `${what} got no complete answer in time`, { cause: error });
  if (signal?.aborted) return new ApiError('Aborted', `${what} was given up by its caller`, { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new ApiError('Unreachable', `${what} failed: ${message === '' ? 'no connection' : message}`, { cause: error });
}
