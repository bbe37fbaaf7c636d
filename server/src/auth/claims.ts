/** Decides what the claims of a verified token mean: who it is, and which scopes it has. */
import type { JWTPayload } from 'jose';

/** Longest name that logs repeat. */
const maxNameLength = 256;

/** Scopes as providers write them: a string with spaces (RFC 9068), or a list, under `scope` or `scp`. */
export function scopesOf({ scope, scp }: JWTPayload): ReadonlySet<string> {
  return new Set([scope, scp].flatMap(wordsOf));
}

function wordsOf(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((word) => word !== '');
  return Array.isArray(claim) ? claim.filter((word): word is string => typeof word === 'string' && word !== '') : [];
}

/** The subject, or the client where no person stands behind the token; undefined where the token names neither. */
export function nameOf({ sub, client_id, azp }: JWTPayload): string | undefined {
  const name = [sub, client_id, azp].find((claim): claim is string => typeof claim === 'string' && claim !== '');
  return name?.slice(0, maxNameLength);
}
