/** Proves with a real API server that of several electors at most one leads, whatever happens to its connection. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../../hack/cluster/api-only.ts';
import type { Client } from '../../../operator/src/runtime/client.ts';
import { createElector, type Elector } from '../../../operator/src/runtime/elector.ts';
import { leases } from '../../../operator/src/runtime/resources.ts';
import { ambience, clientFor, eventually, kubeConfigFrom, proxiedKubeConfig } from './harness.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** A tenth of the real times. */
const times = { leaseMs: 1_500, renewDeadlineMs: 1_000, retryMs: 200 };

let server: ApiServer;
let direct: Client;

beforeAll(async () => {
  server = await startApiServer({ name: 'elector' });
  direct = clientFor(kubeConfigFrom(server.kubeconfig));
});

afterAll(async () => {
  await direct?.close();
  await server?.stop();
});

type Candidate = { name: string; elector: Elector; proxy: TcpProxy; lost: string[]; end(): Promise<void> };

async function candidate(lease: string, name: string): Promise<Candidate> {
  const { hostname, port } = new URL(server.url);
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  const client = clientFor(proxiedKubeConfig(server.kubeconfig, proxy.port));
  const lost: string[] = [];
  const elector = createElector({
    ...{ client, namespace: 'default', name: lease, identity: name, times, ...ambience() },
    onElected: () => {},
    onLost: (reason) => lost.push(reason),
  });
  return {
    name,
    elector,
    proxy,
    lost,
    async end() {
      await elector.stop();
      await client.close();
      await proxy.stop();
    },
  };
}

/** Looks every few milliseconds who says to lead; fails if two do at once. */
function referee(candidates: Candidate[]): { stop(): void; most: () => number } {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, candidates.filter(({ elector }) => elector.isLeader()).length);
  }, 2);
  return { stop: () => clearInterval(timer), most: () => most };
}

const leaderOf = (candidates: Candidate[]): Promise<Candidate> =>
  eventually(() => candidates.find(({ elector }) => elector.isLeader()));

describe('[operator.leader-lease] of several candidates', () => {
  test('one leads; when it goes in peace another takes over at once', async () => {
    const candidates = await Promise.all(['a', 'b', 'c'].map((name) => candidate('peace', name)));
    const watch = referee(candidates);
    for (const { elector } of candidates) elector.start();
    const first = await leaderOf(candidates);
    await first.end();
    const released = performance.now();
    const others = candidates.filter((one) => one !== first);
    await leaderOf(others);
    // Sooner than the lease would have run out.
    expect(performance.now() - released).toBeLessThan(times.leaseMs);
    expect(first.lost).toEqual([]);
    for (const one of others) await one.end();
    watch.stop();
    expect(watch.most()).toBe(1);
    const { spec } = await direct.get(leases, { namespace: 'default', name: 'peace' });
    expect(spec?.holderIdentity ?? '').toBe('');
    expect(spec?.leaseTransitions).toBeGreaterThanOrEqual(1);
  });

  test.each(['hanging', 'closed'] as const)(
    'a leader whose connection is %s ends before another begins',
    async (fault) => {
      const candidates = await Promise.all(['a', 'b'].map((name) => candidate(`cut-${fault}`, name)));
      const watch = referee(candidates);
      for (const { elector } of candidates) elector.start();
      const first = await leaderOf(candidates);
      const second = candidates.find((one) => one !== first) as Candidate;
      first.proxy.set(fault);
      await eventually(() => first.lost.length > 0);
      await eventually(() => second.elector.isLeader());
      expect(first.lost).toEqual(['the lease could not be renewed for 1000 ms']);
      first.proxy.set('open');
      await new Promise((resolve) => setTimeout(resolve, times.leaseMs));
      expect(first.elector.isLeader()).toBe(false);
      expect(second.elector.isLeader()).toBe(true);
      for (const one of candidates) await one.end();
      watch.stop();
      expect(watch.most()).toBe(1);
    },
  );

  test('a leader keeps the lease through one failed renewal', async () => {
    const one = await candidate('blip', 'a');
    one.elector.start();
    await eventually(() => one.elector.isLeader());
    one.proxy.set('closed');
    await new Promise((resolve) => setTimeout(resolve, times.renewDeadlineMs / 2));
    one.proxy.set('open');
    await new Promise((resolve) => setTimeout(resolve, times.renewDeadlineMs * 2));
    expect(one.elector.isLeader()).toBe(true);
    expect(one.lost).toEqual([]);
    await one.end();
  });

  test('a leader whose lease was taken by hand ends', async () => {
    const one = await candidate('stolen', 'a');
    one.elector.start();
    await eventually(() => one.elector.isLeader());
    await direct.mergePatch(leases, { namespace: 'default', name: 'stolen' }, { spec: { holderIdentity: 'thief' } });
    await eventually(() => one.lost.length > 0);
    expect(one.lost).toEqual(['the lease was taken by thief']);
    expect(one.elector.isLeader()).toBe(false);
    await one.end();
    expect((await direct.get(leases, { namespace: 'default', name: 'stolen' })).spec?.holderIdentity).toBe('thief');
  });

  test('the clock of the holder is not trusted: a renewTime far in the past or future changes nothing', async () => {
    const spec = {
      holderIdentity: 'ghost',
      leaseDurationSeconds: 1,
      leaseTransitions: 3,
      acquireTime: '2001-01-01T00:00:00.000000Z',
      renewTime: '2001-01-01T00:00:00.000000Z',
    };
    await direct.create(leases, { metadata: { namespace: 'default', name: 'past' }, spec });
    await direct.create(leases, {
      metadata: { namespace: 'default', name: 'future' },
      spec: { ...spec, renewTime: '2199-01-01T00:00:00.000000Z' },
    });
    for (const name of ['past', 'future']) {
      const one = await candidate(name, 'a');
      const began = performance.now();
      one.elector.start();
      await eventually(() => one.elector.isLeader());
      const waited = performance.now() - began;
      expect(waited).toBeGreaterThan(times.leaseMs * 0.95);
      expect(waited).toBeLessThan(times.leaseMs * 2);
      await one.end();
    }
  });
});
