import { describe, expect, test } from 'vitest';
import {
  claim,
  decide,
  defaultLeaseTimes,
  isFresh,
  type LeaseSpec,
  type Observation,
  observe,
  release,
} from './election.ts';

const held = (holderIdentity: string, more: LeaseSpec = {}): LeaseSpec => ({
  holderIdentity,
  leaseDurationSeconds: 15,
  ...more,
});
const seen = (spec: LeaseSpec | undefined, changedAtMs = 0): Observation => ({
  spec,
  resourceVersion: spec && '5',
  changedAtMs,
});

describe('[operator.leader-lease] what to do about a lease', () => {
  test.each([
    ['there is none', seen(undefined), 0, 'create'],
    ['it is free', seen(held('')), 0, 'take'],
    ['it is ours', seen(held('me')), 99_000, 'renew'],
    ['another holds it', seen(held('you')), 14_999, 'wait'],
    ['another held it and was silent for as long as it promised', seen(held('you')), 15_000, 'take'],
    ['it changed a moment ago by our clock', seen(held('you'), 10_000), 15_000, 'wait'],
    ['its holder promised more than we would', seen(held('you', { leaseDurationSeconds: 60 })), 30_000, 'wait'],
    ['its holder promised less than we would', seen(held('you', { leaseDurationSeconds: 1 })), 5_000, 'wait'],
    ['its times are far in the past', seen(held('you', { renewTime: '1999-01-01T00:00:00.000000Z' })), 5_000, 'wait'],
    [
      'its times are far in the future',
      seen(held('you', { renewTime: '2199-01-01T00:00:00.000000Z' })),
      15_000,
      'take',
    ],
  ] as const)('when %s', (_name, observation, nowMs, decision) => {
    expect(decide(observation, 'me', defaultLeaseTimes, nowMs)).toBe(decision);
  });

  test('the wait begins anew whenever the lease is seen to change, and only then', () => {
    const first = observe(undefined, { spec: held('you'), resourceVersion: '1' }, 100);
    const same = observe(first, { spec: held('you'), resourceVersion: '1' }, 900);
    const changed = observe(same, { spec: held('you'), resourceVersion: '2' }, 1_700);
    expect([first, same, changed].map(({ changedAtMs }) => changedAtMs)).toEqual([100, 100, 1_700]);
  });

  test('a claim counts the change of holder, has six fractional digits, and a renewal keeps its beginning', () => {
    const now = Date.UTC(2026, 0, 31, 12, 0, 0, 250);
    const taken = claim(seen(held('you', { leaseTransitions: 4 })), 'take', 'me', defaultLeaseTimes, now);
    expect(taken).toEqual({
      holderIdentity: 'me',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-31T12:00:00.250000Z',
      renewTime: '2026-01-31T12:00:00.250000Z',
      leaseTransitions: 5,
    });
    expect(claim(seen(taken), 'renew', 'me', defaultLeaseTimes, now + 2_000)).toEqual({
      ...taken,
      renewTime: '2026-01-31T12:00:02.250000Z',
    });
    expect(claim(seen(undefined), 'create', 'me', defaultLeaseTimes, now).leaseTransitions).toBe(0);
  });

  test('a released lease is free at once for anyone', () => {
    const spec = release(seen(held('me', { leaseTransitions: 2 })), 0);
    expect(spec).toMatchObject({ holderIdentity: '', leaseTransitions: 2 });
    expect(decide(seen(spec), 'you', defaultLeaseTimes, 0)).toBe('take');
  });

  test('a leader ends before anyone who saw its last renewal may begin', () => {
    const renewedAtMs = 1_000;
    expect(isFresh(renewedAtMs, defaultLeaseTimes, 10_999)).toBe(true);
    expect(isFresh(renewedAtMs, defaultLeaseTimes, 11_000)).toBe(false);
    expect(decide(seen(held('me'), renewedAtMs), 'you', defaultLeaseTimes, 11_000)).toBe('wait');
    expect(isFresh(undefined, defaultLeaseTimes, 0)).toBe(false);
  });
});
