/** Decides what of a request is taken for its credential: one bearer token in the Authorization header, and nothing else. */
import type { Refusal } from './verdict.ts';

/** Longer than any token that fits into a request's headers beside the rest. */
const maxTokenLength = 8192;
/** RFC 6750, section 2.1: b64token. */
const bearer = /^bearer +([\w.~+/-]+=*) *$/i;

/** The token of an Authorization header, or why there is none. */
export function bearerToken(authorization: string | undefined): { token: string } | { refusal: Refusal } {
  if (authorization === undefined || authorization === '')
    return { refusal: { reason: 'missing', description: 'This server asks for a bearer token.' } };
  const token = authorization.length > maxTokenLength ? undefined : bearer.exec(authorization)?.[1];
  if (token !== undefined) return { token };
  return { refusal: { reason: 'malformed', description: 'The Authorization header has to be: Bearer and a token.' } };
}

/** True where a URL carries a token, which would then be in logs and histories (RFC 6750, section 5.3). */
export function hasTokenInQuery(url: string): boolean {
  const start = url.indexOf('?');
  return start >= 0 && /(^|&)(access_token|token|api_?key)=/i.test(url.slice(start + 1));
}
