/** Decides how a JSON document of an OpenID provider is fetched: bounded in time and size, and from the host that was named. */

import type { IncomingMessage } from 'node:http';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export type FetchOptions = {
  /** PEM text of the only certificate authorities to trust; the usual ones when undefined. */
  ca: string | undefined;
  timeoutMs: number;
};

/** Keys of a provider with hundreds of them are smaller. */
const maxBytes = 1024 * 1024;
const maxRedirects = 3;

/** A document that was not there to be had: an outage, or a wrong setting. */
export class FetchError extends Error {
  /** Of the answer, where there was one. */
  readonly status: number | undefined;

  constructor(message: string, options?: { status?: number; cause?: unknown }) {
    super(message, { cause: options?.cause });
    this.name = 'FetchError';
    this.status = options?.status;
  }
}

/**
 * Fetches and parses one document. Redirects are followed within its origin only.
 * @throws FetchError
 */
export async function fetchJson(url: string, options: FetchOptions): Promise<unknown> {
  const signal = AbortSignal.timeout(options.timeoutMs);
  let at = new URL(url);
  for (let followed = 0; followed <= maxRedirects; followed++) {
    const answer = await get(at, options, signal).catch((error: unknown) => {
      const why = signal.aborted ? `no answer within ${options.timeoutMs / 1000} seconds` : String(error);
      throw new FetchError(`${at.href}: ${why}`, { cause: error });
    });
    const { status, location, text } = answer;
    if (status === 200) return parse(text, at);
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined)
      throw new FetchError(`${at.href} answered ${status}`, { status });
    const next: URL | undefined = URL.canParse(location, at.href) ? new URL(location, at) : undefined;
    if (next === undefined || next.origin !== at.origin)
      throw new FetchError(`${at.href} redirects to another host`, { status });
    at = next;
  }
  throw new FetchError(`${url} redirects too often`);
}

type Answer = { status: number; location: string | undefined; text: string };

/** Node's own client rather than fetch: it takes certificate authorities a request. */
function get(url: URL, { ca }: FetchOptions, signal: AbortSignal): Promise<Answer> {
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const headers = { Accept: 'application/json' };
    const outgoing = send(url, { headers, signal, ...(ca !== undefined && { ca }) }, (incoming) => {
      const { statusCode: status = 0, headers: received } = incoming;
      read(incoming).then((text) => resolve({ status, location: received.location, text }), reject);
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}

async function read(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    bytes += part.length;
    // Leaving the loop ends the connection.
    if (bytes > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parse(text: string, url: URL): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FetchError(`${url.href} answered what is no JSON`, { status: 200, cause: error });
  }
}
