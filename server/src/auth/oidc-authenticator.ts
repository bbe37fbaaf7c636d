/** Decides who is behind a token of an OpenID provider: signature, issuer, audience, time, scopes. */
import { hash } from 'node:crypto';
import { errors, type JWTPayload, type JWTVerifyOptions, type JWTVerifyResult, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import type { AuthSettings, OidcSettings } from '../contract.ts';
import type { Caller } from './caller.ts';
import { nameOf, scopesOf } from './claims.ts';
import { grantedByScopes, grantedTo } from './grants.ts';
import { isUnknownKey, type KeySet, type Keys, KeysUnavailableError } from './key-set.ts';
import type { Authenticator, Refusal, RefusalReason, Verdict } from './verdict.ts';

export type OidcAuthenticatorOptions = {
  oidc: OidcSettings;
  grants: AuthSettings['grants'];
  /** What `iss` may be; known as soon as there are keys. */
  issuers: () => string[];
  keys: KeySet;
  /** Milliseconds since the epoch. */
  clock: () => number;
};

/** Signatures only a private key can make. `none` and shared secrets are not among them, whatever a token says of itself. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** Tokens of other kinds (of identity, of logout) that a provider signs with the same keys say so. */
const tokenTypes = ['jwt', 'at+jwt'];
/** Clocks of two machines differ by less. */
const clockToleranceSeconds = 30;
const maxKept = 1000;

/** A token that was verified: with which keys, and until when that counts. */
type Kept = { caller: Caller; keys: Keys; expiresAtMs: number };

/** Makes the authenticator. A token is verified once and then known by its digest, until it expires or the keys change. */
export function createOidcAuthenticator(options: OidcAuthenticatorOptions): Authenticator {
  const { keys, clock } = options;
  const kept = new LRUCache<string, Kept>({ max: maxKept });

  async function verify(token: string, digest: string): Promise<Verdict> {
    try {
      const { payload, keys: used } = await verifySignature(token, options);
      const judged = judge(payload, options);
      if (judged.refusal !== undefined) return judged;
      const expiresAtMs = ((payload.exp ?? 0) + clockToleranceSeconds) * 1000;
      // A token that is verified again, because keys came or went, is still the same caller.
      const caller = sameCaller(kept.get(digest)?.caller, judged.caller);
      kept.set(digest, { caller, keys: used, expiresAtMs });
      return { caller };
    } catch (error) {
      return { refusal: refusalOf(error) };
    }
  }

  return {
    authenticate: (token) => {
      const digest = hash('sha256', token, 'base64');
      const known = kept.get(digest);
      if (known !== undefined && known.keys === keys.fresh && clock() < known.expiresAtMs)
        return { caller: known.caller };
      return verify(token, digest);
    },
    close: () => kept.clear(),
  };
}

async function verifySignature(
  token: string,
  { oidc, issuers, keys, clock }: OidcAuthenticatorOptions,
): Promise<{ payload: JWTPayload; keys: Keys }> {
  const used = await keys.current();
  const verifyWith = async (these: Keys) => {
    const rules = {
      algorithms,
      issuer: issuers(),
      audience: oidc.audience,
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(clock()),
      requiredClaims: ['exp'],
    };
    const { payload, protectedHeader } = await verifyWithAny(token, these, rules);
    if (!tokenTypes.includes(protectedHeader.typ?.toLowerCase().replace(/^application\//, '') ?? 'jwt'))
      throw new errors.JWTInvalid('The token is of another type.');
    return { payload, keys: these };
  };
  try {
    return await verifyWith(used);
  } catch (error) {
    const others = isUnknownKey(error) ? await keys.afterUnknownKey(used) : undefined;
    if (others === undefined) throw error;
    return verifyWith(others);
  }
}

/** As jwtVerify; a token that does not name its key is tried with each that it may mean. */
async function verifyWithAny(token: string, keys: Keys, rules: JWTVerifyOptions): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keys, rules);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, rules);
      } catch (reason) {
        if (!(reason instanceof errors.JWSSignatureVerificationFailed)) throw reason;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** What a token that is the provider's allows. */
function judge(payload: JWTPayload, { oidc, grants }: OidcAuthenticatorOptions): Verdict {
  const scopes = scopesOf(payload);
  const name = nameOf(payload);
  if (name === undefined) return { refusal: { reason: 'unknown', description: 'The token names no subject.' } };
  if (!oidc.requiredScopes.every((scope) => scopes.has(scope))) {
    const description = 'The token lacks a scope that this server asks for.';
    return { refusal: { reason: 'scope', description, scopes: oidc.requiredScopes } };
  }
  const prefix = oidc.codebaseScopePrefix;
  const codebases = prefix === undefined ? grantedTo(name, grants) : grantedByScopes(scopes, prefix);
  return { caller: { name, codebases } };
}

function sameCaller(before: Caller | undefined, now: Caller): Caller {
  return before !== undefined && before.name === now.name ? before : now;
}

/** Which claim was wrong, by the claim's name. */
const claimReasons: Readonly<Record<string, RefusalReason>> = {
  iss: 'issuer',
  aud: 'audience',
  nbf: 'not_yet_valid',
  iat: 'not_yet_valid',
  exp: 'expired',
};

const descriptions: Partial<Record<RefusalReason, string>> = {
  expired: 'The token has expired.',
  not_yet_valid: 'The token is not valid yet.',
  issuer: 'The token is of another issuer.',
  audience: 'The token is for another audience.',
  signature: 'The signature of the token is not one of the provider.',
  malformed: 'The token is no signed JWT.',
};

/** Errors that are nobody's fault but the provider's, or the way's to it, leave the question open. */
function refusalOf(error: unknown): Refusal {
  if (!(error instanceof errors.JOSEError)) {
    const retryAfterSeconds = error instanceof KeysUnavailableError ? error.retryAfterSeconds : 10;
    return { reason: 'unavailable', description: 'The token cannot be verified at the moment.', retryAfterSeconds };
  }
  const reason = reasonOf(error);
  return { reason, description: descriptions[reason] ?? 'The token is not valid.' };
}

function reasonOf(error: errors.JOSEError): RefusalReason {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return claimReasons[error.claim] ?? 'malformed';
  const isSignature = [errors.JWSSignatureVerificationFailed, errors.JWKSNoMatchingKey, errors.JOSEAlgNotAllowed].some(
    (type) => error instanceof type,
  );
  return isSignature ? 'signature' : 'malformed';
}
