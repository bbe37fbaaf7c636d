/** Decides whether globs match as people expect, and at a bounded cost. */
import { describe, expect, test } from 'vitest';
import { compileGlob } from './glob.ts';
import { compileGlobs } from './path-filter.ts';

describe('compileGlob', () => {
  test.each([
    ['*.go', 'main.go', true],
    ['*.go', 'a/main.go', false],
    ['*', '.hidden', true],
    ['a*c*e', 'abcde', true],
    ['a*c*e', 'abcdef', false],
    ['*a*a*', 'a', false],
    ['**', 'a/b/c', true],
    ['**/c', 'c', true],
    ['**/c', 'a/b/c', true],
    ['a/**', 'a', true],
    ['a/**', 'a/b/c', true],
    ['a/**', 'ab/c', false],
    ['a/**/d', 'a/d', true],
    ['a/**/b/**/c', 'a/x/b/y/b/c', true],
    ['a/**/b/**/c', 'a/x/b/y/c/d', false],
    ['a**c', 'abc', true],
    ['a**c', 'a/c', false],
    ['?.ts', 'é.ts', true],
    ['?.ts', '😀.ts', true],
    ['?.ts', '.ts', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[]a]x', ']x', true],
    ['[a-]x', '-x', true],
    ['[ab', '[ab', true],
    ['*.{ts,tsx}', 'a.tsx', true],
    ['*.{ts,tsx}', 'a.js', false],
    ['{src,test/{unit,e2e}}/*.ts', 'test/e2e/a.ts', true],
    ['a{,b}', 'a', true],
    ['{a}', '{a}', true],
    ['{a', '{a', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a\\', 'a\\', true],
    ['app/(group)/[[]id]/*', 'app/(group)/[id]/page.tsx', true],
    ['+(a|b)', '+(a|b)', true],
  ])('%s on %s: %s', (glob, path, expected) => {
    expect(compileGlob(glob)(path)).toBe(expected);
  });

  const longName = 'a'.repeat(250);
  test.each([
    ['many stars', `${'*?'.repeat(100)}~`, longName],
    ['many stars with letters', `${'*a'.repeat(100)}~`, longName],
    ['many globstars', `${'**/a/'.repeat(100)}~`, 'a/'.repeat(1000)],
    ['a glob of braces', '{a,b}'.repeat(1000), longName],
    ['nested braces', `${'{a,'.repeat(1000)}${'}'.repeat(1000)}`, longName],
    ['unclosed braces', '{'.repeat(100_000), longName],
    ['nested repetitions', `${'+('.repeat(200)}a${')'.repeat(200)}~`, longName],
  ])('[search.exact] %s cost milliseconds, whatever the path', (_, glob, path) => {
    const started = performance.now();
    expect(compileGlobs([glob])(path)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('compileGlobs with !', () => {
  test.each([
    ['only what is not below it', ['!server'], 'server/a.ts', false],
    ['only what is not below it', ['!server/src'], 'server/src/a.ts', false],
    ['everything else', ['!server/src'], 'hack/a.ts', true],
    ['the others less it', ['*.ts', '!*.test.ts'], 'a.test.ts', false],
    ['the others less it', ['*.ts', '!*.test.ts'], 'a.ts', true],
  ])('%s: %j on %s is %s', (_, globs, path, expected) => {
    expect(compileGlobs(globs)(path)).toBe(expected);
  });
});
