/** Decides whether exact search finds what ripgrep finds, and shows it as an answer should, whatever the pattern. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rgPath } from '@vscode/ripgrep';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { languageNamed } from '../chunking/languages.ts';
import type { ExactSearchAnswer, ExactSearchRequest } from '../engine.ts';
import { publishedTexts, textSource } from '../testing/packed-texts.ts';
import { searchExact } from './exact.ts';
import type { ExactSearchContext, PublishedCodebase } from './exact-run.ts';

const ask = (changes: Partial<ExactSearchRequest>): ExactSearchRequest => ({
  pattern: 'needle',
  codebases: [],
  regex: true,
  case: 'sensitive',
  fileTypes: [],
  excludePatterns: [],
  limit: 1000,
  contextLines: 0,
  ...changes,
});

type Codebases = Record<string, Record<string, string>>;
type Answer = Omit<ExactSearchAnswer, 'version'>;

/** Searches these codebases; `context` replaces parts of what the search runs in. */
async function search(
  codebases: Codebases,
  request: Partial<ExactSearchRequest>,
  context: Partial<ExactSearchContext> = {},
): Promise<Answer> {
  const directory = mkdtempSync(join(tmpdir(), 'codesage-exact-'));
  const hold = async (held: PublishedCodebase[], rest: [string, Record<string, string>][]): Promise<Answer> => {
    const [next, ...others] = rest;
    if (next === undefined) return searchExact(ask(request), { codebases: held, directory, ...context });
    const [name, files] = next;
    return publishedTexts(name, directory).use(textSource('1', files), (texts) =>
      hold([...held, { name, texts }], others),
    );
  };
  try {
    return await hold([], Object.entries(codebases));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const places = ({ matches }: Answer) => matches.map(({ path, lineNumber }) => `${path}:${lineNumber}`);

describe('file types and globs', () => {
  const names = ['a.ts', 'b.TS', 'types.d.ts', 'Dockerfile', 'Dockerfile.dev', 'Makefile', 'src/c.py', 'noext'];
  const shop = { shop: Object.fromEntries(names.map((name) => [name, 'needle\n'])) };

  test.each([
    ['an extension', 'ts', ['a.ts', 'b.TS', 'types.d.ts']],
    ['an extension of two parts', '.d.ts', ['types.d.ts']],
    ['a language', 'TypeScript', ['a.ts', 'b.TS', 'types.d.ts']],
    ['a language whose files have no extension', 'dockerfile', ['Dockerfile', 'Dockerfile.dev']],
    ['the name of a file', 'Makefile', ['Makefile']],
    ['a glob', '*.py', ['src/c.py']],
    ['what is no type', '{py,ts}', []],
  ])('[search.exact] %s (%s) finds its files', async (_, type, expected) => {
    const answer = await search(shop, { fileTypes: [type] });
    expect(answer.matches.map(({ path }) => path).sort()).toEqual([...expected].sort());
  });

  test.each([
    ['included', { includePatterns: ['src/**'] }, ['src/c.py']],
    ['included by one of two', { includePatterns: ['src', '*.d.ts'] }, ['src/c.py', 'types.d.ts']],
    ['not excluded', { excludePatterns: ['*.ts', '*.TS', 'Dockerfile*', 'noext'] }, ['Makefile', 'src/c.py']],
    ['included and not excluded', { includePatterns: ['*.ts'], excludePatterns: ['*.d.ts'] }, ['a.ts']],
  ])('[search.exact] globs leave what is %s', async (_, globs, expected) => {
    expect((await search(shop, globs)).matches.map(({ path }) => path)).toEqual(expected);
  });
});

describe('what matches', () => {
  const files = { 'a.txt': 'Needle here\nneedles\nneedle\r\nno.dot\nnoXdot\nfirst\nsecond' };
  test.each<[string, Partial<ExactSearchRequest>, string[]]>([
    ['case counts', { case: 'sensitive' }, ['a.txt:2', 'a.txt:3']],
    ['case does not count', { case: 'insensitive' }, ['a.txt:1', 'a.txt:2', 'a.txt:3']],
    ['a smart small pattern', { case: 'smart' }, ['a.txt:1', 'a.txt:2', 'a.txt:3']],
    ['a smart capital pattern', { case: 'smart', pattern: 'Needle' }, ['a.txt:1']],
    ['whole words', { wholeWord: true, case: 'insensitive' }, ['a.txt:1', 'a.txt:3']],
    ['literal text', { regex: false, pattern: 'no.dot' }, ['a.txt:4']],
    ['an expression', { pattern: 'no.dot' }, ['a.txt:4', 'a.txt:5']],
    ['the end of a line that ends as on Windows', { pattern: 'needle$' }, ['a.txt:3']],
    ['the last line without its end', { pattern: '^second$' }, ['a.txt:7']],
    ['a pattern like an option', { pattern: '--files' }, []],
    ['nothing over lines unless asked', { pattern: 'first\\s+second' }, []],
  ])('[search.exact] %s', async (_, request, expected) => {
    expect(places(await search({ shop: files }, request))).toEqual(expected);
  });

  test.each([
    ['(unclosed', 'PatternInvalid'],
    ['(?=look)', 'PatternInvalid'],
    ['((a{1000}){1000}){1000}', 'PatternInvalid'],
    ['a\\nb', 'PatternInvalid'],
    ['', 'InvalidArgument'],
    ['a\nb', 'InvalidArgument'],
  ])('[search.exact] %j is refused as %s', async (pattern, code) => {
    await expect(search({ shop: files }, { pattern })).rejects.toMatchObject({ code });
  });
});

describe('what an answer shows', () => {
  test('[search.exact] columns count characters, and lines around a match end at the next match', async () => {
    const text = 'one\ntwo\nünü needle\nthree\nneedle\nfour\n';
    const { matches } = await search({ shop: { 'a.txt': text } }, { contextLines: 2 });
    expect(matches).toEqual([
      expect.objectContaining({ lineNumber: 3, column: 5, before: ['one', 'two'], after: ['three'] }),
      expect.objectContaining({ lineNumber: 5, column: 1, before: ['three'], after: ['four'] }),
    ]);
  });

  test('[search.exact] context never comes from a neighbouring file', async () => {
    const files = { 'a.txt': 'needle', 'b.txt': 'needle\n', 'c.txt': 'other\n' };
    const { matches } = await search({ shop: files }, { contextLines: 3 });
    expect(matches.map(({ before, after }) => [before, after])).toEqual([
      [[], []],
      [[], []],
    ]);
  });

  test('[search.exact] codebases and paths are in order, and pages do not overlap', async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`d${i % 7}/f${i}.txt`, 'needle\nneedle\n']));
    const codebases = { zoo: many, app: many };
    const all = await search(codebases, {});
    const inOrder = all.matches.map(({ codebase, path }) => `${codebase}/${path}`);
    expect(inOrder).toEqual([...inOrder].sort());
    expect(all).toMatchObject({ truncated: false });
    const paged: Answer['matches'] = [];
    for (let offset = 0; offset < 120; offset += 50) {
      const page = await search(codebases, { offset, limit: 50 });
      expect(page.truncated).toBe(offset + 50 < 120);
      paged.push(...page.matches);
    }
    expect(paged).toEqual(all.matches);
  });

  test('[search.exact] odd file names are paths like others', async () => {
    const names = ['-x.txt', 'a\nb.txt', 'c d/é 😀.txt', 'e:1:f.txt'];
    const answer = await search({ shop: Object.fromEntries(names.map((name) => [name, 'needle\n'])) }, {});
    expect(answer.matches.map(({ path }) => path)).toEqual(names);
  });

  test('[search.exact] a filter that drops most matches of a pack still finds the few wanted', async () => {
    const files = { 'a.txt': 'needle\n'.repeat(500), 'b.py': '  needle\nneedle\n', 'c.txt': 'needle\n'.repeat(500) };
    const answer = await search({ shop: files }, { fileTypes: ['py'], limit: 1 });
    expect(answer).toMatchObject({ matches: [{ path: 'b.py', lineNumber: 1, column: 3 }], truncated: true });
  });

  test('[search.exact] files are told with their matching lines, and the totals of the whole search', async () => {
    const files = { 'a.txt': 'needle needle\nneedle\n', 'b.txt': 'none\n', 'c.txt': 'needle\n' };
    expect(await search({ shop: files }, { report: 'files', limit: 1 })).toMatchObject({
      matches: [],
      files: [{ codebase: 'shop', path: 'a.txt', matches: 2 }],
      totals: { files: 2, matches: 3 },
      truncated: true,
    });
  });
});

describe('matches over several lines', () => {
  const files = {
    'a.txt': 'start\nfoo(\n  1,\n)\nend',
    'b.txt': 'foo(\n2)\n',
    'c.txt': 'x\ny\n',
  };
  const multiline = true;

  test('[search.exact] have a first and a last line', async () => {
    const { matches } = await search({ shop: files }, { pattern: 'foo\\([^)]*\\)', multiline, contextLines: 1 });
    expect(matches).toEqual([
      expect.objectContaining({ path: 'a.txt', lineNumber: 2, endLine: 4, lineContent: 'foo(\n  1,\n)' }),
      expect.objectContaining({ path: 'b.txt', lineNumber: 1, endLine: 2, lineContent: 'foo(\n2)' }),
    ]);
    expect(matches[0]).toMatchObject({ before: ['start'], after: ['end'] });
  });

  test.each<[string, string, string[]]>([
    ['never run from one file into the next', 'end\\s+foo', []],
    ['are found behind one that would', '(?s)(end|foo).*?2', ['b.txt:1']],
    ['may ask for the start of a file', '\\Afoo', ['b.txt:1']],
    ['may take the whole file', '(?s).*y', ['c.txt:1']],
  ])('[search.exact] %s', async (_, pattern, expected) => {
    expect(places(await search({ shop: files }, { pattern, multiline }))).toEqual(expected);
  });

  test('[search.exact] are counted by file', async () => {
    const answer = await search({ shop: files }, { pattern: 'foo\\([^)]*\\)', multiline, report: 'files' });
    expect(answer).toMatchObject({ totals: { files: 2, matches: 2 } });
  });
});

describe('hostile patterns', () => {
  test('[search.exact] one that makes backtracking engines hang ends at once', async () => {
    const startedAt = performance.now();
    await search({ shop: { 'a.txt': `${'a'.repeat(50_000)}!\n` } }, { pattern: '^(a+)+$' });
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  test('[search.exact] a hundred thousand matching lines cost little memory and never hold up the event loop', async () => {
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}.txt`, 'ab\n'.repeat(1000)]));
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }, 1);
    try {
      const counted = await search({ shop: files }, { pattern: '.', report: 'files', limit: 10 });
      expect(counted.totals).toEqual({ files: 100, matches: 100_000 });
      const paged = await search(
        { shop: files },
        { pattern: '.', excludePatterns: ['f0.txt'], offset: 50_000, limit: 5 },
      );
      expect(paged.matches).toHaveLength(5);
    } finally {
      clearInterval(timer);
    }
    expect(longest).toBeLessThan(1000);
  });

  test('[search.exact] a match of many megabytes is refused instead of held in memory', async () => {
    const files = { 'a.txt': `${'x'.repeat(1000)}\n`.repeat(6000) };
    const answer = search({ shop: files }, { pattern: '(?s)x.*', multiline: true });
    await expect(answer).rejects.toMatchObject({ code: 'PatternInvalid' });
  });

  test('[server.cancellation] a search ends when its caller goes away, or when its time is up', async () => {
    const gone = new AbortController();
    gone.abort();
    const shop = { shop: { 'a.txt': 'needle\n' } };
    await expect(search(shop, {}, { signal: gone.signal })).rejects.toMatchObject({ code: 'Cancelled' });
    await expect(search(shop, {}, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'TimedOut' });
  });
});

describe('beside ripgrep itself, on a real tree', () => {
  const files: Record<string, string> = {};
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'codesage-exact-'));
    // A copy: the tree itself may be edited meanwhile.
    cpSync(fileURLToPath(new URL('../', import.meta.url)), join(root, 'src'), { recursive: true });
    for (const entry of readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) files[relative(root, path)] = readFileSync(path, 'utf8');
    }
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test.each([
    ['export (async )?function \\w+\\('],
    ['^import .* from .node:'],
    ['\\bTODO\\b|\\bnever\\b'],
    ['[^\\x00-\\x7F]'],
    ['\\{\\s*$'],
  ])('[search.exact] %s matches the same lines', async (pattern) => {
    const args = ['--no-config', '--no-ignore', '--hidden', '--text', '--line-number', '--no-heading', '--null', '-e'];
    const output = execFileSync(rgPath, [...args, pattern, 'src'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
    const expected = output.split('\n').flatMap((line) => {
      const found = /^([^\0]+)\0(\d+):/.exec(line);
      return found === null ? [] : [`${found[1]}:${found[2]}`];
    });
    expect(expected.length).toBeGreaterThan(0);
    const answer = await search({ shop: files }, { pattern, limit: 1_000_000 });
    expect(places(answer).sort()).toEqual(expected.sort());
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
