import { describe, expect, test } from 'vitest';
import { isNamed, mentionedFiles, mentionedNames } from './mentions.ts';
import { parseQuery, queryTerms } from './query.ts';
import { type Candidate, rank } from './rank.ts';

describe('[search.ranking] a query that comes down to one name', () => {
  test.each([
    ['parseUrl()', ['parseUrl'], []],
    ['`parseUrl`', ['parseUrl'], []],
    ['where is parseUrl defined?', ['parseUrl'], []],
    ['definition of parse_url', ['parse_url'], []],
    ['class HttpServer', ['HttpServer'], []],
    ['HttpServer implementation', ['HttpServer'], []],
    ['function Server.listen', ['listen', 'Server.listen'], ['Server']],
    ['Server#listen', ['listen', 'Server#listen'], ['Server']],
    ['http::Server::listen', ['listen', 'http::Server::listen'], ['http', 'Server']],
    ['where is the cache defined', [], []],
    ['retry.ts', [], []],
  ])('"%s" asks for %j of %j', (query, symbols, qualifiers) => {
    expect(parseQuery(query)).toMatchObject({ symbols, qualifiers });
  });

  test.each([
    ['where is reconcile defined', 'reconcile'],
    ['function reconcile', 'reconcile'],
    ['where are errors logged', undefined],
  ])('"%s" asks for the plain name %j', (query, name) => {
    expect(parseQuery(query).plainName).toBe(name);
  });
});

describe('[search.ranking] names in a longer query', () => {
  test.each([
    ['how does parse_url treat ports', ['parse_url']],
    ['who calls HttpServer.listen twice', ['HttpServer', 'listen']],
    ['what does `send` return', ['send']],
    ['what does send() return', ['send']],
    ['wait, e.g. for a lock', []],
    ['how is webpack.config.js read', []],
    ['fast HTTP servers on Linux', []],
  ])('of "%s" are %j', (query, names) => {
    expect(mentionedNames(query).map(({ last }) => last)).toEqual(names);
  });

  test('are looked for as definitions, with what they belong to', () => {
    const words = queryTerms(parseQuery('who calls Session.send twice')).map(({ word }) => word);
    expect(words).toEqual(expect.arrayContaining(['def:send', 'def:session']));
  });
});

describe('[search.ranking] files in a query', () => {
  test.each([
    ['where is retry.ts', ['retry.ts']],
    ['what does src/http/Retry do?', ['src/http/retry']],
    ['stages of the Dockerfile', ['dockerfile']],
    ['version 1.2 of foo.bar, e.g.', []],
  ])('of "%s" are %j', (query, files) => {
    expect(mentionedFiles(query)).toEqual(files);
  });

  test.each([
    ['src/http/retry.ts', 'retry.ts', true],
    ['src/http/retry.ts', 'http/retry.ts', true],
    ['src/http/retry.ts', 'http/retry', true],
    ['src/Retry.ts', 'retry.ts', true],
    ['src/noretry.ts', 'retry.ts', false],
    ['src/retry.ts', 'retry', false],
  ])('%s is what "%s" names: %j', (path, name, expected) => {
    expect(isNamed(path, name)).toBe(expected);
  });
});

let rows = 0n;
const chunk = (path: string, definitions: string, startLine = 1): Candidate => ({
  codebase: 'c',
  path,
  rowId: rows++,
  startLine,
  endLine: startLine + 9,
  language: 'python',
  definitions,
  bm25: 1,
});
const first = (query: string, candidates: readonly Candidate[]) => {
  const [best] = rank({ query: parseQuery(query), candidates, pathWords: new Map(), meansOf: undefined, topK: 5 });
  return `${best?.candidate.path}:${best?.candidate.startLine}`;
};

describe('[search.ranking] first comes', () => {
  test('the definition in the class that was named, not its namesake', () => {
    const classes = [chunk('a.py', 'Pool send'), chunk('b.py', 'Pool', 1), chunk('b.py', 'send', 20)];
    const sessions = [chunk('b.py', 'Session', 40), chunk('b.py', 'send', 60), chunk('b.py', 'Other send', 80)];
    expect(first('Session.send', [...classes, ...sessions])).toBe('b.py:60');
    expect(first('how does Session.send work', [...classes, ...sessions])).toBe('b.py:60');
  });

  test('the definition in the package that was named', () => {
    expect(first('http.Listen', [chunk('net/a.go', 'Listen'), chunk('http/b.go', 'Listen')])).toBe('http/b.go:1');
  });

  test('the file that was named, be it a test', () => {
    expect(first('where is retry_test.py', [chunk('retry.py', 'retry'), chunk('retry_test.py', 'other')])).toBe(
      'retry_test.py:1',
    );
  });
});
