/** Decides whether the pure parts of history are right: names of commits, times, cursors, patterns, and git's output. */
import { describe, expect, test } from 'vitest';
import { Turns } from '../turns.ts';
import { parseCommits } from './commit-facts.ts';
import { parseNumstat } from './count-lines.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { parsePatch } from './patch.ts';
import { checkPattern } from './pattern-limits.ts';
import { toPosix } from './posix-pattern.ts';
import { parseRawChanges } from './raw-changes.ts';
import { fullNames, isKnownRef, parseRef } from './ref-text.ts';
import { gitTime } from './times.ts';

const id = 'a'.repeat(40);
const now = Date.UTC(2026, 2, 31, 12);

describe('parseRef', () => {
  test.each([
    ['HEAD', { base: { kind: 'head' }, steps: '' }],
    ['@~2^1', { base: { kind: 'head' }, steps: '~2^1' }],
    ['ABCD123', { base: { kind: 'id', digits: 'abcd123' }, steps: '' }],
    ['feature/ü-1^', { base: { kind: 'name', name: 'feature/ü-1' }, steps: '^' }],
    ['v1.2', { base: { kind: 'name', name: 'v1.2' }, steps: '' }],
  ])('[tools.history-refs] takes %j', (text, parsed) => {
    expect(parseRef(text)).toEqual(parsed);
  });

  test.each([
    '-x',
    '/a',
    'a/',
    '.a',
    'a.',
    'a//b',
    'a/.b',
    'a.lock',
    'a.lock/b',
    'a b',
    'a\tb',
    'a[b]',
    'a?',
    'a\\b',
    'x^{}',
    '~',
    '^',
    'x'.repeat(300),
  ])('[tools.history-refs] does not take %j', (text) => {
    expect(parseRef(text)).toBeUndefined();
  });

  test('[tools.history-refs] names are looked for among branches, tags and remotes only', () => {
    expect(fullNames('x')).toEqual(['refs/heads/x', 'refs/tags/x', 'refs/remotes/x', 'refs/remotes/origin/x']);
    expect(fullNames('refs/stash')).toEqual(['refs/stash']);
    expect(['refs/stash', 'refs/notes/x', 'refs/headsx', 'refs/pull/1/head'].filter(isKnownRef)).toEqual([]);
  });
});

describe('gitTime', () => {
  test.each([
    ['2026-03-01', 'since', '2026-03-01T00:00:00Z'],
    ['2026-03-01', 'until', '2026-03-01T23:59:59Z'],
    ['2026-03-01T10:00', 'since', '2026-03-01T10:00:00Z'],
    ['2026-03-01T10:00:00+02:00', 'since', '2026-03-01T08:00:00Z'],
    ['2 weeks ago', 'since', '2026-03-17T12:00:00Z'],
    ['99999 years ago', 'since', '1970-01-02T00:00:00Z'],
    ['9999-01-01', 'until', '2099-01-01T00:00:00Z'],
  ] as const)('%j as %s', (text, parameter, time) => {
    expect(gitTime(text, parameter, now)).toBe(time);
  });

  test.each(['never', '2026-13-01', '', '--all', '2026-03-01; rm', 'noon yesterday', '1e9 days ago'])(
    'refuses %j',
    (text) => {
      expect(() => gitTime(text, 'since', now)).toThrow(/since is not a time/);
    },
  );
});

describe('cursors', () => {
  test('go on with the question they were given for, and with no other', () => {
    const text = writeCursor({ start: id, skip: 40 }, ['a', undefined]);
    expect(readCursor(text, ['a', undefined])).toEqual({ start: id, skip: 40 });
    expect(() => readCursor(text, ['b', undefined])).toThrow(/another question/);
    for (const wrong of ['', 'x', `${id}-1`, `${id}--1-00000000`, `${text}\n`])
      expect(() => readCursor(wrong, ['a', undefined])).toThrow();
  });
});

describe('checkPattern', () => {
  test.each(['a+', 'fix(es|ed)?', 'a{1,20}', '\\\\1', '[{]5000'])(
    '[tools.history-search] lets %j through',
    (pattern) => {
      expect(() => checkPattern(pattern)).not.toThrow();
    },
  );
  test.each(['(a)\\1', '\\\\\\2', 'a{501}', '((a{10}){10}){10}', 'a{,600}', 'a'.repeat(201)])(
    '[tools.history-search] refuses %j',
    (pattern) => {
      expect(() => checkPattern(pattern)).toThrow(/cannot be used/);
    },
  );
});

describe("git's output", () => {
  const raw = (status: string) => `:100644 100755 ${'1'.repeat(40)} ${'2'.repeat(40)} ${status}`;

  test('raw changes of several commits, odd names among them; what was cut is left out', async () => {
    const text = [
      id,
      raw('M'),
      `:${id}`,
      raw('R087'),
      'old\nname',
      'new',
      'b'.repeat(40),
      raw('D'),
      'gone',
      raw('A'),
      'cu',
    ].join('\0');
    const commits = await parseRawChanges(Buffer.from(text), new Turns());
    expect(
      commits.map(({ id: one, changes }) => [one, changes.map(({ status, oldPath, path }) => [status, oldPath, path])]),
    ).toEqual([
      [
        id,
        [
          ['M', `:${id}`, `:${id}`],
          ['R', 'old\nname', 'new'],
        ],
      ],
      ['b'.repeat(40), [['D', 'gone', 'gone']]],
    ]);
  });

  test('counts of lines, renamed and binary files among them', async () => {
    const text = '1\t2\tapp/a.ts\0-\t-\tapp/b.bin\x003\t0\t\0app/old\tname\0app/new\0';
    expect([...(await parseNumstat(Buffer.from(text), 'app', new Turns()))]).toEqual([
      ['a.ts', { added: 1, deleted: 2 }],
      ['b.bin', { without: 'binary' }],
      ['new', { added: 3, deleted: 0 }],
    ]);
  });

  test('a patch is its hunks, a binary file and an empty change have none', () => {
    const patch = parsePatch(
      Buffer.from('1\t1\t{a => b}\n\ndiff --git a b\n--- a\n+++ b\n@@ -1 +1 @@\n-x\n+@@ y\n'),
      false,
    );
    expect(patch).toEqual({
      isBinary: false,
      added: 1,
      deleted: 1,
      lines: ['@@ -1 +1 @@', '-x', '+@@ y'],
      isCut: false,
    });
    expect(parsePatch(Buffer.from('-\t-\ta => b\n\nBinary files differ\n'), false)).toMatchObject({
      isBinary: true,
      lines: [],
    });
    expect(parsePatch(Buffer.from(''), false)).toMatchObject({ isBinary: false, added: 0, lines: [] });
  });

  test('commits with long messages are cut, and one that is not whole is left out', () => {
    const one = [id, 'aaaaaaa', '', 'Ada', '2026-01-01T23:00:00Z', '2026-01-02T01:00:00Z', 'S', 'b'.repeat(5000)].join(
      '\0',
    );
    const commits = parseCommits(Buffer.from(`${one}\0${id}\0half`), new Set([id]));
    expect(commits).toHaveLength(1);
    expect(commits[0]).toMatchObject({
      parents: [],
      authored: '2026-01-01T23:00:00Z',
      bodyIsCut: true,
      isHistoryEnd: true,
    });
    expect(commits[0]?.body).toHaveLength(2000);
  });
});

describe('toPosix', () => {
  test.each([
    ['v\\d+\\.\\d', 'v[0-9]+\\.[0-9]'],
    ['\\D\\tx', '[^0-9]\tx'],
    ['\\\\d', '\\\\d'],
    ['(?:a|b)\\b(c)', '(a|b)\\b(c)'],
    ['[\\w.]+@[\\d\\s]', '[[:alnum:]_.]+@[0-9[:space:]]'],
    ['[^\\]]x[a\\-z]', '[^]]x[az-]'],
    ['[\\^]', '\\^'],
    ['[\\^\\-]', '[-^]'],
    ['[]a]\\d[[:alpha:]\\d]', '[]a][0-9][[:alpha:]0-9]'],
    ['[^abc]\\w\\s', '[^abc]\\w\\s'],
    ['[\\-^a]', '[a^-]'],
    ['[^\\^]', '[^^]'],
    ['[open', '[open'],
  ])('[tools.history-search] %j reads as %j', (pattern, posix) => {
    expect(toPosix(pattern)).toBe(posix);
  });
});
