/** Decides who acts: holds a Lease, says at any moment whether it still does, and tells when it was lost. */
import type { Logger } from 'pino';
import { hasCode } from './api-error.ts';
import type { Client } from './client.ts';
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
  const { client, clock, identity, logger, metrics, namespace, name, times = defaultLeaseTimes } = options;
  const stopping = new AbortController();
  const reference = { namespace, name };
  let seen: Observation | undefined;
  let renewedAtMs: number | undefined;
  let isElected = false;
  let running: Promise<void> | undefined;
  metrics.leader.set({ name }, 0);

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await attempt();
      if (isElected && !isFresh(renewedAtMs, times, clock.elapsed())) {
        lose(`the lease could not be renewed for ${times.renewDeadlineMs} ms`);
        return;
      }
      if (isElected && seen?.resourceVersion !== undefined && seen.spec?.holderIdentity !== identity) {
        lose(`the lease was taken by ${seen?.spec?.holderIdentity || 'nobody'}`);
        return;
      }
      await sleep(clock, pauseMs(), stopping.signal);
    }
  }

  async function attempt(): Promise<void> {
    try {
      // A leader knows the version it wrote last and spares the read; after a failure it reads again.
      if (!isElected || seen === undefined) seen = await look();
      const decision = decide(seen, identity, times, clock.elapsed());
      if (decision === 'wait') return;
      if (isElected && decision === 'take') return; // somebody else wrote: run() sees it
      await write(seen, decision);
    } catch (error) {
      if (stopping.signal.aborted) return;
      const isRace = hasCode(error, 'Conflict', 'AlreadyExists', 'NotFound');
      logger[isRace ? 'debug' : 'warn']({ err: error, lease: name, leader: isElected }, 'lease not obtained');
      await lookAgain();
    }
  }

  async function look(): Promise<Observation> {
    const lease = await client.find(leases, reference, requestOptions());
    return observe(seen, lease && { ...lease, resourceVersion: lease.metadata.resourceVersion }, clock.elapsed());
  }

  async function lookAgain(): Promise<void> {
    try {
      seen = await look();
    } catch {
      // As unreachable as before; what we saw last still counts, and so does the deadline.
    }
  }

  async function write(from: Observation, decision: Exclude<Decision, 'wait'>): Promise<void> {
    const startedAtMs = clock.elapsed();
    const spec = claim(from, decision, identity, times, clock.now());
    const metadata = {
      namespace,
      name,
      ...(from.resourceVersion !== undefined && { resourceVersion: from.resourceVersion }),
    };
    const written =
      decision === 'create'
        ? await client.create(leases, { metadata, spec }, requestOptions())
        : await client.update(leases, { metadata, spec }, requestOptions());
    seen = { spec, resourceVersion: written.metadata.resourceVersion, changedAtMs: clock.elapsed() };
    // An answer that came after the deadline of the term before it does not bring that term back.
    if (isElected && !isFresh(renewedAtMs, times, clock.elapsed())) return;
    renewedAtMs = startedAtMs;
    if (!isElected) elect();
  }

  function elect(): void {
    isElected = true;
    metrics.leader.set({ name }, 1);
    logger.info({ lease: name, identity }, 'elected leader');
    options.onElected();
  }

  function lose(reason: string): void {
    isElected = false;
    renewedAtMs = undefined;
    metrics.leader.set({ name }, 0);
    logger.error({ lease: name, identity, reason }, 'leadership lost');
    options.onLost(reason);
  }

  /** A request leaves time for another before the deadline, and never outlasts it. */
  function requestOptions() {
    const leftMs =
      renewedAtMs === undefined ? times.renewDeadlineMs : renewedAtMs + times.renewDeadlineMs - clock.elapsed();
    return { signal: stopping.signal, timeoutMs: Math.max(1, Math.min(times.renewDeadlineMs / 2, leftMs)) };
  }

  /** Followers are spread out, so that they do not all reach for a free lease at once. */
  function pauseMs(): number {
    return isElected ? times.retryMs : times.retryMs * (1 + 0.2 * options.random());
  }

  return {
    start() {
      running ??= run();
    },
    isLeader: () => isElected && isFresh(renewedAtMs, times, clock.elapsed()),
    async stop() {
      stopping.abort(new Error('the elector stops'));
      await running;
      if (!isElected || seen?.resourceVersion === undefined) return;
      isElected = false;
      metrics.leader.set({ name }, 0);
      const metadata = { namespace, name, resourceVersion: seen.resourceVersion };
      try {
        await client.update(leases, { metadata, spec: release(seen, clock.now()) }, { timeoutMs: times.retryMs });
        logger.info({ lease: name, identity }, 'lease released');
      } catch (error) {
        logger.warn({ err: error, lease: name }, 'lease not released; it runs out by itself');
      }
    },
  };
}
