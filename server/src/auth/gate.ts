/** Decides whether a request to /mcp may pass, by the configured mode, and what who may not is answered. */
import type { Logger } from 'pino';
import type { AuthSettings } from '../contract.ts';
import { bearerToken, hasTokenInQuery } from './bearer.ts';
import { anonymous, type Caller } from './caller.ts';
import { type Challenge, challengeOf } from './challenge.ts';
import { createFailureLog } from './failures.ts';
import { startOidc } from './oidc.ts';
import { metadataOf, metadataURL, type ReachedBy, resourceURL } from './resource.ts';
import { createTokenAuthenticator } from './token-authenticator.ts';
import type { Authenticator, Refusal, RefusalReason, Verdict } from './verdict.ts';

/** What of a request decides; by which URL it came is only looked at to tell of a refusal. */
export type Credentials = { url: string; authorization: string | undefined; reachedBy: () => ReachedBy };

export type Admitted = { caller: Caller; challenge?: undefined } | { challenge: Challenge };

export type AuthGate = {
  /** Judges a request; synchronous wherever the credential is known. Never throws. */
  admit: (request: Credentials) => Admitted | Promise<Admitted>;
  /** The document of RFC 9728; undefined where there is none. */
  metadata: (by: ReachedBy) => Record<string, unknown> | undefined;
  /** Judges by these settings from now on. With what cannot be used it goes on as before. @throws CodeSageError `ConfigInvalid`. */
  use: (auth: AuthSettings) => Promise<void>;
  close: () => void;
};

export type AuthGateDeps = {
  log: Logger;
  /** Milliseconds since the epoch. */
  clock: () => number;
  /** Counts a refusal. */
  observe: (reason: RefusalReason) => void;
};

const admittedAnonymous: Admitted = { caller: anonymous };

/** The gate of the mode None. */
export const openGate: AuthGate = {
  admit: () => admittedAnonymous,
  metadata: () => undefined,
  use: () => Promise.resolve(),
  close: () => {},
};

/** Makes the gate. @throws CodeSageError `ConfigInvalid`. */
export async function createAuthGate(settings: AuthSettings, deps: AuthGateDeps): Promise<AuthGate> {
  const failures = createFailureLog(deps.log, deps.clock);
  // Copies: the running configuration is changed in place.
  let auth = structuredClone(settings);
  let authenticator = await createAuthenticator(auth, deps);

  const refuse = (refusal: Refusal, { reachedBy }: Credentials): Admitted => {
    deps.observe(refusal.reason);
    failures.add(refusal.reason);
    const resource = auth.mode === 'OIDC' ? resourceURL(auth, reachedBy()) : undefined;
    const metadata = resource === undefined ? undefined : metadataURL(resource);
    return { challenge: challengeOf(refusal, metadata, auth.oidc?.requiredScopes) };
  };
  const toAdmitted = (verdict: Verdict, request: Credentials): Admitted =>
    verdict.refusal === undefined ? verdict : refuse(verdict.refusal, request);

  return {
    admit: (request) => {
      if (authenticator === undefined) return admittedAnonymous;
      if (hasTokenInQuery(request.url)) return refuse(inQuery, request);
      const given = bearerToken(request.authorization);
      if ('refusal' in given) return refuse(given.refusal, request);
      const verdict = authenticator.authenticate(given.token);
      return verdict instanceof Promise
        ? verdict.then((settled) => toAdmitted(settled, request))
        : toAdmitted(verdict, request);
    },
    metadata: (by) => {
      const resource = resourceURL(auth, by);
      return resource === undefined ? undefined : metadataOf(auth, resource);
    },
    use: async (next) => {
      if (JSON.stringify(next) === JSON.stringify(auth)) return;
      const before = authenticator;
      authenticator = await createAuthenticator(next, deps);
      auth = structuredClone(next);
      before?.close();
      if (next.mode === 'None' && before !== undefined)
        deps.log.warn({ mode: next.mode }, 'Nobody is asked for a token any more: whoever reaches the port may search');
      else deps.log.info({ mode: next.mode }, 'Authentication follows new settings');
    },
    close: () => authenticator?.close(),
  };
}

const inQuery: Refusal = {
  reason: 'in_query',
  description: 'A token in a URL is not accepted: send it in the Authorization header.',
};

async function createAuthenticator(
  { mode, oidc, grants, tokenDirectory }: AuthSettings,
  deps: AuthGateDeps,
): Promise<Authenticator | undefined> {
  switch (mode) {
    case 'None':
      return undefined;
    case 'Token':
      return createTokenAuthenticator({ tokenDirectory, grants }, deps.log);
    case 'OIDC':
      // The schema says that it is set. Without it nobody may pass.
      if (oidc === undefined) return { authenticate: () => ({ refusal: unusable }), close: () => {} };
      return startOidc(oidc, grants, deps);
  }
}

const unusable: Refusal = { reason: 'unavailable', description: 'No provider is configured.' };
