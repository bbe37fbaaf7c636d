/** Decides whether exact search finds what its file types mean, whatever their case and form. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { languageNamed } from '../chunking/languages.ts';
import { searchExact } from './exact.ts';

describe('file types', () => {
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'codesage-exact-'));
    for (const name of ['a.ts', 'b.TS', 'types.d.ts', 'Dockerfile', 'Dockerfile.dev', 'Makefile', 'c.py', 'noext'])
      writeFileSync(join(root, name), 'needle\n');
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test.each([
    ['an extension', 'ts', ['a.ts', 'b.TS', 'types.d.ts']],
    ['an extension of two parts', '.d.ts', ['types.d.ts']],
    ['a language', 'TypeScript', ['a.ts', 'b.TS', 'types.d.ts']],
    ['a language whose files have no extension', 'dockerfile', ['Dockerfile', 'Dockerfile.dev']],
    ['the name of a file', 'Makefile', ['Makefile']],
    ['a glob', '*.py', ['c.py']],
    ['what is no type', '{py,ts}', []],
  ])('[search.exact] %s (%s) finds its files', async (_, type, expected) => {
    const request = { codebase: 'x', pattern: 'needle', regex: false, caseSensitive: true, fileTypes: [type] };
    const answer = await searchExact(
      { ...request, excludePatterns: [], limit: 100, contextLines: 0 },
      { root, isIndexed: () => true },
    );
    expect(answer.matches.map(({ path }) => path)).toEqual(expected);
  });
});

describe('languageNamed', () => {
  test.each([
    ['typescript', 'typescript'],
    ['TypeScript', 'typescript'],
    ['ts', 'typescript'],
    ['.py', 'python'],
    ['dockerfile', 'dockerfile'],
    ['klingon', 'klingon'],
  ])('%s is %s', (type, expected) => {
    expect(languageNamed(type)).toBe(expected);
  });
});
