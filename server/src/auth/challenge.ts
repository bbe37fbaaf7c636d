/** Decides how a refusal is answered over HTTP: status, WWW-Authenticate and a sentence (RFC 6750, section 3; RFC 9728, section 5). */
import type { Refusal, RefusalReason } from './verdict.ts';

export type Challenge = { status: 400 | 401 | 403 | 503; headers: Record<string, string>; message: string };

const statuses: Partial<Record<RefusalReason, Challenge['status']>> = { in_query: 400, scope: 403, unavailable: 503 };
const errorCodes: Partial<Record<RefusalReason, string>> = { in_query: 'invalid_request', scope: 'insufficient_scope' };

/**
 * The answer. `metadata` is the URL of the document that tells a client where to get a token, and `scopes` what every token
 * needs; a request without a credential is not told of an error.
 */
export function challengeOf(refusal: Refusal, metadata: string | undefined, scopes: readonly string[] = []): Challenge {
  const { reason, description, retryAfterSeconds } = refusal;
  const status = statuses[reason] ?? 401;
  if (status === 503)
    return { status, headers: { 'Retry-After': String(retryAfterSeconds ?? 10) }, message: description };
  const wanted = refusal.scopes ?? scopes;
  const parameters = [
    ...(reason === 'missing'
      ? []
      : [`error="${errorCodes[reason] ?? 'invalid_token'}"`, `error_description="${description}"`]),
    ...(wanted.length > 0 ? [`scope="${wanted.join(' ')}"`] : []),
    ...(metadata === undefined ? [] : [`resource_metadata="${metadata}"`]),
  ];
  return {
    status,
    headers: { 'WWW-Authenticate': ['Bearer', parameters.join(', ')].join(' ').trim() },
    message: description,
  };
}
