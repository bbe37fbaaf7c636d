/** Decides whether the history of a real repository is told right: lists, diffs and searches, page by page. */
import { chmodSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Cleanups } from '../engine/harness.ts';
import { type Asked, found, historyOf, subjects, TestRepository } from './support.ts';

const cleanups = new Cleanups();
let repository: TestRepository;
let asked: Asked;
beforeEach(() => {
  repository = new TestRepository(cleanups.directory());
  asked = historyOf(repository.root);
});
afterEach(() => cleanups.run());

const lines = (count: number, word = 'line') => Array.from({ length: count }, (_, n) => `${word} ${n}\n`).join('');

describe('commits', () => {
  test('[tools.history-list] come newest first with author, time, message and files by what became of them', async () => {
    repository.commit('Begin', { 'a.ts': lines(20), 'b.ts': 'b\n', '.gitignore': 'out\n' });
    const id = repository.commit('Move on\n\nBecause.', {
      'b.ts': undefined,
      'c.ts': 'c\n',
      'a.ts': `${lines(20)}x\n`,
    });
    const { commits, hasMore, isShallow, head } = await asked.commits();
    expect(commits.map(({ subject }) => subject)).toEqual(['Move on', 'Begin']);
    expect(commits[0]).toMatchObject({
      id,
      author: 'Ada Lovelace',
      date: expect.stringMatching(/^2026-01-03T/),
      body: 'Because.',
      bodyIsCut: false,
      isHistoryEnd: false,
      changes: { added: 1, changed: 1, deleted: 1, renamed: 0, leftOut: 0 },
    });
    expect(commits[1]).toMatchObject({ parents: [], changes: { added: 3, changed: 0 } });
    expect({ hasMore, isShallow, head }).toEqual({ hasMore: false, isShallow: false, head: id });
    expect(JSON.stringify(commits)).not.toContain('@example.com');
  });

  test('[tools.history-list] can be selected by author, time, path and what another ref lacks', async () => {
    repository.commit('One', { 'src/a.ts': 'a\n' });
    repository.git('tag', 'v1');
    repository.commit('Two', { 'lib/b.ts': 'b\n' }, { GIT_AUTHOR_NAME: 'Ben B. (x)' });
    repository.commit('Three', { 'src/a.ts': 'aa\n' });
    expect(subjects(await asked.commits({ author: 'ben b. (' }))).toEqual(['Two']);
    expect(subjects(await asked.commits({ since: '2026-01-04' }))).toEqual(['Three']);
    expect(subjects(await asked.commits({ until: '2026-01-03' }))).toEqual(['Two', 'One']);
    expect(subjects(await asked.commits({ since: '148 days ago' }))).toEqual(['Three']);
    expect(subjects(await asked.commits({ path: 'src' }))).toEqual(['Three', 'One']);
    expect(subjects(await asked.commits({ path: 'shop/src/a.ts' }))).toEqual(['Three', 'One']);
    expect(subjects(await asked.commits({ excludeRef: 'v1' }))).toEqual(['Three', 'Two']);
    expect(subjects(await asked.commits({ ref: 'HEAD~1', limit: 1 }))).toEqual(['Two']);
    await expect(asked.commits({ since: 'yesterday-ish' })).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  test('[tools.history-list] a file is followed through its renames, page by page', async () => {
    repository.commit('Old name', { 'old.ts': lines(30) });
    repository.commit('Between', { 'other.ts': 'x\n' });
    renameSync(join(repository.root, 'old.ts'), join(repository.root, 'new.ts'));
    repository.commit('Rename');
    repository.commit('New name', { 'new.ts': `${lines(30)}more\n` });
    expect(subjects(await asked.commits({ path: 'new.ts' }))).toEqual(['New name', 'Rename', 'Old name']);
    expect(subjects(await asked.commits({ path: 'new.ts', followRenames: false }))).toEqual(['New name', 'Rename']);
    const first = await asked.commits({ path: 'new.ts', limit: 2 });
    expect(first.hasMore).toBe(true);
    const cursor = first.commits.at(-1)?.cursor ?? '';
    expect(subjects(await asked.commits({ path: 'new.ts', limit: 2, cursor }))).toEqual(['Old name']);
    expect((await asked.commits({ path: 'old.ts' })).notice).toBeUndefined();
    expect((await asked.commits({ path: 'never.ts' })).notice).toMatch(/No commit changes never.ts/);
  });

  test('[tools.history-list] pages stay where they began, although commits come in between', async () => {
    for (const n of [1, 2, 3, 4, 5]) repository.commit(`C${n}`);
    const first = await asked.commits({ limit: 2 });
    expect(subjects(first)).toEqual(['C5', 'C4']);
    repository.commit('C6');
    const cursor = first.commits[1]?.cursor ?? '';
    const second = await asked.commits({ limit: 2, cursor });
    expect(subjects(second)).toEqual(['C3', 'C2']);
    expect(subjects(await asked.commits({ limit: 2, cursor: second.commits[1]?.cursor ?? '' }))).toEqual(['C1']);
    await expect(asked.commits({ limit: 2, cursor, author: 'Ada' })).rejects.toMatchObject({
      message: expect.stringContaining('another question'),
    });
    await expect(asked.commits({ cursor: '--output=x' })).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  test('[tools.history-list] an empty repository and a directory without one say what to do', async () => {
    await expect(asked.commits()).rejects.toMatchObject({ code: 'NoHistory', message: '"shop" has no commits yet.' });
    await expect(historyOf(cleanups.directory()).commits()).rejects.toMatchObject({
      code: 'NoHistory',
      message: expect.stringContaining('in no git repository'),
      remedy: expect.stringContaining('list_codebases'),
    });
  });
});

describe('a diff', () => {
  test('[tools.history-diff] of one commit has the hunks of each file, against its first parent', async () => {
    repository.commit('Begin', { 'a.txt': lines(10), 'gone.txt': 'gone\n' });
    const id = repository.commit('Change', {
      'a.txt': lines(10).replace('line 5', 'LINE 5'),
      'gone.txt': undefined,
      'b.txt': 'new\n',
    });
    const { files, commit, totalFiles, to } = await asked.diff({ commit: id.slice(0, 8), contextLines: 1 });
    expect({ totalFiles, to, subject: commit?.subject }).toEqual({ totalFiles: 3, to: id, subject: 'Change' });
    expect(files).toEqual([
      {
        path: 'a.txt',
        status: 'modified',
        added: 1,
        deleted: 1,
        index: 0,
        patch: '@@ -5,3 +5,3 @@ line 3\n line 4\n-line 5\n+LINE 5\n line 6',
      },
      { path: 'b.txt', status: 'added', added: 1, deleted: 0, index: 1, patch: '@@ -0,0 +1 @@\n+new' },
      { path: 'gone.txt', status: 'deleted', added: 0, deleted: 1, index: 2, patch: '@@ -1 +0,0 @@\n-gone' },
    ]);
  });

  test('[tools.history-diff] the first commit adds its files', async () => {
    repository.commit('Begin', { 'a.txt': 'a\n' });
    const { files, from } = await asked.diff({ commit: 'HEAD' });
    expect(from).toBeUndefined();
    expect(files).toMatchObject([{ path: 'a.txt', status: 'added', patch: '@@ -0,0 +1 @@\n+a' }]);
  });

  test('[tools.history-diff] a merge shows what it brought into the first parent', async () => {
    repository.commit('Begin', { 'a.txt': 'a\n' });
    repository.git('checkout', '--quiet', '-b', 'side');
    repository.commit('Side', { 'side.txt': 'side\n' });
    repository.git('checkout', '--quiet', 'main');
    repository.commit('Main', { 'main.txt': 'main\n' });
    repository.git('merge', '--quiet', '--no-ff', '-m', 'Merge side', 'side');
    const { files, commit } = await asked.diff({ commit: 'HEAD' });
    expect(commit).toMatchObject({
      subject: 'Merge side',
      parents: [expect.any(String), expect.any(String)],
      changes: { added: 1 },
    });
    expect(files.map(({ path }) => path)).toEqual(['side.txt']);
    const direct = await asked.diff({ from: 'main~1', to: 'side' });
    expect(direct.files.map(({ path, status }) => [path, status])).toEqual([
      ['main.txt', 'deleted'],
      ['side.txt', 'added'],
    ]);
    const since = await asked.diff({ from: 'main~1', to: 'side', fromMergeBase: true });
    expect(since.files.map(({ path }) => path)).toEqual(['side.txt']);
  });

  test('[tools.history-diff] renames, modes, links, types and binary files are told as such', async () => {
    repository.commit('Begin', { 'old.ts': lines(30), 'run.sh': 'x\n', 'image.bin': 'a\0b', 'plain.txt': 'plain\n' });
    renameSync(join(repository.root, 'old.ts'), join(repository.root, 'new.ts'));
    chmodSync(join(repository.root, 'run.sh'), 0o755);
    symlinkSync('plain.txt', join(repository.root, 'link'));
    repository.commit('All', {
      'image.bin': 'a\0c',
      'new.ts': lines(30).replace('line 9', 'nine'),
      'plain.txt': undefined,
    });
    symlinkSync('run.sh', join(repository.root, 'plain.txt'));
    repository.commit('Type');
    const { files } = await asked.diff({ commit: 'HEAD~1' });
    expect(files).toMatchObject([
      { path: 'image.bin', status: 'modified', without: 'binary' },
      { path: 'link', status: 'added', modes: { new: '120000' }, patch: expect.stringContaining('+plain.txt') },
      { path: 'new.ts', oldPath: 'old.ts', status: 'renamed', added: 1, deleted: 1 },
      { path: 'plain.txt', status: 'deleted' },
      { path: 'run.sh', status: 'modified', modes: { old: '100644', new: '100755' }, added: 0, deleted: 0 },
    ]);
    expect(files[0]?.patch).toBeUndefined();
  });

  test('[tools.history-diff] only counts, narrowed by globs, and without white space', async () => {
    repository.commit('Begin', { 'src/a.ts': 'a\n', 'b.txt': 'b\n' });
    repository.commit('Change', { 'src/a.ts': 'a  \nx\n', 'b.txt': 'bb\n' });
    const stat = await asked.diff({ commit: 'HEAD', statOnly: true });
    expect(stat.files).toEqual([
      { path: 'b.txt', status: 'modified', added: 1, deleted: 1, index: 0 },
      { path: 'src/a.ts', status: 'modified', added: 2, deleted: 1, index: 1 },
    ]);
    const narrowed = await asked.diff({ commit: 'HEAD', pathGlobs: ['*.ts'], ignoreWhitespace: true });
    expect(narrowed.totalFiles).toBe(1);
    expect(narrowed.files[0]).toMatchObject({ path: 'src/a.ts', added: 1, deleted: 0 });
  });

  test('[tools.history-diff] many files and long patches are continued until all was shown', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, n) => [`f${String(n).padStart(2, '0')}.txt`, lines(40, `file ${n}`)]),
    );
    repository.commit('Begin', { 'z.txt': 'z\n' });
    repository.commit('Much', { ...files, 'long.txt': lines(2000) });
    const seen = new Map<string, number>();
    let fileOffset: number | undefined = 0;
    for (let page = 0; fileOffset !== undefined && page < 40; page++) {
      const answer = await asked.diff({ commit: 'HEAD', fileOffset, budget: 3000 });
      expect(JSON.stringify(answer.files).length).toBeLessThan(4500);
      for (const file of answer.files) {
        let shown = (file.patch ?? '').split('\n').length;
        let next = file.nextLine;
        for (let part = 0; next !== undefined && part < 100; part++) {
          const more = await asked.diff({ commit: 'HEAD', fileOffset: file.index, lineOffset: next, budget: 3000 });
          expect(more.files).toHaveLength(1);
          shown += (more.files[0]?.patch ?? '').split('\n').length;
          next = more.files[0]?.nextLine;
        }
        seen.set(file.path, (seen.get(file.path) ?? 0) + shown);
      }
      fileOffset = answer.nextFile;
    }
    expect(Object.fromEntries(seen)).toEqual({
      ...Object.fromEntries(Object.keys(files).map((name) => [name, 41])),
      'long.txt': 2001,
    });
  });

  test('[tools.history-diff] wants to know what to compare', async () => {
    repository.commit('Begin', { 'a.txt': 'a\n' });
    await expect(asked.diff({})).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(asked.diff({ commit: 'HEAD', from: 'HEAD' })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(asked.diff({ commit: 'HEAD', fileOffset: 9 })).rejects.toMatchObject({ code: 'InvalidArgument' });
    expect((await asked.diff({ from: 'HEAD', to: 'HEAD' })).totalFiles).toBe(0);
  });

  test('[tools.history-diff] odd names and texts arrive as they are', async () => {
    repository.commit('Begin');
    const odd = 'a "quoted"\n\tname\\ ü.txt';
    writeFileSync(Buffer.from(`${repository.root}/caf\xe9.txt`, 'latin1'), Buffer.from('caf\xe9 und noch\n', 'latin1'));
    const big = 'x'.repeat(200_000);
    repository.commit('Odd', { [odd]: 'odd\n', 'min.txt': `${big}\n`, 'no-end.txt': 'no end' });
    const { files } = await asked.diff({ commit: 'HEAD' });
    expect(files.find(({ path }) => path === odd)).toMatchObject({ patch: '@@ -0,0 +1 @@\n+odd' });
    expect(files.find(({ path }) => path.startsWith('caf'))?.patch).toContain('+café und noch');
    expect(files.find(({ path }) => path === 'min.txt')?.patch?.length).toBeLessThan(3000);
    expect(files.find(({ path }) => path === 'no-end.txt')?.patch).toContain('\\ No newline at end of file');
    expect((await asked.commits({ path: odd })).commits).toHaveLength(1);
    expect((await asked.search({ query: 'odd', searchIn: 'changes' })).matches[0]?.files).toEqual([odd]);
  });

  test('[tools.history-diff] a submodule shows the commits that it is at', async () => {
    const inner = new TestRepository(cleanups.directory());
    const first = inner.commit('Inner', { 'x.txt': 'x\n' });
    repository.commit('Begin', { 'a.txt': 'a\n' });
    repository.git('update-index', '--add', '--cacheinfo', `160000,${first},lib`);
    repository.gitWith({}, 'commit', '--quiet', '-m', 'Add lib');
    const { files } = await asked.diff({ commit: 'HEAD' });
    expect(files).toMatchObject([{ path: 'lib', without: 'submodule', patch: `+Subproject commit ${first}` }]);
    expect((await asked.commits({ path: 'lib' })).notice).toMatch(/submodule/);
  });
});

describe('a search', () => {
  test('[tools.history-search] finds messages, and changed lines by literal text or pattern', async () => {
    repository.commit('Begin', { 'a.ts': 'const a = 1;\n', 'b.ts': 'b\n' });
    const added = repository.commit('Introduce it', { 'a.ts': 'const a = 1;\nretryPayment(1);\n' });
    repository.commit('Fix RETRYPAYMENT [soon]', { 'b.ts': 'bb\n' });
    repository.commit('Remove it', { 'a.ts': 'const a = 1;\n' });
    const both = await asked.search({ query: 'retryPayment' });
    expect(found(both)).toEqual(['Remove it', 'Fix RETRYPAYMENT [soon]', 'Introduce it']);
    expect(both.matches.map(({ inMessage, files }) => [inMessage, files])).toEqual([
      [false, ['a.ts']],
      [true, []],
      [false, ['a.ts']],
    ]);
    expect({ searched: both.searched, endedEarly: both.endedEarly, next: both.nextCursor }).toEqual({
      searched: 4,
      endedEarly: false,
      next: undefined,
    });
    expect(found(await asked.search({ query: 'retryPayment', caseSensitive: true, searchIn: 'messages' }))).toEqual([]);
    expect(found(await asked.search({ query: '[soon]' }))).toEqual(['Fix RETRYPAYMENT [soon]']);
    expect(found(await asked.search({ query: 'retry.*\\(1\\)', regex: true, searchIn: 'changes' }))).toHaveLength(2);
    // As programmers write it; POSIX alone would look for the letter d.
    const digits = { query: 'retry.*[^\\w](?:\\d)\\)', regex: true, searchIn: 'changes' } as const;
    expect(found(await asked.search(digits))).toHaveLength(2);
    expect(found(await asked.search({ query: 'retryPayment', path: 'b.ts' }))).toEqual(['Fix RETRYPAYMENT [soon]']);
    expect((await asked.search({ query: 'retryPayment', ref: added })).matches).toHaveLength(1);
    expect(found(await asked.search({ query: 'it', author: 'nobody' }))).toEqual([]);
  });

  test('[tools.history-search] goes on where a page ended, and knows when nothing is left', async () => {
    for (const n of [1, 2, 3, 4, 5]) repository.commit(`Fix ${n}`, { 'a.txt': `${n}\n` });
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 5; page++) {
      const answer = await asked.search({ query: 'fix', limit: 2, ...(cursor !== undefined && { cursor }) });
      seen.push(...found(answer));
      cursor = answer.nextCursor;
      if (cursor === undefined) break;
    }
    expect(seen).toEqual(['Fix 5', 'Fix 4', 'Fix 3', 'Fix 2', 'Fix 1']);
    expect(cursor).toBeUndefined();
  });

  test('[tools.history-search] refuses patterns that could take any amount of time or memory', async () => {
    repository.commit('Begin', { 'a.txt': 'a\n' });
    for (const query of ['(a)\\1', '(a{1,255}){1,255}', '((', '[', 'a'.repeat(300)])
      await expect(asked.search({ query, regex: true })).rejects.toMatchObject({ code: 'PatternInvalid' });
    expect((await asked.search({ query: '((', regex: false })).matches).toEqual([]);
  });
});
