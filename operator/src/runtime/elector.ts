/** Decides who acts: holds a Lease, says at any moment whether it still does, and tells when it was lost. */
import type { Logger } from 'pino';
import { hasCode } from './api-error.ts';
import type { Client, RequestOptions } from './client.ts';
import { type Clock, type Random, sleep } from './clock.ts';
import {
  claim,
  type Decision,
  decide,
  defaultLeaseTimes,
  isFresh,
  type LeaseTimes,
  type Observation,
  observe,
  release,
} from './election.ts';
import type { Metrics } from './metrics.ts';
import { leases } from './resources.ts';

export type ElectorOptions = {
  /** A client whose writes are not guarded by this elector. */
  client: Client;
  namespace: string;
  /** Name of the Lease. */
  name: string;
  /** Unique to this process, such as the pod's name and a random part. */
  identity: string;
  times?: LeaseTimes;
  clock: Clock;
  random: Random;
  metrics: Metrics;
  logger: Logger;
  onElected: () => void;
  /** Called once when leadership ended unasked. The process must exit: what it was doing may be done by another already. */
  onLost: (reason: string) => void;
};

export type Elector = {
  start(): void;
  /** True while this process may write. It is asked of the clock, so it holds also after the process was frozen. */
  isLeader(): boolean;
  /** Gives up, and frees the lease if we hold it. Call it after the last write. */
  stop(): Promise<void>;
};

/**
 * An elector over one Lease of coordination.k8s.io.
 *
 * Every write names the version it replaces, so of two that try at the same time one gets a Conflict. A leader counts
 * its deadline from before it sent the renewal, a follower from after it saw it: the leader always ends first.
 *
 * After https://pkg.go.dev/k8s.io/client-go/tools/leaderelection.
 */
export function createElector(options: ElectorOptions): Elector {
  return new LeaseElector(options);
}

class LeaseElector implements Elector {
  readonly #options: ElectorOptions;
  readonly #times: LeaseTimes;
  readonly #stopping = new AbortController();
  #seen: Observation | undefined;
  /** When the last successful renewal was begun. */
  #renewedAtMs: number | undefined;
  #isElected = false;
  /** Whether the last try failed: only the first of a row is told. */
  #isFailing = false;
  /** Whether stop() ended a request whose outcome nobody saw: it may have been written all the same. */
  #isCutShort = false;
  #running: Promise<void> | undefined;

  constructor(options: ElectorOptions) {
    this.#options = options;
    this.#times = options.times ?? defaultLeaseTimes;
    options.metrics.leader.set({ name: options.name }, 0);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  isLeader(): boolean {
    return this.#isElected && isFresh(this.#renewedAtMs, this.#times, this.#options.clock.elapsed());
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the elector stops'));
    await this.#running;
    if (this.#isElected || this.#isCutShort) await this.#release();
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#attempt();
      const loss = this.#isElected ? this.#loss() : undefined;
      if (loss !== undefined) {
        this.#lose(loss);
        return;
      }
      await sleep(this.#options.clock, this.#pauseMs(), this.#stopping.signal);
    }
  }

  /** Why we lead no longer, or undefined while we do. */
  #loss(): string | undefined {
    const { clock, identity } = this.#options;
    if (!isFresh(this.#renewedAtMs, this.#times, clock.elapsed())) {
      return `the lease could not be renewed for ${this.#times.renewDeadlineMs} ms`;
    }
    const holder = this.#seen?.spec?.holderIdentity;
    if (this.#seen?.resourceVersion === undefined || holder === identity) return undefined;
    return `the lease was taken by ${holder || 'nobody'}`;
  }

  async #attempt(): Promise<void> {
    const { clock, identity, logger, name } = this.#options;
    try {
      // A leader knows the version it wrote last and spares the read; after a failure it reads again.
      if (!this.#isElected || this.#seen === undefined) this.#seen = await this.#look();
      const decision = decide(this.#seen, identity, this.#times, clock.elapsed());
      // A leader that would have to take the lease has lost it, and #loss() says so.
      if (decision === 'wait' || (this.#isElected && decision === 'take')) {
        this.#isFailing = false;
        return;
      }
      await this.#write(this.#seen, decision);
      this.#isFailing = false;
    } catch (error) {
      if (this.#stopping.signal.aborted) {
        this.#isCutShort = true;
        return;
      }
      const isRace = hasCode(error, 'Conflict', 'AlreadyExists', 'NotFound');
      const level = isRace || this.#isFailing ? 'debug' : 'warn';
      this.#isFailing = !isRace;
      logger[level]({ err: error, lease: name, leader: this.#isElected }, 'lease not obtained; it is tried again');
      await this.#lookAgain();
    }
  }

  async #look(): Promise<Observation> {
    const { client, clock } = this.#options;
    const lease = await client.find(leases, this.#reference(), this.#requestOptions());
    const found = lease && { ...lease, resourceVersion: lease.metadata.resourceVersion };
    return observe(this.#seen, found, clock.elapsed());
  }

  async #lookAgain(): Promise<void> {
    try {
      this.#seen = await this.#look();
    } catch {
      // As unreachable as before; what we saw last still counts, and so does the deadline.
    }
  }

  async #write(from: Observation, decision: Exclude<Decision, 'wait'>): Promise<void> {
    const { client, clock, identity } = this.#options;
    const startedAtMs = clock.elapsed();
    const spec = claim(from, decision, identity, this.#times, clock.now());
    const version = from.resourceVersion === undefined ? {} : { resourceVersion: from.resourceVersion };
    const lease = { metadata: { ...this.#reference(), ...version }, spec };
    const written =
      decision === 'create'
        ? await client.create(leases, lease, this.#requestOptions())
        : await client.update(leases, lease, this.#requestOptions());
    this.#seen = { spec, resourceVersion: written.metadata.resourceVersion, changedAtMs: clock.elapsed() };
    // An answer that came after the deadline of the term before it does not bring that term back.
    if (this.#isElected && !isFresh(this.#renewedAtMs, this.#times, clock.elapsed())) return;
    this.#renewedAtMs = startedAtMs;
    if (!this.#isElected) this.#elect();
  }

  #elect(): void {
    const { name, identity, logger, metrics, onElected } = this.#options;
    this.#isElected = true;
    metrics.leader.set({ name }, 1);
    logger.info({ lease: name, identity }, 'elected leader');
    onElected();
  }

  #lose(reason: string): void {
    const { name, identity, logger, metrics, onLost } = this.#options;
    this.#isElected = false;
    metrics.leader.set({ name }, 0);
    logger.error({ lease: name, identity, reason }, 'leadership lost');
    onLost(reason);
  }

  async #release(): Promise<void> {
    const { logger, metrics, name, identity } = this.#options;
    this.#isElected = false;
    metrics.leader.set({ name }, 0);
    try {
      if (await this.#handOver()) logger.info({ lease: name, identity }, 'lease released');
    } catch (error) {
      logger.warn({ err: error, lease: name }, 'lease not released; it runs out by itself');
    }
  }

  /** Frees the lease if it names us; true if it did. The write that stop() cut short may arrive between look and update. */
  async #handOver(): Promise<boolean> {
    const { client, clock, identity } = this.#options;
    const timeoutMs = this.#times.renewDeadlineMs / 2;
    for (let triesLeft = 2; ; triesLeft--) {
      const lease = await client.find(leases, this.#reference(), { timeoutMs });
      if (lease?.spec?.holderIdentity !== identity) return false;
      const { resourceVersion } = lease.metadata;
      const spec = release({ spec: lease.spec, resourceVersion, changedAtMs: clock.elapsed() }, clock.now());
      try {
        await client.update(leases, { metadata: { ...this.#reference(), resourceVersion }, spec }, { timeoutMs });
        return true;
      } catch (error) {
        if (triesLeft === 0 || !hasCode(error, 'Conflict')) throw error;
      }
    }
  }

  #reference(): { namespace: string; name: string } {
    return { namespace: this.#options.namespace, name: this.#options.name };
  }

  /** A request leaves time for another before the deadline, and never outlasts it. */
  #requestOptions(): RequestOptions {
    const { renewDeadlineMs } = this.#times;
    const sinceMs = this.#renewedAtMs === undefined ? 0 : this.#options.clock.elapsed() - this.#renewedAtMs;
    const timeoutMs = Math.max(1, Math.min(renewDeadlineMs / 2, renewDeadlineMs - sinceMs));
    return { signal: this.#stopping.signal, timeoutMs };
  }

  /** Followers are spread out, so that they do not all reach for a free lease at once. */
  #pauseMs(): number {
    const { retryMs } = this.#times;
    return this.#isElected ? retryMs : retryMs * (1 + 0.2 * this.#options.random());
  }
}
