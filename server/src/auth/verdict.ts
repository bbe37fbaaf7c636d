/** Decides how the answer to "may this request pass" is told: a caller, or a refusal with its reason in a closed set. */
import type { Caller } from './caller.ts';

/** Why a request was refused; metrics and logs tell no more than this, and the client little more. */
export const refusalReasons = [
  'missing',
  'malformed',
  'in_query',
  'unknown',
  'expired',
  'not_yet_valid',
  'signature',
  'issuer',
  'audience',
  'scope',
  'unavailable',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** A refusal. `description` goes to the client, so it says nothing that the client did not send. */
export type Refusal = {
  reason: RefusalReason;
  /** Printable ASCII without quotes and backslashes: it becomes part of a header. */
  description: string;
  /** Scopes that would have been enough. */
  scopes?: readonly string[];
  /** Seconds after which another try may succeed. */
  retryAfterSeconds?: number;
};

export type Verdict = { caller: Caller; refusal?: undefined } | { refusal: Refusal };

/** Judges one credential. Synchronous wherever the answer is known already. */
export type Authenticator = {
  authenticate: (token: string) => Verdict | Promise<Verdict>;
  /** Ends what runs in the background. */
  close: () => void;
};
