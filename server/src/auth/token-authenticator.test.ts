/** Decides whether tokens are known by their files as they are now, in the form in which Kubernetes mounts them. */
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTokenAuthenticator } from './token-authenticator.ts';
import { readTokenFiles } from './token-files.ts';
import type { Authenticator } from './verdict.ts';

const key = 'key of the test';
const alice = 'alice-0123456789-0123456789';
const bob = 'bob.0123456789~0123456789+/==';
let directory = '';
let open: Authenticator | undefined;
let lines: string[] = [];
const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'codesage-tokens-'));
  lines = [];
});
afterEach(async () => {
  open?.close();
  await rm(directory, { recursive: true, force: true });
});

const write = (name: string, text: string) => writeFile(join(directory, name), text);
const start = async (grants: { name: string; codebases: string[] }[] = []) => {
  open = await createTokenAuthenticator({ tokenDirectory: directory, grants }, log, 50);
  return open;
};

/** As the kubelet does it: a directory by time, a link to it that is swapped whole, and links through that. */
async function mountSecret(version: string, files: Record<string, string>): Promise<void> {
  const data = join(directory, `..2026_11_23_${version}`);
  await mkdir(data);
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(data, name), text);
    await symlink(join('..data', name), join(directory, name)).catch(() => {});
  }
  await symlink(`..2026_11_23_${version}`, join(directory, '..data_tmp'));
  await rename(join(directory, '..data_tmp'), join(directory, '..data'));
}

test('[auth.token] a token is known by its file, whose name is the client', async () => {
  await write('alice', `${alice}\n`);
  await write('bob', bob);
  const { authenticate } = await start();
  expect(authenticate(alice)).toEqual({ caller: { name: 'alice', codebases: 'all' } });
  expect(authenticate(bob)).toMatchObject({ caller: { name: 'bob' } });
  for (const wrong of ['', 'x', alice.slice(1), `${alice}x`, alice.toUpperCase(), 'a'.repeat(8000)])
    expect(authenticate(wrong)).toMatchObject({ refusal: { reason: 'unknown' } });
});

test('[auth.token] grants limit what a token sees', async () => {
  await write('alice', alice);
  await write('bob', bob);
  const { authenticate } = await start([{ name: 'alice', codebases: ['shop'] }]);
  expect(authenticate(alice)).toMatchObject({ caller: { codebases: new Set(['shop']) } });
  expect(authenticate(bob)).toMatchObject({ caller: { codebases: new Set() } });
});

test('[auth.token] a mounted Secret is followed when Kubernetes swaps its links', async () => {
  await mountSecret('1', { alice });
  const { authenticate } = await start();
  const first = authenticate(alice);
  await mountSecret('2', { alice, bob });
  await vi.waitFor(() => expect(authenticate(bob)).toMatchObject({ caller: { name: 'bob' } }), 8000);
  // What is kept by a caller stays valid while the token does.
  expect(authenticate(alice)).toStrictEqual(first);
  expect('caller' in first && first.caller).toBe((authenticate(alice) as typeof first & { caller: object }).caller);
  await mountSecret('3', { bob: `new-${bob}` });
  await rm(join(directory, 'alice'));
  await vi.waitFor(() => expect(authenticate(alice)).toMatchObject({ refusal: { reason: 'unknown' } }), 8000);
  expect(authenticate(bob)).toMatchObject({ refusal: { reason: 'unknown' } });
  expect(authenticate(`new-${bob}`)).toMatchObject({ caller: { name: 'bob' } });
});

test('[auth.token] a directory that is gone lets nobody in, and lets in again once it is back', async () => {
  await write('alice', alice);
  const { authenticate } = await start();
  await rename(directory, `${directory}-away`);
  await vi.waitFor(() => expect(authenticate(alice)).toMatchObject({ refusal: {} }), 8000);
  expect(lines.join('')).toContain('There is no token: every request is refused');
  await rename(`${directory}-away`, directory);
  await vi.waitFor(() => expect(authenticate(alice)).toMatchObject({ caller: {} }), 8000);
});

test('[auth.token] a directory that is not there at the start is a wrong setting', async () => {
  await rm(directory, { recursive: true });
  await expect(start()).rejects.toMatchObject({
    code: 'ConfigInvalid',
    remedy: expect.stringContaining('Make the directory'),
  });
});

test('[auth.token] what is no token is named in the log, without a word of what it holds', async () => {
  const short = 'short-secret-word';
  await write('empty', '\n');
  await write('short', short);
  await write('spaced', `${alice} ${bob}`);
  await write('large', 'a'.repeat(5000));
  await write('twin', alice);
  await write('alice', alice);
  await write('.hidden', bob);
  await mkdir(join(directory, 'folder'));
  await symlink('nowhere', join(directory, 'dangling'));
  const { entries, faults } = await readTokenFiles(directory, key);
  expect(entries.map(({ name }) => name)).toEqual(['alice']);
  expect(Object.fromEntries(faults.map(({ name, fault }) => [name, fault.replace(/:.*/, '')]))).toEqual({
    dangling: 'it cannot be read',
    empty: 'it is empty',
    folder: 'it is no file',
    large: 'it is larger than 4096 bytes',
    short: 'it is shorter than 20 characters',
    spaced: 'it has characters that a bearer token cannot have',
    twin: 'it is the token of alice, too',
  });
  const { authenticate } = await start([{ name: 'nobody', codebases: [] }]);
  expect(authenticate(short)).toMatchObject({ refusal: {} });
  expect(lines.join('')).not.toMatch(/short-secret|0123456789/);
  expect(lines.join('')).toContain('These grants are for clients that have no token');
});

test('[auth.token] every token is looked at, whichever is the right one', async () => {
  const names = Array.from({ length: 300 }, (_, index) => `client-${String(index).padStart(3, '0')}`);
  for (const name of names) await write(name, `${name}-0123456789-0123456789`);
  const { authenticate } = await start();
  const best = (token: string) => {
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 30; round++) {
      const startedAt = performance.now();
      for (let i = 0; i < 20; i++) authenticate(token);
      least = Math.min(least, performance.now() - startedAt);
    }
    return least;
  };
  const [first, last, none] = [names[0], names[299], 'nobody'].map((name) => best(`${name}-0123456789-0123456789`));
  const times = [first, last, none] as number[];
  // Stopping at the first match would make the first three hundred times as fast as the last.
  expect(Math.max(...times) / Math.min(...times)).toBeLessThan(3);
});
