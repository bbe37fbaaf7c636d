/** Decides how a failed request to the API server is named: a closed code, the server's own words, and what to do. */

/** Every way in which a request can fail. Callers decide by these and never by a message's text. */
export const apiErrorCodes = [
  'NotFound',
  'AlreadyExists',
  'Conflict',
  'Unauthorized',
  'Forbidden',
  'Invalid',
  'TooManyRequests',
  'Expired',
  'Timeout',
  'Unreachable',
  'ServerError',
  'Malformed',
  'Aborted',
  'NotLeader',
] as const;
export type ApiErrorCode = (typeof apiErrorCodes)[number];

const remedies: Record<ApiErrorCode, string> = {
  NotFound: 'Check the name and namespace, and that the kind is installed.',
  AlreadyExists: 'Use another name, or remove the existing object.',
  Conflict: 'Read the object again and retry.',
  Unauthorized: 'Check the credentials of the kubeconfig or the service account.',
  Forbidden: 'Grant the service account this verb, or raise the quota that the message names.',
  Invalid: 'Correct the field that the message names.',
  TooManyRequests: 'Wait; the request is retried.',
  Expired: 'List again; the request is retried.',
  Timeout: 'Check the load of the API server; the request is retried.',
  Unreachable: 'Check that the API server runs and can be reached from here; the request is retried.',
  ServerError: "Look at the API server's log, and at webhooks; the request is retried.",
  Malformed: 'Check for a proxy between here and the API server; the request is retried.',
  Aborted: 'Nothing to do: the caller no longer wants the answer.',
  NotLeader: 'Nothing to do: another replica is the leader and acts instead.',
};

/** The `Status` object that the API server sends with a failure, as far as it is read here. */
export type StatusBody = {
  code?: number;
  reason?: string;
  message?: string;
  details?: { retryAfterSeconds?: number; causes?: { reason?: string; message?: string; field?: string }[] };
};

export type ApiErrorOptions = {
  cause?: unknown;
  status?: number;
  /** Milliseconds that the server asked to be left alone. */
  retryAfterMs?: number | undefined;
  /** Machine-readable reasons of the single faults, such as `FieldValueInvalid` or `NamespaceTerminating`. */
  causes?: readonly string[];
};

/** A request to the API server that failed. `message` says what happened, `remedy` what to do about it. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly remedy: string;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly causes: readonly string[];

  constructor(code: ApiErrorCode, message: string, options: ApiErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'ApiError';
    this.code = code;
    this.remedy = remedies[code];
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.causes = options.causes ?? [];
  }
}

/** True when `error` is an ApiError with one of `codes`. */
export function hasCode(error: unknown, ...codes: ApiErrorCode[]): error is ApiError {
  return error instanceof ApiError && codes.includes(error.code);
}

const codeByStatus: Record<number, ApiErrorCode> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  408: 'Timeout',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  504: 'Timeout',
};

/** The code for an HTTP status and the `reason` of its Status body. */
export function codeOfStatus(status: number, reason?: string): ApiErrorCode {
  // Both are 409 on the wire; only the reason tells a name that is taken from a version that moved on.
  if (status === 409 && reason === 'AlreadyExists') return 'AlreadyExists';
  return codeByStatus[status] ?? (status >= 500 ? 'ServerError' : 'Invalid');
}

/**
 * The error for an answer that is not a success.
 *
 * @param retryAfter the header `Retry-After` in seconds; the dated form is not used by the API server and is ignored.
 */
export function errorOfStatus(request: string, status: number, body: StatusBody, retryAfter?: string): ApiError {
  const seconds = Number(retryAfter ?? body.details?.retryAfterSeconds ?? Number.NaN);
  const code = codeOfStatus(status, body.reason);
  return new ApiError(code, `${request} answered ${status}: ${body.message ?? body.reason ?? 'no explanation'}`, {
    status,
    retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined,
    causes: (body.details?.causes ?? []).flatMap((cause) => (cause.reason === undefined ? [] : [cause.reason])),
  });
}
