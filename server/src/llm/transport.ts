/** Decides how bytes travel to and from a provider: no redirects, no headers but the needed ones, bounded silence, bounded size. */
import { type FailureDetail, type FailureKind, kindOfStatus, parseRetryAfter } from './failure.ts';

export type GuardLimits = {
  /** Longest silence before the first byte and between two parts of an answer, in milliseconds. */
  silenceMs: number;
  /** Longest time of the whole exchange, in milliseconds. */
  wholeMs: number;
  /** Bytes of a stream of events, its framing included, and of any other answer. */
  maxStreamBytes: number;
  maxWholeBytes: number;
};

/** What the guard stopped an exchange for, or learned from its status. */
export type GuardVerdict = { kind: FailureKind; detail: FailureDetail };

export type Guard = {
  /** Stands in for the global `fetch`; for one exchange only. */
  fetch: (url: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Why the exchange failed, where the guard knows better than what was thrown. */
  verdict: () => GuardVerdict | undefined;
  /** Ends the exchange if it still runs, and its timers. */
  close: () => void;
};

/** The client library would add what it knows of this machine, and headers that variables of OpenAI's ask for. */
const sentHeaders = ['authorization', 'content-type', 'accept'];

/** Makes the guard of one exchange. The exchange ends when `signal` is aborted. */
export function guardExchange(signal: AbortSignal, limits: GuardLimits, now: () => number): Guard {
  const stop = new AbortController();
  let verdict: GuardVerdict | undefined;
  const fail = (kind: FailureKind, detail: FailureDetail = {}) => {
    verdict ??= { kind, detail };
    stop.abort();
  };
  const whole = setTimeout(() => fail('timeout'), limits.wholeMs);
  const silence = setTimeout(() => fail('timeout'), limits.silenceMs);
  const close = () => {
    clearTimeout(whole);
    clearTimeout(silence);
    stop.abort();
  };
  const counted = (maxBytes: number) => {
    let received = 0;
    return new TransformStream<Uint8Array, Uint8Array>({
      transform(part, controller) {
        silence.refresh();
        received += part.byteLength;
        if (received > maxBytes) fail('too_large');
        else controller.enqueue(part);
      },
    });
  };
  return {
    close,
    verdict: () => verdict ?? (signal.aborted ? { kind: 'cancelled', detail: {} } : undefined),
    fetch: async (url, init = {}) => {
      const given = new Headers(init.headers);
      const headers = new Headers({ 'User-Agent': 'codesage' });
      for (const name of sentHeaders) {
        const value = given.get(name);
        if (value !== null) headers.set(name, value);
      }
      const signals = [signal, stop.signal, ...(init.signal ? [init.signal] : [])];
      const response = await fetch(url, { ...init, headers, redirect: 'manual', signal: AbortSignal.any(signals) });
      if (!response.ok) {
        const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), now());
        verdict ??= { kind: kindOfStatus(response.status), detail: { status: response.status, retryAfterMs } };
      }
      const { status, statusText } = response;
      const isStream = response.ok && response.headers.get('content-type')?.startsWith('text/event-stream') === true;
      const body = response.body?.pipeThrough(counted(isStream ? limits.maxStreamBytes : limits.maxWholeBytes)) ?? null;
      return new Response(body, { status, statusText, headers: response.headers });
    },
  };
}
