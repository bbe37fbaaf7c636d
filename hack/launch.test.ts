import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isInstalled } from './launch.mjs';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'codesage-launch-'));
  await mkdir(join(root, 'node_modules'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

type Packages = Record<string, object>;
async function installed(wanted: Packages, found: Packages): Promise<boolean> {
  await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...wanted } }));
  await writeFile(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: found }));
  return isInstalled(root);
}

const one = { 'node_modules/one': { version: '1.0.0' } };

test.each<[string, Packages, Packages, boolean]>([
  ['the same versions', one, one, true],
  ['another version', one, { 'node_modules/one': { version: '1.0.1' } }, false],
  ['a package that is missing', one, {}, false],
  [
    'an optional package of another platform',
    { ...one, 'node_modules/mac': { version: '1', optional: true } },
    one,
    true,
  ],
  ['a workspace, which is a link', { ...one, 'node_modules/@codesage/server': { link: true }, server: {} }, one, true],
])('%s', async (_, wanted, found, expected) => {
  expect(await installed(wanted, found)).toBe(expected);
});

test('without node_modules nothing is installed', async () => {
  await rm(join(root, 'node_modules'), { recursive: true });
  expect(isInstalled(root)).toBe(false);
});
