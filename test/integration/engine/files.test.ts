import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine, ExactSearchRequest } from '../../../server/src/engine.ts';
import { Cleanups, type LocalEngine, makeEngine, settled, writeTree } from './harness.ts';

const cleanups = new Cleanups();
let root: string;
let dataDir: string;
let local: LocalEngine;
let engine: Engine;

beforeEach(async () => {
  root = cleanups.directory();
  const outside = cleanups.directory();
  writeTree(outside, { 'secret.txt': 'outside\n' });
  writeTree(root, {
    'src/a.ts': 'one\nfind me\nthree\nfind me too\n',
    'src/b.py': 'def find_me():\n    return "find me"\n',
    'ignored/c.txt': 'find me\n',
    '.gitignore': 'ignored/\n',
    '.env': 'TOKEN=find me\n',
    'keys/id_rsa': 'find me\n',
    'cert.txt': '-----BEGIN RSA PRIVATE KEY-----\nfind me\n',
    'blob.bin': 'a\0b',
    'long.json': `{"data":"${'x'.repeat(5000)} find me"}`,
  });
  symlinkSync(join(outside, 'secret.txt'), join(root, 'src/link.txt'));
  symlinkSync(outside, join(root, 'linked'));
  symlinkSync(join(root, '.env'), join(root, 'src/harmless.txt'));
  dataDir = cleanups.directory();
  local = makeEngine(cleanups, dataDir, {
    sources: [{ name: 'shop', path: root, maxFileSizeBytes: 100_000 }],
  });
  engine = local.engine;
  await engine.start();
  await settled(engine);
});
afterEach(() => cleanups.run());

const ask = (changes: Partial<ExactSearchRequest>): ExactSearchRequest => ({
  pattern: 'find me',
  codebases: ['shop'],
  regex: false,
  case: 'sensitive',
  fileTypes: [],
  excludePatterns: [],
  limit: 50,
  contextLines: 0,
  ...changes,
});

describe('exact search', () => {
  test('[search.exact] tells file, line and context of matches in indexed files only', async () => {
    const { matches, truncated } = await engine.exactSearch(ask({ contextLines: 1 }));
    expect(truncated).toBe(false);
    expect(matches.map(({ path, lineNumber }) => `${path}:${lineNumber}`)).toEqual([
      'long.json:1',
      'src/a.ts:2',
      'src/a.ts:4',
      'src/b.py:2',
    ]);
    expect(matches[1]).toMatchObject({ lineContent: 'find me', before: ['one'], after: ['three'] });
    expect(matches[0]?.lineContent.length).toBeLessThan(2100);
  });

  test.each([
    {
      what: 'a regular expression',
      request: { pattern: 'find[ _]me\\b', regex: true },
      found: ['long.json', 'src/a.ts', 'src/a.ts', 'src/b.py', 'src/b.py'],
    },
    { what: 'a literal that looks like an expression', request: { pattern: 'find_me()' }, found: ['src/b.py'] },
    {
      what: 'any case',
      request: { pattern: 'FIND ME', case: 'insensitive' as const, fileTypes: ['ts'] },
      found: ['src/a.ts', 'src/a.ts'],
    },
    { what: 'a language', request: { fileTypes: ['python'] }, found: ['src/b.py'] },
    { what: 'an extension with a dot', request: { fileTypes: ['.py'] }, found: ['src/b.py'] },
    { what: 'all but a directory', request: { excludePatterns: ['src'] }, found: ['long.json'] },
    { what: 'a pattern that starts like an option', request: { pattern: '--files' }, found: [] },
  ])('[search.exact] finds $what', async ({ request, found }) => {
    const { matches } = await engine.exactSearch(ask(request));
    expect(matches.map(({ path }) => path)).toEqual(found);
  });

  test('stops at the limit and says that there is more', async () => {
    const { matches, truncated } = await engine.exactSearch(ask({ limit: 2 }));
    expect(matches).toHaveLength(2);
    expect(truncated).toBe(true);
  });

  test.each([
    { pattern: '(unclosed', code: 'PatternInvalid' },
    { pattern: '(?=look)', code: 'PatternInvalid' },
    { pattern: '((a{1000}){1000}){1000}', code: 'PatternInvalid' },
    { pattern: '', code: 'InvalidArgument' },
    { pattern: 'a\nb', code: 'InvalidArgument' },
  ])('[search.exact] refuses $pattern as $code', async ({ pattern, code }) => {
    await expect(engine.exactSearch(ask({ pattern, regex: true }))).rejects.toMatchObject({ code });
  });

  test('[search.exact] tells the published lines until a new version is published', async () => {
    writeFileSync(join(root, 'src/a.ts'), 'now\nin another\nplace: find me\n');
    const lines = async () =>
      (await engine.exactSearch(ask({ fileTypes: ['ts'] }))).matches.map(({ lineNumber }) => lineNumber);
    expect(await lines()).toEqual([2, 4]);
    expect((await engine.readFile('src/a.ts', 'shop')).text).toContain('find me too');
    await engine.indexCodebase('shop', { full: false });
    expect(await lines()).toEqual([3]);
  });

  test('[search.replicas] search and reading work without a checkout, and when the cache is emptied under the server', async () => {
    rmSync(root, { recursive: true });
    const before = await engine.exactSearch(ask({}));
    expect(before.matches).toHaveLength(4);
    expect((await engine.readFile('shop/src/a.ts')).text).toBe('one\nfind me\nthree\nfind me too\n');
    await expect(engine.readFile('shop/ignored/c.txt')).rejects.toMatchObject({ code: 'FileNotFound' });
    await expect(engine.readFile('a.ts', 'a.ts')).rejects.toMatchObject({
      remedy: expect.stringContaining('begins with its codebase'),
    });
    rmSync(join(dataDir, 'cache'), { recursive: true });
    const { tookMs: _, ...after } = await engine.exactSearch(ask({}));
    expect(before).toMatchObject(after);
  });

  test('[server.cancellation] ends when the caller goes away', async () => {
    const gone = new AbortController();
    gone.abort();
    await expect(engine.exactSearch(ask({}), gone.signal)).rejects.toMatchObject({ code: 'Cancelled' });
  });
});

describe('reading a file', () => {
  test('[server.path-safety] works by codebase and path, by joined path and by absolute path', async () => {
    const text = 'one\nfind me\nthree\nfind me too\n';
    for (const [path, codebase] of [
      ['src/a.ts', 'shop'],
      ['shop/src/a.ts', undefined],
      ['./src/../src/a.ts', 'shop'],
      [join(root, 'src/a.ts'), undefined],
      ['src/a.ts', root],
    ] as const) {
      expect(await engine.readFile(path, codebase), path).toEqual({
        codebase: 'shop',
        path: 'src/a.ts',
        language: 'typescript',
        text,
        totalLines: 4,
        sizeBytes: 30,
      });
    }
  });

  test.each([
    { what: 'a parent', path: '../x', code: 'PathNotAllowed' },
    { what: 'a hidden parent', path: 'src/../../x', code: 'PathNotAllowed' },
    { what: 'an absolute path elsewhere', path: '/etc/passwd', code: 'PathNotAllowed' },
    { what: 'a link that leads out', path: 'src/link.txt', code: 'PathNotAllowed' },
    { what: 'a file below a linked directory', path: 'linked/secret.txt', code: 'PathNotAllowed' },
    { what: 'an environment file', path: '.env', code: 'PathNotAllowed' },
    { what: 'a link to an environment file', path: 'src/harmless.txt', code: 'PathNotAllowed' },
    { what: 'a private key by name', path: 'keys/id_rsa', code: 'PathNotAllowed' },
    { what: 'a private key by content', path: 'cert.txt', code: 'PathNotAllowed' },
    { what: 'an ignored file', path: 'ignored/c.txt', code: 'PathNotAllowed' },
    { what: 'a directory', path: 'src', code: 'PathNotAllowed' },
    { what: 'a path with a NUL', path: 'src/a.ts\0', code: 'PathNotAllowed' },
    { what: 'a missing file', path: 'src/none.ts', code: 'FileNotFound' },
    { what: 'a binary file', path: 'blob.bin', code: 'InvalidArgument' },
  ])('[server.path-safety] refuses $what', async ({ path, code }) => {
    await expect(engine.readFile(path, 'shop')).rejects.toMatchObject({ code });
  });

  test('[cache.sizes] is answered from memory until a new version is published', async () => {
    await engine.readFile('src/a.ts', 'shop');
    await engine.readFile('src/a.ts', 'shop');
    expect(engine.cacheStatistics().file).toMatchObject({ hits: 1, misses: 1, size: 1, maxSize: 100 });
    writeFileSync(join(root, 'src/a.ts'), 'changed now\n');
    await engine.indexCodebase('shop', { full: false });
    expect((await engine.readFile('src/a.ts', 'shop')).text).toBe('changed now\n');
    expect(engine.cacheStatistics().file.invalidations).toBe(1);
  });

  test('[cache.sizes] a file that the index leaves out is read as it is now', async () => {
    writeFileSync(join(root, 'new.txt'), 'fresh\n');
    expect((await engine.readFile('new.txt', 'shop')).text).toBe('fresh\n');
    writeFileSync(join(root, 'new.txt'), 'fresher\n');
    expect((await engine.readFile('new.txt', 'shop')).text).toBe('fresher\n');
    expect(engine.cacheStatistics().file.invalidations).toBe(1);
  });
});

describe('caches', () => {
  test('[cache.sizes] of size 0 keep nothing, and short memory makes all of them smaller', async () => {
    const off = makeEngine(cleanups, cleanups.directory(), {
      sources: [{ name: 'shop', path: root }],
      cache: { embedding: 0, search: 0, file: 0 },
    });
    await off.engine.start();
    await settled(off.engine);
    for (let i = 0; i < 2; i++) {
      expect((await off.engine.semanticSearch({ query: 'find', codebases: [], topK: 1 })).cached).toBe(false);
      await off.engine.readFile('src/a.ts', 'shop');
    }
    for (const cache of Object.values(off.engine.cacheStatistics()))
      expect(cache).toMatchObject({ hits: 0, size: 0, maxSize: 0 });

    for (let i = 0; i < 40; i++) await engine.semanticSearch({ query: `find ${i}`, codebases: [], topK: 1 });
    expect(engine.cacheStatistics().search.size).toBe(40);
    engine.relieveMemory(0.02);
    expect(engine.cacheStatistics().search).toMatchObject({ size: 20, maxSize: 1000 });
    engine.relieveMemory(1);
    expect(await engine.indexCodebase('shop', { full: true })).toMatchObject({ files: 4 });
  });

  test('a search is limited to globs and languages', async () => {
    const search = async (pathGlobs: string[], languages: string[] = []) =>
      (await engine.semanticSearch({ query: 'find me', codebases: [], topK: 10, pathGlobs, languages })).hits.map(
        ({ path }) => path,
      );
    expect(await search(['*.py'])).toEqual(['src/b.py']);
    expect(new Set(await search(['src']))).toEqual(new Set(['src/a.ts', 'src/b.py']));
    expect(await search([], ['typescript'])).toEqual(['src/a.ts']);
    expect(await search(['nothing/**'])).toEqual([]);
  });
});
