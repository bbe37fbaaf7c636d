/** Decides, from what was seen of the lease and from our own clock alone, whether to take it, renew it or wait. */
import { microTime } from './micro-time.ts';
import type { Lease } from './resources.ts';

export type LeaseSpec = NonNullable<Lease['spec']>;

export type LeaseTimes = {
  /** Others may take the lease when they have seen it unchanged for this long. */
  leaseMs: number;
  /** A leader that could not renew for this long is none any more. Must be shorter than `leaseMs`. */
  renewDeadlineMs: number;
  /** Time between two tries. */
  retryMs: number;
};

/** 15 s, 10 s and 2 s, as in client-go. */
export const defaultLeaseTimes: LeaseTimes = { leaseMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };

/** What this process saw of the lease, and when it saw it change last by its own clock. */
export type Observation = { spec: LeaseSpec | undefined; resourceVersion: string | undefined; changedAtMs: number };

/** Takes in what the API server holds now. The clocks of other machines, which wrote the times in it, are not trusted. */
export function observe(
  previous: Observation | undefined,
  lease: { spec?: LeaseSpec; resourceVersion: string } | undefined,
  elapsedMs: number,
): Observation {
  if (previous !== undefined && previous.resourceVersion === lease?.resourceVersion) return previous;
  return { spec: lease?.spec, resourceVersion: lease?.resourceVersion, changedAtMs: elapsedMs };
}

export type Decision = 'create' | 'take' | 'renew' | 'wait';

/** What to do about the lease at `elapsedMs` of our own clock. */
export function decide(seen: Observation, identity: string, times: LeaseTimes, elapsedMs: number): Decision {
  if (seen.resourceVersion === undefined) return 'create';
  const holder = seen.spec?.holderIdentity ?? '';
  if (holder === identity) return 'renew';
  if (holder === '') return 'take';
  // The holder's own promise counts when it is longer than ours: it may have been configured otherwise.
  const promisedMs = Math.max(times.leaseMs, (seen.spec?.leaseDurationSeconds ?? 0) * 1000);
  return elapsedMs - seen.changedAtMs >= promisedMs ? 'take' : 'wait';
}

/** The lease as it is to be written for `decision`, at `epochMs` of the wall clock. */
export function claim(
  seen: Observation,
  decision: Exclude<Decision, 'wait'>,
  identity: string,
  times: LeaseTimes,
  epochMs: number,
): LeaseSpec {
  const time = microTime(epochMs);
  const isRenewal = decision === 'renew';
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(times.leaseMs / 1000),
    acquireTime: isRenewal ? (seen.spec?.acquireTime ?? time) : time,
    renewTime: time,
    leaseTransitions: (seen.spec?.leaseTransitions ?? 0) + (decision === 'take' ? 1 : 0),
  };
}

/** The lease as a leader leaves it when it goes in peace: free for anyone at once. */
export function release(seen: Observation, epochMs: number): LeaseSpec {
  const time = microTime(epochMs);
  return {
    holderIdentity: '',
    leaseDurationSeconds: 1,
    acquireTime: time,
    renewTime: time,
    leaseTransitions: seen.spec?.leaseTransitions ?? 0,
  };
}

/** True while a leader that last began a successful renewal at `renewedAtMs` may still act. */
export function isFresh(renewedAtMs: number | undefined, times: LeaseTimes, elapsedMs: number): boolean {
  return renewedAtMs !== undefined && elapsedMs - renewedAtMs < times.renewDeadlineMs;
}
