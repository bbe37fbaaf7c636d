/** Decides whether one process at a time owns a data directory, also after a crash. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSettings } from '../config.ts';
import { lockDataDir, withLockedData } from './data-lock.ts';

let dir: string;
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'codesage-lock-')), 'data');
});
afterEach(() => rm(join(dir, '..'), { recursive: true, force: true }));

test('a second one is refused, or moves beside it; released, it is free again', async () => {
  const first = await lockDataDir(dir, false);
  await expect(lockDataDir(dir, false)).rejects.toMatchObject({
    code: 'ConfigInvalid',
    remedy: expect.stringContaining('--data'),
  });
  const second = await lockDataDir(dir, true);
  expect([first.dataDir, second.dataDir]).toEqual([dir, `${dir}-2`]);
  first.release();
  second.release();
  (await lockDataDir(dir, false)).release();
});

test('[replicas.follow] who only searches takes a directory of its own, and leaves the data alone', async () => {
  const replication = { role: 'Search', scratchDirectory: join(dir, '../scratch') };
  const readFile = () => JSON.stringify({ replication });
  const settings = loadSettings({ env: {}, flags: { data: dir }, readFile, cacheHome: '/', cwd: '/' });
  const owner = await lockDataDir(dir, false);
  const taken = await withLockedData(settings, false, (first) =>
    withLockedData(settings, false, async (second) => [first.dataDir, first.scratchDir, second.scratchDir]),
  );
  expect(taken).toEqual([dir, replication.scratchDirectory, `${replication.scratchDirectory}-2`]);
  owner.release();
});

test('a directory that cannot be made is told with what to do', async () => {
  await expect(lockDataDir('/dev/null/data', true)).rejects.toMatchObject({
    code: 'ConfigInvalid',
    message: expect.stringContaining('/dev/null/data cannot be used'),
  });
});

test('a lock whose owner was killed is taken over', async () => {
  const owner = `const { lockDataDir } = await import(${JSON.stringify(new URL('./data-lock.ts', import.meta.url).href)}); await lockDataDir(${JSON.stringify(dir)}, false); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', owner], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  await expect(lockDataDir(dir, false)).rejects.toMatchObject({ code: 'ConfigInvalid' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  (await lockDataDir(dir, false)).release();
});
