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

/** A controller over the given watches. Nothing happens before `start`. */
export function createController(options: ControllerOptions): Controller {
  return new QueueController(options);
}

class QueueController implements Controller {
  readonly name: string;
  readonly #options: ControllerOptions;
  readonly #queue: WorkQueue;
  readonly #workers: number;
  readonly #resyncMs: number;
  /** Aborts when no new work is to be taken, and `#aborting` when running work is to be given up. */
  readonly #stopping = new AbortController();
  readonly #aborting = new AbortController();
  readonly #disconnects: (() => void)[] = [];
  #running: Promise<void> | undefined;

  constructor(options: ControllerOptions) {
    const { name, clock, random, metrics, backoff } = options;
    this.name = name;
    this.#options = options;
    this.#queue = new WorkQueue({ name, clock, random, metrics, ...(backoff !== undefined && { backoff }) });
    this.#workers = options.workers ?? 2;
    this.#resyncMs = Math.min(options.resyncMs ?? tenMinutesMs, tenMinutesMs);
    this.#showInMetrics();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  enqueue(reference: ObjectReference): void {
    this.#queue.add(keyOf(reference));
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the controller stops'));
    for (const disconnect of this.#disconnects.splice(0)) disconnect();
    this.#queue.close();
    if (this.#running === undefined) return;
    const grace = sleep(this.#options.clock, this.#options.stopGraceMs ?? 15_000, this.#aborting.signal);
    // Workers that do not heed the abort are left behind; the process ends anyway.
    await Promise.race([this.#running, grace.then(() => this.#aborting.abort())]);
    this.#aborting.abort();
  }

  async #run(): Promise<void> {
    const { watches, logger } = this.#options;
    try {
      await Promise.all(watches.map(({ informer }) => informer.waitForSync(this.#stopping.signal)));
    } catch {
      return; // stopped before the caches were complete
    }
    if (this.#stopping.signal.aborted) return;
    for (const source of watches) this.#disconnects.push(source.connect((key) => this.#queue.add(key)));
    logger.info({ controller: this.name, workers: this.#workers }, 'controller started');
    await Promise.all(Array.from({ length: this.#workers }, () => this.#work()));
  }

  async #work(): Promise<void> {
    for (let key = await this.#queue.take(); key !== undefined; key = await this.#queue.take()) {
      await this.#reconcile(key);
      this.#queue.done(key);
    }
  }

  async #reconcile(key: ObjectKey): Promise<void> {
    const { clock, metrics } = this.#options;
    const reference = parseKey(key);
    const logger = this.#options.logger.child({ controller: this.name, ...reference });
    const attempt = this.#queue.failures(key);
    const deadline = startDeadline(clock, this.#options.reconcileTimeoutMs ?? 120_000, this.#aborting.signal);
    const startedAt = clock.elapsed();
    metrics.activeWorkers.inc({ controller: this.name });
    try {
      const result = await this.#options.reconcile(reference, { signal: deadline.signal, logger, attempt });
      this.#succeed(key, reference, result.requeueAfterMs);
      if (attempt > 0) logger.info({ attempt }, 'reconciled again after failures');
    } catch (error) {
      this.#fail(key, logger, error);
    } finally {
      deadline.release();
      metrics.activeWorkers.dec({ controller: this.name });
      metrics.reconcileSeconds.observe({ controller: this.name }, (clock.elapsed() - startedAt) / 1000);
    }
  }

  #succeed(key: ObjectKey, reference: ObjectReference, requeueAfterMs: number | undefined): void {
    const { metrics, exists, random } = this.#options;
    metrics.reconciles.inc({
      controller: this.name,
      result: requeueAfterMs === undefined ? 'success' : 'requeue_after',
    });
    this.#queue.forget(key);
    if (!exists(reference)) return;
    // Jitter keeps objects that were reconciled together, as at the start, from coming back together.
    const resync = this.#resyncMs * (0.8 + 0.2 * random());
    this.#queue.addAfter(key, Math.min(requeueAfterMs ?? resync, resync));
  }

  #fail(key: ObjectKey, logger: Logger, error: unknown): void {
    const { metrics } = this.#options;
    const retryAfterMs = error instanceof ApiError ? error.retryAfterMs : undefined;
    const attempt = this.#queue.failures(key);
    const delayMs = this.#queue.retry(key, retryAfterMs);
    metrics.reconciles.inc({ controller: this.name, result: 'error' });
    metrics.reconcileErrors.inc({ controller: this.name });
    // A lost race is answered by the next try and worth no alarm; the same holds when we are no longer to act.
    const isQuiet = attempt === 0 && hasCode(error, 'Conflict', 'AlreadyExists', 'NotLeader', 'Aborted');
    logger[isQuiet ? 'debug' : 'error']({ err: error, attempt, retryInMs: Math.round(delayMs) }, 'reconcile failed');
  }

  /** Shows all series from the start, at 0: an alert on a rate needs a first value. */
  #showInMetrics(): void {
    const { metrics } = this.#options;
    metrics.maxWorkers.set({ controller: this.name }, this.#workers);
    metrics.activeWorkers.set({ controller: this.name }, 0);
    metrics.reconcileErrors.inc({ controller: this.name }, 0);
    for (const result of ['success', 'error', 'requeue_after']) {
      metrics.reconciles.inc({ controller: this.name, result }, 0);
    }
  }
}
