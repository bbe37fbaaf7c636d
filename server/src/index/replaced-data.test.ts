/** Decides whether replaced data stays as long as somebody may read it, and not longer. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ForgottenData } from './forgotten-data.ts';
import { forgetServed, ReplacedData, tellServed } from './replaced-data.ts';

let root: string;
const directoryOf = (number: number) => join(root, `g${number}`);
const kept = () => [1, 2, 3, 4].filter((number) => existsSync(directoryOf(number)));
const graceMs = 60_000;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'codesage-replaced-'));
  for (const number of [1, 2, 3, 4]) mkdirSync(directoryOf(number));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(root, { recursive: true });
});

/** Replaced data, and what it has removed: `removed` settles once that many are. */
function replacedData(options: { graceMs: number | undefined }, clock = () => Date.now()) {
  const done: Promise<void>[] = [];
  const remove = (number: number) => {
    const removal = rm(directoryOf(number), { recursive: true });
    done.push(removal);
    return removal;
  };
  const data = new ReplacedData({ ...options, directoryOf, remove, clock });
  return { data, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms).then(() => Promise.all(done)) };
}

describe('a replaced generation', () => {
  test.each([undefined, 0])('goes at once with a grace of %s', async (none) => {
    const { data } = replacedData({ graceMs: none });
    await data.add(1);
    expect(kept()).toEqual([2, 3, 4]);
    expect(data.hasReaders).toBe(none === 0);
  });

  test('[replicas.survive] stays for the time of grace', async () => {
    const { data, pass } = replacedData({ graceMs });
    await data.add(1);
    await data.add(1);
    await pass(graceMs - 1000);
    expect([kept(), await data.has(1), await data.has(2)]).toEqual([[1, 2, 3, 4], true, false]);
    await pass(1000);
    expect(kept()).toEqual([2, 3, 4]);
  });

  test('[replicas.survive] stays for what is left of it after a restart', async () => {
    const first = replacedData({ graceMs });
    await first.data.add(1);
    first.data.close();
    const since = Date.now() / 1000 - 50;
    utimesSync(join(directoryOf(1), 'replaced'), since, since);
    const { data, pass } = replacedData({ graceMs });
    expect(await data.has(1)).toBe(true);
    await data.add(1);
    await pass(11_000);
    expect(kept()).toEqual([2, 3, 4]);
  });

  test('[replicas.survive] is one of two at most', async () => {
    const { data } = replacedData({ graceMs });
    for (const number of [1, 2, 3]) await data.add(number);
    expect(kept()).toEqual([2, 3, 4]);
  });
});

test('readers are told what is served, until nobody keeps it for them any more', async () => {
  await tellServed(root, 'shop@g1-a.1');
  await tellServed(root, 'shop@g1-a.2');
  expect(readFileSync(join(root, 'served'), 'utf8')).toBe('shop@g1-a.2');
  await forgetServed(root);
  expect(existsSync(join(root, 'served'))).toBe(false);
});

describe('a codebase that is configured no more', () => {
  const forgottenData = (wait: number) =>
    new ForgottenData({ roots: [root], graceMs: wait, log: pino({ level: 'silent' }) });
  const gone = (name: string) => vi.waitFor(() => expect(existsSync(join(root, name))).toBe(false));

  test('is deleted at once where nobody else reads it, unless none is configured', async () => {
    await forgottenData(0).keepOnly([]);
    expect(kept()).toEqual([1, 2, 3, 4]);
    await forgottenData(0).keepOnly(['g2', 'g4']);
    expect(kept()).toEqual([2, 4]);
  });

  test('[replicas.survive] is deleted after the time of grace, unless it is configured again', async () => {
    const data = forgottenData(graceMs);
    await data.keepOnly(['g3', 'g4']);
    data.remember('g2');
    expect(kept()).toEqual([1, 2, 3, 4]);
    await vi.advanceTimersByTimeAsync(graceMs);
    vi.useRealTimers();
    await gone('g1');
    expect(kept()).toEqual([2, 3, 4]);
  });
});
