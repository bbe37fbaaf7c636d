/** Decides whether keys are fetched when they must be, seldom enough, and go on serving while the provider does not. */

import { exportJWK, generateKeyPair } from 'jose';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { KeySet, KeysUnavailableError } from './key-set.ts';

const log = pino({ level: 'silent' });
const jwk = async (kid: string) => ({ ...(await exportJWK((await generateKeyPair('ES256')).publicKey)), kid });
const [one, two] = await Promise.all([jwk('one'), jwk('two')]);

function makeKeys(): { keys: KeySet; at: { now: number; answer: () => unknown; fetches: number } } {
  const at = { now: 0, fetches: 0, answer: (): unknown => ({ keys: [one] }) };
  const fetchKeys = async () => {
    at.fetches += 1;
    return at.answer();
  };
  return { keys: new KeySet({ fetchKeys, log, clock: () => at.now, maxAgeMs: 1000, cooldownMs: 100 }), at };
}

const fail = () => {
  throw new Error('no route to host');
};

test('keys are fetched once for all who ask at once, and then kept', async () => {
  const { keys, at } = makeKeys();
  const found = await Promise.all([keys.current(), keys.current(), keys.current()]);
  expect(new Set(found).size).toBe(1);
  await keys.current();
  expect(at.fetches).toBe(1);
  expect(keys.fresh).toBe(found[0]);
});

test('old keys are fetched again before they are used; the same ones stay the same object', async () => {
  const { keys, at } = makeKeys();
  const before = await keys.current();
  at.now = 1001;
  expect(keys.fresh).toBeUndefined();
  expect(await keys.current()).toBe(before);
  at.now = 2002;
  at.answer = () => ({ keys: [two] });
  expect(await keys.current()).not.toBe(before);
  expect(at.fetches).toBe(3);
});

test('an unknown key makes one fetch in a while, whoever asks for how many', async () => {
  const { keys, at } = makeKeys();
  const before = await keys.current();
  expect(await keys.afterUnknownKey(before)).toBeUndefined();
  expect(at.fetches).toBe(1);
  at.now = 100;
  at.answer = () => ({ keys: [one, two] });
  const found = await Promise.all([keys.afterUnknownKey(before), keys.afterUnknownKey(before)]);
  expect(found[0]).not.toBe(before);
  expect(found[1]).toBe(found[0]);
  for (let i = 0; i < 50; i++) expect(await keys.afterUnknownKey(found[0] ?? before)).toBeUndefined();
  expect(at.fetches).toBe(2);
});

test('in an outage old keys go on serving, and nobody waits for the provider', async () => {
  const { keys, at } = makeKeys();
  const before = await keys.current();
  at.now = 5000;
  at.answer = fail;
  expect(await keys.current()).toBe(before);
  expect(keys.fresh).toBe(before);
  at.now = 5101;
  const never = Promise.withResolvers<unknown>();
  at.answer = () => never.promise;
  expect(await keys.current()).toBe(before);
  expect(at.fetches).toBe(3);
  never.resolve({ keys: [two] });
  await never.promise;
  at.now = 5102;
  expect(await keys.current()).toBe(before);
  await expect.poll(() => keys.current()).not.toBe(before);
});

test('without any keys a later try is asked for, and the provider is not asked by each', async () => {
  const { keys, at } = makeKeys();
  at.answer = fail;
  await expect(keys.current()).rejects.toBeInstanceOf(KeysUnavailableError);
  for (let i = 0; i < 50; i++) await expect(keys.current()).rejects.toMatchObject({ retryAfterSeconds: 1 });
  expect(at.fetches).toBe(1);
  at.now = 101;
  at.answer = () => ({ keys: [one] });
  await expect(keys.current()).resolves.toBeTypeOf('function');
});

test('an unknown key in an outage leaves the question open', async () => {
  const { keys, at } = makeKeys();
  const before = await keys.current();
  at.now = 200;
  at.answer = fail;
  await expect(keys.afterUnknownKey(before)).rejects.toBeInstanceOf(KeysUnavailableError);
  await expect(keys.afterUnknownKey(before)).rejects.toBeInstanceOf(KeysUnavailableError);
  expect(at.fetches).toBe(2);
});

test.each([['text'], [{}], [{ keys: 'x' }], [{ keys: [7] }], [null]])(
  'what is no set of keys is an outage: %j',
  async (answer) => {
    const { keys, at } = makeKeys();
    at.answer = () => answer;
    await expect(keys.current()).rejects.toBeInstanceOf(KeysUnavailableError);
  },
);
