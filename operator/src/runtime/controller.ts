/** Decides when an object is reconciled: on changes that map to its key, on errors with backoff, and again before ten minutes pass. */
import type { Logger } from 'pino';
import { ApiError, hasCode } from './api-error.ts';
import type { Backoff } from './backoff.ts';
import type { CacheEvent, Informer } from './cache.ts';
import { type Clock, type Random, sleep } from './clock.ts';
import { startDeadline } from './deadline.ts';
import { keyOf, type ObjectKey, parseKey } from './key.ts';
import type { Mapping } from './map.ts';
import type { Metrics } from './metrics.ts';
import { WorkQueue } from './queue.ts';
import type { KubernetesObject, ObjectReference } from './resource.ts';

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

/** A source of keys: the changes of a cache, mapped. */
export type ControllerWatch = {
  informer: Pick<Informer, 'hasSynced' | 'waitForSync'>;
  /** Connects the cache's changes, and what it holds at the start, to the controller. */
  connect: (enqueue: (key: ObjectKey) => void) => () => void;
};

/**
 * Reconciles on changes in a cache. With `filter`, only on those it lets through, such as changes of the generation;
 * what the cache holds at the start is always mapped.
 */
export function watch<T extends KubernetesObject>(
  informer: Informer<T>,
  map: Mapping<T>,
  filter: (event: CacheEvent<T>) => boolean = () => true,
): ControllerWatch {
  return {
    informer: informer as unknown as Informer,
    connect(enqueue) {
      const stop = informer.onChange((event) => {
        if (!filter(event)) return;
        for (const key of map(event.object)) enqueue(key);
        // A child that changed hands concerns the owner that lost it, too.
        if (event.type === 'changed') for (const key of map(event.previous)) enqueue(key);
      });
      for (const object of informer.list()) for (const key of map(object)) enqueue(key);
      return stop;
    },
  };
}

export type ControllerOptions = {
  name: string;
  reconcile: Reconcile;
  watches: ControllerWatch[];
  /** Whether the object of a key still exists; only then is it resynced. */
  exists: (key: ObjectReference) => boolean;
  clock: Clock;
  random: Random;
  metrics: Metrics;
  logger: Logger;
  /** Reconciles at the same time; one key is never in two of them. Default 2. */
  workers?: number;
  /** Longest time between two looks at an object. Default and limit ten minutes. */
  resyncMs?: number;
  /** Milliseconds after which a reconcile's signal aborts. Default two minutes. */
  reconcileTimeoutMs?: number;
  /** Milliseconds that `stop` leaves running reconciles. Default 15 s. */
  stopGraceMs?: number;
  backoff?: Backoff;
};

export type Controller = {
  readonly name: string;
  /** Waits for its caches, then works. Calling it again does nothing. */
  start(): void;
  /** Asks for a reconcile of this key. */
  enqueue(key: ObjectReference): void;
  /** Takes no new work, waits for running reconciles up to the grace period, then aborts them. */
  stop(): Promise<void>;
};

const tenMinutesMs = 600_000;

export function createController(options: ControllerOptions): Controller {
  const { name, clock, metrics, logger, workers = 2 } = options;
  const queue = new WorkQueue({
    name,
    clock,
    random: options.random,
    metrics,
    ...(options.backoff && { backoff: options.backoff }),
  });
  const resyncMs = Math.min(options.resyncMs ?? tenMinutesMs, tenMinutesMs);
  const stopping = new AbortController();
  const aborting = new AbortController();
  const disconnects: (() => void)[] = [];
  let running: Promise<void> | undefined;
  metrics.maxWorkers.set({ controller: name }, workers);
  metrics.activeWorkers.set({ controller: name }, 0);
  for (const result of ['success', 'error', 'requeue_after']) metrics.reconciles.inc({ controller: name, result }, 0);
  metrics.reconcileErrors.inc({ controller: name }, 0);

  async function run(): Promise<void> {
    try {
      await Promise.all(options.watches.map(({ informer }) => informer.waitForSync(stopping.signal)));
    } catch {
      return; // stopped before the caches were complete
    }
    if (stopping.signal.aborted) return;
    for (const source of options.watches) disconnects.push(source.connect((key) => queue.add(key)));
    logger.info({ controller: name, workers }, 'controller started');
    await Promise.all(Array.from({ length: workers }, work));
  }

  async function work(): Promise<void> {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      await reconcileOnce(key);
      queue.done(key);
    }
  }

  async function reconcileOnce(key: ObjectKey): Promise<void> {
    const reference = parseKey(key);
    const bound = logger.child({ controller: name, ...reference });
    const attempt = queue.failures(key);
    const deadline = startDeadline(clock, options.reconcileTimeoutMs ?? 120_000, aborting.signal);
    const startedAt = clock.elapsed();
    metrics.activeWorkers.inc({ controller: name });
    try {
      const { requeueAfterMs } = await options.reconcile(reference, {
        signal: deadline.signal,
        logger: bound,
        attempt,
      });
      succeed(key, reference, requeueAfterMs);
      if (attempt > 0) bound.info({ attempt }, 'reconciled again after failures');
    } catch (error) {
      fail(key, bound, error);
    } finally {
      deadline.release();
      metrics.activeWorkers.dec({ controller: name });
      metrics.reconcileSeconds.observe({ controller: name }, (clock.elapsed() - startedAt) / 1000);
    }
  }

  function succeed(key: ObjectKey, reference: ObjectReference, requeueAfterMs: number | undefined): void {
    metrics.reconciles.inc({ controller: name, result: requeueAfterMs === undefined ? 'success' : 'requeue_after' });
    queue.forget(key);
    if (!options.exists(reference)) return;
    // Jitter keeps objects that were reconciled together, as at the start, from coming back together.
    const resync = resyncMs * (0.8 + 0.2 * options.random());
    queue.addAfter(key, Math.min(requeueAfterMs ?? resync, resync));
  }

  function fail(key: ObjectKey, bound: Logger, error: unknown): void {
    const retryAfterMs = error instanceof ApiError ? error.retryAfterMs : undefined;
    const attempt = queue.failures(key);
    const delayMs = queue.retry(key, retryAfterMs);
    metrics.reconciles.inc({ controller: name, result: 'error' });
    metrics.reconcileErrors.inc({ controller: name });
    // A lost race is answered by the next try and worth no alarm; the same holds when we are no longer to act.
    const level =
      attempt === 0 && hasCode(error, 'Conflict', 'AlreadyExists', 'NotLeader', 'Aborted') ? 'debug' : 'error';
    bound[level]({ err: error, attempt, retryInMs: Math.round(delayMs) }, 'reconcile failed');
  }

  return {
    name,
    start() {
      running ??= run();
    },
    enqueue: (reference) => queue.add(keyOf(reference)),
    async stop() {
      stopping.abort(new Error('the controller stops'));
      for (const disconnect of disconnects.splice(0)) disconnect();
      queue.close();
      if (running === undefined) return;
      const grace = sleep(clock, options.stopGraceMs ?? 15_000, aborting.signal).then(() => aborting.abort());
      // Workers that do not heed the abort are left behind; the process ends anyway.
      await Promise.race([running, grace]);
      aborting.abort();
    },
  };
}
