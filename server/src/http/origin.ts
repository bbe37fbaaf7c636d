/** Decides which browser pages may call the server; a page that is not allowed must not reach a server on a developer's machine. */
import { isIP } from 'node:net';
import { LRUCache } from 'lru-cache';

const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether a request with this Origin header may pass. Requests without one do not come from a page and pass. With
 * `allowed` empty, pages served from the loopback address pass only if the request itself was sent to it.
 */
export function isOriginAllowed(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  if (origin === undefined) return true;
  if (allowed.includes('*') || allowed.includes(origin)) return true;
  return isLoopback(origin) && host !== undefined && isLoopback(`http://${host}`);
}

/**
 * Whether a request with this Host header may pass. A server bound to the loopback address answers only to loopback
 * names, so that a page whose DNS name was pointed at 127.0.0.1 gets nothing (DNS rebinding). One bound to more answers
 * to the names it was told, if it was told any, and to addresses, which no DNS name can be pointed at.
 * @param allowed names, `*.example.com` for all names below
 */
export function isHostAllowed(
  host: string | undefined,
  boundHost: string | undefined,
  allowed: readonly string[] = [],
): boolean {
  const local = isLoopbackAddress(boundHost);
  if (!local && allowed.length === 0) return true;
  const name = host === undefined ? undefined : hostNameOf(`http://${host}`);
  if (name === undefined) return false;
  if (loopbackHosts.has(name) || allowed.some((pattern) => matches(name, pattern.toLowerCase()))) return true;
  return !local && isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

function matches(name: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern;
}

/** True where only programs of this machine can connect. */
export function isLoopbackAddress(boundHost: string | undefined): boolean {
  return boundHost !== undefined && isLoopback(`http://${boundHost.includes(':') ? `[${boundHost}]` : boundHost}`);
}

function isLoopback(url: string): boolean {
  const name = hostNameOf(url);
  return name !== undefined && loopbackHosts.has(name);
}

/** Clients come again with the same few names, and a URL takes longer to read than most else of a request. */
const names = new LRUCache<string, { name: string | undefined }>({ max: 100 });

function hostNameOf(url: string): string | undefined {
  const known = names.get(url);
  if (known !== undefined) return known.name;
  const name = URL.canParse(url) ? new URL(url).hostname : undefined;
  names.set(url, { name });
  return name;
}
