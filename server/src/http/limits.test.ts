/** Decides whether a client that floods leaves room for others, and whether waiting times are told as they are. */
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { serverConfigSchema } from '../contract.ts';
import { createDeadlines } from '../deadlines.ts';
import { addressOf, trustIn } from './client.ts';
import { createFairGate, createPace } from './limits.ts';
import { createRate } from './rate.ts';

/** How many places a client gets that asks until it is refused. */
function flood(gate: ReturnType<typeof createFairGate>, client: string): number {
  for (let count = 0; count < 1000; count += 1) if (!gate.tryEnter(client)) return count;
  throw new Error('never refused');
}

describe('a fair gate', () => {
  test('[limits.fair] one client that floods gets half, the next ones half of what is left, and all get in', () => {
    const gate = createFairGate(() => ({ places: 128, perClient: 128 }));
    const shares = ['a', 'b', 'c', 'd', 'e', 'f'].map((client) => flood(gate, client));
    expect(shares[0]).toBe(64);
    expect(shares[1]).toBe(32);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(1);
  });

  test('[limits.per-client] a client has no more than its own limit, and gets a place again for each that it leaves', () => {
    const gate = createFairGate(() => ({ places: 128, perClient: 3 }));
    expect(flood(gate, 'a')).toBe(3);
    expect(gate.tryEnter('b')).toBe(true);
    gate.leave('a');
    expect(flood(gate, 'a')).toBe(1);
  });

  test('a gate with one place serves one after the other', () => {
    const gate = createFairGate(() => ({ places: 1, perClient: 64 }));
    expect([gate.tryEnter('a'), gate.tryEnter('b')]).toEqual([true, false]);
    gate.leave('a');
    expect(gate.tryEnter('b')).toBe(true);
  });

  test('who leaves without having come frees no place', () => {
    const gate = createFairGate(() => ({ places: 2, perClient: 2 }));
    gate.leave('a');
    expect(flood(gate, 'a') + flood(gate, 'b')).toBeLessThanOrEqual(2);
  });

  test('[limits.reload] new limits hold at once', () => {
    let perClient = 1;
    const gate = createFairGate(() => ({ places: 100, perClient }));
    expect(flood(gate, 'a')).toBe(1);
    perClient = 5;
    expect(flood(gate, 'a')).toBe(4);
  });
});

test('[limits.retry-after] who is refused is told about the time that requests took of late, within bounds', () => {
  const pace = createPace(() => 60);
  expect(pace.retrySeconds()).toBe(1);
  for (let count = 0; count < 100; count += 1) pace.add(7.5);
  expect(pace.retrySeconds()).toBe(8);
  for (let count = 0; count < 100; count += 1) pace.add(500);
  expect(pace.retrySeconds()).toBe(60);
});

describe('with a clock that is moved', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('[limits.request-time] each request is told once that its time is over, and none that ended before', () => {
    const deadlines = createDeadlines(() => 10);
    const late: string[] = [];
    const endFirst = deadlines.watch(() => late.push('first'));
    vi.advanceTimersByTime(4000);
    deadlines.watch(() => late.push('second'));
    endFirst();
    vi.advanceTimersByTime(9000);
    expect(late).toEqual([]);
    vi.advanceTimersByTime(1100);
    expect(late).toEqual(['second']);
    vi.advanceTimersByTime(60_000);
    expect(late).toEqual(['second']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('[limits.rate] a client over its rate is told when it may come again, and then may; another one is not held up', async () => {
    const secondsToWait = createRate(() => 2);
    expect([await secondsToWait('a'), await secondsToWait('a')]).toEqual([undefined, undefined]);
    vi.advanceTimersByTime(20_500);
    expect(await secondsToWait('a')).toBe(40);
    expect(await secondsToWait('b')).toBeUndefined();
    vi.advanceTimersByTime(40_000);
    expect(await secondsToWait('a')).toBeUndefined();
  });
});

test('[limits.rate] no rate, no refusal; one that is set on a reload holds', async () => {
  let perMinute: number | undefined;
  const secondsToWait = createRate(() => perMinute);
  for (let count = 0; count < 50; count += 1) expect(await secondsToWait('a')).toBeUndefined();
  perMinute = 1;
  expect(await secondsToWait('a')).toBeUndefined();
  expect(await secondsToWait('a')).toBeGreaterThan(0);
});

describe('the address of a client', () => {
  function incoming(remoteAddress: string, forwardedFor?: string): IncomingMessage {
    const socket = new Socket();
    Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
    const message = new IncomingMessage(socket);
    if (forwardedFor !== undefined) message.headers['x-forwarded-for'] = forwardedFor;
    return message;
  }

  test.each([
    ['nothing forwarded', '203.0.113.9', undefined, '203.0.113.9'],
    ['an IPv4 address on an IPv6 socket', '::ffff:203.0.113.9', undefined, '203.0.113.9'],
    ['a header from somebody who is no proxy', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['a trusted proxy', '10.2.3.4', '198.51.100.1', '198.51.100.1'],
    ['a trusted proxy on an IPv6 socket', '::ffff:10.2.3.4', '198.51.100.1', '198.51.100.1'],
    ['an address that the client made up', '10.2.3.4', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
    ['two proxies', '127.0.0.1', '1.1.1.1, 198.51.100.1, 10.9.9.9', '198.51.100.1'],
    ['only proxies', '127.0.0.1', '10.9.9.9', '10.9.9.9'],
    ['IPv6', '10.2.3.4', '2001:db8::1', '2001:db8::1'],
    ['an empty header', '10.2.3.4', '', '10.2.3.4'],
  ])('[limits.client-address] %s: from %s with %s it is %s', (_name, remote, header, expected) => {
    expect(addressOf(incoming(remote, header), trustIn(['loopback', '10.0.0.0/8']))).toBe(expected);
  });

  test('[limits.client-address] no header makes a name longer than an address, nor a failure', () => {
    for (const header of ['x'.repeat(10_000), '%%%, <>', ' , , ']) {
      expect(addressOf(incoming('127.0.0.1', header), trustIn(['loopback'])).length).toBeLessThanOrEqual(64);
    }
  });

  test('nobody is trusted where nobody is named', () => {
    expect(addressOf(incoming('127.0.0.1', '198.51.100.1'), trustIn([]))).toBe('127.0.0.1');
  });
});

test('[server.limits] limits have defaults, and one that makes no sense is refused', () => {
  const { limits } = serverConfigSchema.parse({});
  expect(limits).toMatchObject({ bodyBytes: 1_048_576, jsonDepth: 64, concurrency: 128, trustedProxies: ['loopback'] });
  for (const wrong of [{ concurrency: 0 }, { bodyBytes: -1 }, { trustedProxies: ['everyone'] }, { unknown: 1 }])
    expect(serverConfigSchema.safeParse({ limits: wrong }).success).toBe(false);
});
