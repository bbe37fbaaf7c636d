/** Decides which key a worker takes next: each key once, never twice at a time, and after failures later and later. */
import { type Backoff, backoffDelay } from './backoff.ts';
import type { Cancel, Clock, Random } from './clock.ts';
import type { ObjectKey } from './key.ts';
import type { Metrics } from './metrics.ts';

export type QueueOptions = {
  /** Label of the metrics. */
  name: string;
  clock: Clock;
  random: Random;
  metrics: Metrics;
  backoff?: Backoff;
};

/** 5 ms after the first failure, then doubled up to a minute: half of a passing fault is over at once, the rest is not hammered. */
const defaultBackoff: Backoff = { baseMs: 5, maxMs: 60_000 };

/**
 * A queue of keys. A key added while it waits is one; a key added while it is being worked on waits until `done`.
 *
 * After the work queue of client-go (https://pkg.go.dev/k8s.io/client-go/util/workqueue).
 */
export class WorkQueue {
  readonly #options: QueueOptions;
  readonly #backoff: Backoff;
  /** Keys that need work. Those not in `#processing` are in `#order` too. */
  readonly #dirty = new Set<ObjectKey>();
  readonly #processing = new Map<ObjectKey, number>();
  /** Keys in the order in which they are taken, with the time at which each was added. */
  readonly #order = new Map<ObjectKey, number>();
  readonly #delayed = new Map<ObjectKey, { due: number; cancel: Cancel }>();
  readonly #failures = new Map<ObjectKey, number>();
  readonly #takers: ((key: ObjectKey | undefined) => void)[] = [];
  #closed = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? defaultBackoff;
    options.metrics.queueDepth.set({ name: options.name }, 0);
  }

  /** Keys that wait for a worker now. */
  get depth(): number {
    return this.#order.size;
  }

  /** Keys that wait for their time. */
  get delayed(): number {
    return this.#delayed.size;
  }

  add(key: ObjectKey): void {
    if (this.#closed || this.#dirty.has(key)) return;
    this.#dirty.add(key);
    this.#options.metrics.queueAdds.inc({ name: this.#options.name });
    if (!this.#processing.has(key)) this.#enqueue(key);
  }

  /** Adds the key after a while. Of several waits for one key the shortest holds. */
  addAfter(key: ObjectKey, delayMs: number): void {
    if (this.#closed) return;
    const due = this.#options.clock.elapsed() + delayMs;
    const waiting = this.#delayed.get(key);
    if (waiting !== undefined && waiting.due <= due) return;
    waiting?.cancel();
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { due, cancel });
  }

  /** Adds the key after its next backoff, or after `atLeastMs` if that is longer. Returns the milliseconds chosen. */
  retry(key: ObjectKey, atLeastMs = 0): number {
    const failures = this.failures(key) + 1;
    this.#failures.set(key, failures);
    this.#options.metrics.queueRetries.inc({ name: this.#options.name });
    const delayMs = Math.max(atLeastMs, backoffDelay(this.#backoff, failures, this.#options.random));
    this.addAfter(key, delayMs);
    return delayMs;
  }

  /** Failures in a row of this key. */
  failures(key: ObjectKey): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Ends the row of failures of this key. */
  forget(key: ObjectKey): void {
    this.#failures.delete(key);
  }

  /** The next key, as soon as there is one; undefined once the queue is closed. Its taker must call `done`. */
  take(): Promise<ObjectKey | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#takers.push(resolve);
      this.#hand();
    });
  }

  /** Ends the work on a key. If it was added meanwhile, it is handed out again. */
  done(key: ObjectKey): void {
    const since = this.#processing.get(key);
    if (since === undefined) return;
    this.#processing.delete(key);
    this.#options.metrics.workSeconds.observe(
      { name: this.#options.name },
      (this.#options.clock.elapsed() - since) / 1000,
    );
    if (this.#dirty.has(key) && !this.#closed) this.#enqueue(key);
  }

  /** Hands out nothing more and forgets what waits. */
  close(): void {
    this.#closed = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#dirty.clear();
    this.#order.clear();
    this.#observeDepth();
    for (const resolve of this.#takers.splice(0)) resolve(undefined);
  }

  #enqueue(key: ObjectKey): void {
    this.#order.set(key, this.#options.clock.elapsed());
    this.#hand();
    this.#observeDepth();
  }

  #hand(): void {
    while (this.#takers.length > 0 && this.#order.size > 0) {
      const [key, since] = this.#order.entries().next().value ?? ['', 0];
      const now = this.#options.clock.elapsed();
      this.#order.delete(key);
      this.#dirty.delete(key);
      this.#processing.set(key, now);
      this.#options.metrics.queueSeconds.observe({ name: this.#options.name }, (now - since) / 1000);
      this.#takers.shift()?.(key);
    }
    this.#observeDepth();
  }

  #observeDepth(): void {
    this.#options.metrics.queueDepth.set({ name: this.#options.name }, this.#order.size);
  }
}
