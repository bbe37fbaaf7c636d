/** Decides when an object is reconciled: on changes that map to its key, on errors with backoff, and again before ten minutes pass. */
import type { Logger } from 'pino';
import type { ObjectReference } from './resource.ts';

export type ReconcileContext = {
  /** Aborts when the controller stops and its grace is over, or when this reconcile takes too long. */
  signal: AbortSignal;
  /** Bound to controller, namespace and name. */
  logger: Logger;
  /** 0 for the first try, 1 and more after failures in a row. */
  attempt: number;
};

/** When to look again at the latest. Left out: at the next resync. */
export type ReconcileResult = { requeueAfterMs?: number | undefined };

/**
 * Brings one object to its desired state. It is called for a key, so the object may be gone by now.
 * What it throws is logged and retried with exponential backoff; an `ApiError` with `retryAfterMs` waits at least that long.
 */
export type Reconcile = (key: ObjectReference, context: ReconcileContext) => Promise<ReconcileResult>;

export type Controller = {
  readonly name: string;
  /** Waits for its caches, then works. Calling it again does nothing. */
  start(): void;
  /** Asks for a reconcile of this key. */
  enqueue(key: ObjectReference): void;
  /** Takes no new work, waits for running reconciles up to the grace period, then aborts them. */
  stop(): Promise<void>;
};
