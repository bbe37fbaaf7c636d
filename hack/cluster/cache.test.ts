import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cacheRoot, hashOf, hashOfFiles, madeOnce } from './cache.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'codesage-cache-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the cache is outside the checkout unless CODESAGE_CACHE says where', () => {
  expect(cacheRoot({})).toMatch(/\.cache\/codesage-operator$/);
  expect(cacheRoot({ CODESAGE_CACHE: '/elsewhere' })).toBe('/elsewhere');
});

test('the hash tells apart where one part ends and the next begins', () => {
  expect(hashOf(['ab', 'c'])).not.toBe(hashOf(['a', 'bc']));
  expect(hashOf(['ab', 'c'])).toBe(hashOf(['ab', 'c']));
});

test('the hash of files changes with a name, with a content, and not with other files', async () => {
  await writeFile(join(folder, 'a.go'), 'package a');
  const before = await hashOfFiles(folder, ['*.go']);
  await writeFile(join(folder, 'a.txt'), 'x');
  expect(await hashOfFiles(folder, ['*.go'])).toBe(before);
  await writeFile(join(folder, 'a.go'), 'package b');
  expect(await hashOfFiles(folder, ['*.go'])).not.toBe(before);
});

test('two at once make it once, and a failure leaves nothing that looks made', async () => {
  let made = 0;
  const target = join(folder, 'thing');
  await expect(madeOnce(target, () => Promise.reject(new Error('stopped')))).rejects.toThrow('stopped');
  const make = async (file: string) => {
    made++;
    await writeFile(file, 'done');
  };
  await Promise.all([madeOnce(target, make), madeOnce(target, make)]);
  expect(made).toBe(1);
  expect(await readFile(target, 'utf8')).toBe('done');
  expect((await readdir(folder)).sort()).toEqual(['.locks', 'thing']);
});

test('what an earlier run left half-made is removed', async () => {
  const target = join(folder, 'thing');
  await writeFile(`${target}.part-old`, 'half');
  await madeOnce(target, (file) => writeFile(file, 'done'));
  expect((await readdir(folder)).sort()).toEqual(['.locks', 'thing']);
});
