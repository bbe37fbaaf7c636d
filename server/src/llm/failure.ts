/** Decides what became of a failed call to a provider: its kind, whether to try again, and what a client is told. */
import { CodeSageError, type ErrorCode } from '../errors.ts';

/** Kinds of failures, as metrics and logs name them. */
export const failureKinds = [
  'unreachable',
  'timeout',
  'cut',
  'server_error',
  'malformed',
  'too_large',
  'redirected',
  'circuit_open',
  'rate_limited',
  'key_rejected',
  'refused',
  'busy',
  'cancelled',
] as const;
export type FailureKind = (typeof failureKinds)[number];

/** What is known of a failure beside its kind. All of it is safe to tell: no text of a provider, key or question. */
export type FailureDetail = {
  status?: number | undefined;
  /** Milliseconds that the provider asks to wait. */
  retryAfterMs?: number | undefined;
  /** A code of the provider or the system, in the form that codes have. */
  reason?: string | undefined;
};

const codes: Readonly<Record<FailureKind, ErrorCode>> = {
  unreachable: 'LlmUnavailable',
  timeout: 'LlmUnavailable',
  cut: 'LlmUnavailable',
  server_error: 'LlmUnavailable',
  malformed: 'LlmUnavailable',
  too_large: 'LlmUnavailable',
  redirected: 'LlmUnavailable',
  circuit_open: 'LlmUnavailable',
  rate_limited: 'LlmRateLimited',
  key_rejected: 'LlmKeyRejected',
  refused: 'LlmRefused',
  busy: 'Busy',
  cancelled: 'Cancelled',
};

const retryable: ReadonlySet<FailureKind> = new Set(['unreachable', 'timeout', 'cut', 'server_error', 'rate_limited']);
const unhealthy: ReadonlySet<FailureKind> = new Set([
  'unreachable',
  'timeout',
  'cut',
  'server_error',
  'malformed',
  'redirected',
]);

/**
 * A call to a provider that failed. It has no `cause` on purpose: errors of the client library carry what the provider
 * wrote, and providers quote keys and questions.
 */
export class LlmFailure extends CodeSageError {
  readonly kind: FailureKind;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(kind: FailureKind, label: string, detail: FailureDetail = {}) {
    super(codes[kind], messageFor(kind, label, detail), remedyFor(kind, detail));
    this.name = 'LlmFailure';
    this.kind = kind;
    this.status = detail.status;
    this.retryAfterMs = detail.retryAfterMs;
  }
}

/** True where the same call may well succeed a moment later. */
export function isWorthRetrying({ kind }: LlmFailure): boolean {
  return retryable.has(kind);
}

/** True where the provider itself is ill, and not the question, the key or the client. */
export function speaksAgainstProvider({ kind }: LlmFailure): boolean {
  return unhealthy.has(kind);
}

/** The kind of failure that an HTTP status means. */
export function kindOfStatus(status: number): FailureKind {
  if (status === 401 || status === 403) return 'key_rejected';
  if (status === 429) return 'rate_limited';
  if (status >= 300 && status < 400) return 'redirected';
  if (status === 408 || status === 409 || status >= 500) return 'server_error';
  return 'refused';
}

/**
 * Milliseconds that a `Retry-After` header asks for: seconds or a date (RFC 9110, 10.2.3). Undefined without one, or
 * when it says neither.
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  // Date.parse takes nearly anything for a date, "-5" too.
  const date = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** A code as it may be told: words of small letters, or the capitals of system errors; anything else could quote a secret. */
export function safeReason(text: unknown): string | undefined {
  return typeof text === 'string' && /^([a-z]{1,20}(_[a-z]{1,20}){0,5}|[A-Z]{1,12}(_[A-Z0-9]{1,12}){0,4})$/.test(text)
    ? text
    : undefined;
}

function messageFor(kind: FailureKind, label: string, { status, reason }: FailureDetail): string {
  const why = reason === undefined ? '' : ` (${reason})`;
  switch (kind) {
    case 'unreachable':
      return `${label} could not be reached${why}.`;
    case 'timeout':
      return `${label} did not answer in time.`;
    case 'cut':
      return `${label} ended the connection before its answer was complete.`;
    case 'server_error':
      return `${label} failed${status === undefined ? '' : ` with status ${status}`}${why}.`;
    case 'malformed':
      return `${label} answered in a form that is not OpenAI's protocol.`;
    case 'too_large':
      return `${label} would answer more than an answer may hold.`;
    case 'redirected':
      return `${label} answered with a redirect, which is not followed: the key and code would go elsewhere.`;
    case 'circuit_open':
      return `${label} failed repeatedly and is left alone for a while.`;
    case 'rate_limited':
      return `${label} has had too many requests${why}.`;
    case 'key_rejected':
      return `${label} does not accept the key${why}.`;
    case 'refused':
      return `${label} refused the request${status === undefined ? '' : ` with status ${status}`}${why}.`;
    case 'busy':
      return `Too many questions to ${label} are under way.`;
    case 'cancelled':
      return 'The caller cancelled the call.';
  }
}

function remedyFor(kind: FailureKind, { status, retryAfterMs }: FailureDetail): string {
  switch (kind) {
    case 'key_rejected':
      return 'Check it with codesage keys verify, and replace it in its Secret or environment variable.';
    case 'rate_limited':
      return retryAfterMs === undefined
        ? 'Try again later.'
        : `Try again in ${Math.ceil(retryAfterMs / 1000)} seconds.`;
    case 'refused':
      if (status === 404) return 'Check the name of the model (llm_model, or defaultModel of the provider).';
      if (status === 402) return "Add credit to the provider's account.";
      if (status === 413) return 'Ask about fewer lines.';
      return 'Ask about fewer lines, or name another model with llm_model.';
    case 'redirected':
      return "Correct the provider's baseURL.";
    case 'unreachable':
      return "Check the network and the provider's baseURL, or try again later.";
    case 'too_large':
      return 'Ask about fewer lines.';
    case 'cancelled':
      return 'Call again if you still need it.';
    default:
      return 'Try again later.';
  }
}
