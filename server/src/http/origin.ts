/** Decides which browser pages may call the server; a page that is not allowed must not reach a server on a developer's machine. */

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
 * names, so that a page whose DNS name was pointed at 127.0.0.1 gets nothing (DNS rebinding).
 */
export function isHostAllowed(host: string | undefined, boundHost: string | undefined): boolean {
  if (boundHost === undefined || !isLoopback(`http://${boundHost.includes(':') ? `[${boundHost}]` : boundHost}`))
    return true;
  return host !== undefined && isLoopback(`http://${host}`);
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && loopbackHosts.has(new URL(url).hostname);
}
