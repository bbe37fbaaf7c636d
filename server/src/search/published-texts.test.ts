/** Decides whether published texts cost what changed, are deleted when nobody needs them, and come back when they are gone. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { publishedTexts, textSource } from '../testing/packed-texts.ts';
import { readPacked } from './match-lines.ts';
import { isWorthRewriting, type PublishedTexts, type TextSet } from './published-texts.ts';
import { TextsGoneError } from './ripgrep.ts';

let directory: string;
let texts: PublishedTexts;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'codesage-texts-'));
  texts = publishedTexts('shop', directory);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const packs = () => readdirSync(join(directory, 'shop'));
const contents = async (set: TextSet) =>
  Object.fromEntries(
    await Promise.all([...set.all()].map(async (text) => [text.path, String(await readPacked(text, directory))])),
  );
const large = 'x'.repeat(5 * 1024 * 1024);

describe('published texts', () => {
  test('[search.replicas] are written once a version, and a new version costs its changed files only', async () => {
    const first = textSource('1', { 'a.txt': 'one', 'b.txt': 'two\n', 'c.txt': '' });
    await texts.prepare(first);
    expect(await texts.use(first, contents)).toEqual({ 'a.txt': 'one\n', 'b.txt': 'two\n', 'c.txt': '' });
    expect(first.read).toEqual(['a.txt', 'b.txt', 'c.txt']);

    const second = textSource('2', { 'a.txt': 'one', 'b.txt': 'changed\n', 'd.txt': 'new\n' });
    const expected = { 'a.txt': 'one\n', 'b.txt': 'changed\n', 'd.txt': 'new\n' };
    expect(await texts.use(second, contents)).toEqual(expected);
    expect(second.read).toEqual(['b.txt', 'd.txt']);
  });

  test('a version is written once, however many ask for it at the same time', async () => {
    const source = textSource('1', { 'a.txt': 'one' });
    await Promise.all([texts.use(source, contents), texts.use(source, contents), texts.prepare(source)]);
    expect(source.read).toEqual(['a.txt']);
  });

  test('outdated texts stay on disk while a search over them lasts, and no longer', async () => {
    await texts.use(textSource('1', { 'a.txt': large, 'b.txt': 'old' }), async (old) => {
      await texts.prepare(textSource('2', { 'a.txt': `new ${large}` }));
      expect(Object.keys(await contents(old))).toEqual(['a.txt', 'b.txt']);
      expect(packs()).toHaveLength(3);
    });
    expect(packs()).toHaveLength(1);
  });

  test('[cache.deletable] what somebody deleted is told, and is written again', async () => {
    const source = textSource('1', { 'a.txt': 'one' });
    await texts.use(source, async (set) => {
      rmSync(directory, { recursive: true });
      await expect(contents(set)).rejects.toThrow(TextsGoneError);
      texts.forget(set);
    });
    expect(await texts.use(source, contents)).toEqual({ 'a.txt': 'one\n' });
  });

  test('nothing is left when they are closed', async () => {
    await texts.prepare(textSource('1', { 'a.txt': 'one' }));
    await texts.close();
    expect(packs()).toEqual([]);
  });

  test.each([
    ['as many bytes as are current', 100, 100, 30, false],
    ['a little that is outdated', 110, 100, 30, false],
    ['more than half outdated', 160, 100, 30, true],
    ['a pack for each small change', 101, 100, 170, true],
  ])('with %s', (_, megabytes, current, count, expected) => {
    const mb = 1024 * 1024;
    expect(isWorthRewriting({ bytes: megabytes * mb, packs: count }, current * mb)).toBe(expected);
  });
});
