/** Decides how a kind of object is followed for ever: list, then watch from there, and begin again after any failure. */
import type { Logger } from 'pino';
import { ApiError, hasCode } from './api-error.ts';
import { type Backoff, backoffDelay } from './backoff.ts';
import type { Client, WatchEvent } from './client.ts';
import { type Clock, type Random, sleep } from './clock.ts';
import { startDeadline } from './deadline.ts';
import type { Metrics } from './metrics.ts';
import type { KubernetesObject, Live, ResourceType } from './resource.ts';

/** Where the objects go. */
export type ListWatchSink<T extends KubernetesObject> = {
  /** These are all objects there are. */
  replace(objects: Live<T>[]): void;
  put(object: Live<T>): void;
  remove(object: Live<T>): void;
};

export type ListWatchTuning = {
  /** Objects of one page of a list. Default 500. */
  pageSize?: number;
  /** Seconds that the server is asked to keep a watch open; half of it is random. Default 600. */
  watchTimeoutSeconds?: number;
  /** A watch that brings neither event nor bookmark for this long is taken for dead. Servers send a bookmark a minute. Default 150 s. */
  idleTimeoutMs?: number;
  /** Milliseconds until a list page or the acceptance of a watch must be there. Default 30 s. */
  requestTimeoutMs?: number;
  backoff?: Backoff;
};

export type ListWatchOptions<T extends KubernetesObject> = ListWatchTuning & {
  client: Client;
  type: ResourceType<T>;
  /** All namespaces when left out. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  metadataOnly?: boolean | undefined;
  sink: ListWatchSink<T>;
  clock: Clock;
  random: Random;
  metrics: Metrics;
  logger: Logger;
};

/** Failed watches in a row after which the version itself is suspected, as after a restored etcd, and all is listed anew. */
const failuresBeforeRelist = 3;
/** A watch that the server ends within this time and that brought nothing has failed, or it would be begun again without pause. */
const shortestWatchMs = 1_000;
/** A watch that lived for so long before it broke was no failure to watch: the next begins without a long pause. */
const decentWatchMs = 10_000;

/** One list and watch that is kept alive until it is stopped. It has one loop, so it can never run twice. */
export class ListWatch<T extends KubernetesObject> {
  readonly #options: ListWatchOptions<T>;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  /** Events up to this version have been handed over; undefined when all must be listed. */
  #version: string | undefined;
  #failures = 0;
  #problem: Error | undefined;

  constructor(options: ListWatchOptions<T>) {
    this.#options = options;
  }

  /** Begins; a second call does nothing. */
  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the informer stops'));
    await this.#running;
  }

  /** Why it does not work at the moment, or undefined when it does. */
  problem(): Error | undefined {
    return this.#problem;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        this.#version ??= await this.#list();
        await this.#watch(this.#version);
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        await this.#pauseAfter(error);
      }
    }
  }

  /** Hands over all objects and returns the version of the list. */
  async #list(): Promise<string> {
    const { sink } = this.#options;
    const { items, resourceVersion } = await this.#pages().catch((error: unknown) => {
      // The rest of a paged list is kept for minutes only. What took longer is asked for in one piece.
      if (hasCode(error, 'Expired')) return this.#page({});
      throw error;
    });
    if (resourceVersion === '') throw new ApiError('Malformed', `the list of ${this.#name()} has no resourceVersion`);
    sink.replace(items);
    return resourceVersion;
  }

  async #pages(): Promise<{ items: Live<T>[]; resourceVersion: string }> {
    const limit = this.#options.pageSize ?? 500;
    const first = await this.#page({ limit });
    const items = first.items;
    let { continueToken } = first;
    while (continueToken !== undefined) {
      const next = await this.#page({ limit, continueToken });
      items.push(...next.items);
      continueToken = next.continueToken;
    }
    return { items, resourceVersion: first.resourceVersion };
  }

  #page(part: { limit?: number; continueToken?: string }) {
    const { client, type, namespace, labelSelector, fieldSelector, metadataOnly, requestTimeoutMs } = this.#options;
    const scope = { namespace, labelSelector, fieldSelector, metadataOnly };
    return client.list(type, { ...scope, ...part, signal: this.#stopping.signal, timeoutMs: requestTimeoutMs });
  }

  /** Returns when the server ended the watch after a decent time; throws when anything went wrong. */
  async #watch(version: string): Promise<void> {
    const { client, type, namespace, labelSelector, fieldSelector, metadataOnly, clock, random } = this.#options;
    const idle = startDeadline(clock, this.#options.idleTimeoutMs ?? 150_000, this.#stopping.signal);
    const startedAt = clock.elapsed();
    let events = 0;
    try {
      const stream = await client.watch(type, {
        ...{ namespace, labelSelector, fieldSelector, metadataOnly },
        resourceVersion: version,
        timeoutSeconds: Math.ceil((this.#options.watchTimeoutSeconds ?? 600) * (0.5 + random() / 2)),
        signal: idle.signal,
        timeoutMs: this.#options.requestTimeoutMs,
      });
      this.#recovered();
      for await (const event of stream) {
        idle.extend();
        events++;
        this.#take(event);
        this.#failures = 0;
      }
    } catch (error) {
      if (clock.elapsed() - startedAt > decentWatchMs) this.#failures = 0;
      if (idle.expired())
        throw new ApiError('Timeout', `the watch of ${this.#name()} was silent for too long`, { cause: error });
      throw error;
    } finally {
      idle.release();
    }
    if (events === 0 && clock.elapsed() - startedAt < shortestWatchMs) {
      throw new ApiError('ServerError', `the watch of ${this.#name()} was ended at once`);
    }
    this.#failures = 0;
  }

  #take(event: WatchEvent<T>): void {
    const { sink } = this.#options;
    if (event.type === 'BOOKMARK') {
      this.#version = event.resourceVersion;
      return;
    }
    if (event.type === 'DELETED') sink.remove(event.object);
    else sink.put(event.object);
    this.#version = event.object.metadata.resourceVersion;
  }

  async #pauseAfter(error: unknown): Promise<void> {
    const { type, clock, random, metrics, logger } = this.#options;
    const failure =
      error instanceof ApiError
        ? error
        : new ApiError('Malformed', `following ${this.#name()} failed`, { cause: error });
    this.#failures++;
    if (failure.code === 'Expired' || this.#failures % failuresBeforeRelist === 0) this.#version = undefined;
    metrics.informerRestarts.inc({ kind: type.kind, code: failure.code });
    const first = this.#problem === undefined;
    // A version that expired is part of normal life: the list that follows mends it.
    if (failure.code !== 'Expired') this.#problem = failure;
    const level = first && failure.code !== 'Expired' ? 'warn' : 'debug';
    logger[level](
      { err: failure, kind: type.kind, namespace: this.#options.namespace },
      'list or watch failed; it is tried again',
    );
    const backoff = this.#options.backoff ?? { baseMs: 500, maxMs: 30_000 };
    const delayMs = Math.max(failure.retryAfterMs ?? 0, backoffDelay(backoff, this.#failures, random));
    await sleep(clock, delayMs, this.#stopping.signal);
  }

  #recovered(): void {
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    const { logger, type, namespace } = this.#options;
    logger.info({ kind: type.kind, namespace }, 'list and watch work again');
  }

  #name(): string {
    const { type, namespace } = this.#options;
    return namespace === undefined ? type.plural : `${type.plural} in ${namespace}`;
  }
}
