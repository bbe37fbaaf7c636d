/** Decides whether one process at a time owns a data directory, also after a crash. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataDir } from './data-lock.ts';

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
