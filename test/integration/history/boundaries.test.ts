/** Decides whether history shows nothing but the codebase's own: no secrets, no foreign refs, no other repositories, no side effects. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Cleanups, writeTree } from '../engine/harness.ts';
import { type Asked, found, historyOf, subjects, TestRepository } from './support.ts';

const cleanups = new Cleanups();
let repository: TestRepository;
let asked: Asked;
beforeEach(() => {
  repository = new TestRepository(cleanups.directory());
  asked = historyOf(repository.root, { exclude: ['private/**'] });
});
afterEach(() => cleanups.run());

const secret = 'hunter2hunter2';
const privateKey = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkq\n'.repeat(20)}-----END PRIVATE KEY-----\n`;

describe('what is never shown', () => {
  test('[tools.history-secrets] secrets, ignored and excluded files are left out everywhere, and counted', async () => {
    repository.commit('Begin', { '.gitignore': 'ignored/\n', 'a.txt': 'a\n' });
    repository.commit('Add', {
      '.env': `KEY=${secret}\n`,
      'ignored/x.txt': `${secret}\n`,
      'private/x.txt': `${secret}\n`,
      'notes.txt': privateKey,
      'a.txt': 'a\nb\n',
    });
    const diff = await asked.diff({ commit: 'HEAD' });
    expect(diff.files.map(({ path }) => path)).toEqual(['a.txt']);
    expect(diff.leftOut).toEqual({ secret: 2, ignored: 1, excluded: 1 });
    const stat = await asked.diff({ commit: 'HEAD', statOnly: true });
    expect(stat.files.map(({ path }) => path)).toEqual(['a.txt']);
    expect((await asked.commits({ limit: 1 })).commits[0]?.changes).toMatchObject({ changed: 1, leftOut: 3 });
    for (const query of [secret, 'MIIEvQIBADANBgkq']) {
      expect((await asked.search({ query })).matches).toEqual([]);
      expect((await asked.search({ query, regex: true })).matches).toEqual([]);
    }
    for (const path of ['.env', 'private', 'private/x.txt', 'ignored', '../x', '/etc/passwd', 'a\0b', './.env'])
      await expect(asked.commits({ path })).rejects.toMatchObject({ code: 'PathNotAllowed' });
    expect(JSON.stringify([diff, stat])).not.toContain(secret);
  });

  test('[tools.history-secrets] a file that was once called as secrets are is left out under its new name', async () => {
    const text = `${secret}\n${Array.from({ length: 30 }, (_, n) => `V${n}=${n}\n`).join('')}`;
    repository.commit('Begin', { '.env': text });
    renameSync(join(repository.root, '.env'), join(repository.root, 'settings.txt'));
    repository.commit('Rename', { 'settings.txt': `${text}more=1\n` });
    const diff = await asked.diff({ commit: 'HEAD' });
    expect(diff).toMatchObject({ files: [], totalFiles: 0, leftOut: { secret: 1 } });
    expect((await asked.search({ query: 'more=1', path: 'settings.txt' })).matches).toEqual([]);
    expect(JSON.stringify(await asked.commits({ path: 'settings.txt' }))).not.toContain('.env');
  });

  test('[tools.history-secrets] lines of a private key are not shown when only they change', async () => {
    repository.commit('Begin', { 'deploy.txt': privateKey });
    repository.commit('Change', { 'deploy.txt': privateKey.replace('MIIE', 'NEWK') });
    expect(await asked.diff({ commit: 'HEAD' })).toMatchObject({ files: [], leftOut: { secret: 1 } });
    expect((await asked.search({ query: 'NEWKvQ' })).matches).toEqual([]);
  });
});

describe('which commits', () => {
  test.each([
    '--output=x',
    '-p',
    '--all',
    '@{-1}',
    '@{u}',
    'main@{1}',
    ':/Begin',
    'HEAD:a.txt',
    'HEAD^{/Begin}',
    'HEAD^{tree}',
    'a..b',
    'main...HEAD',
    '^main',
    'refs/heads/*',
    'HEAD\n--all',
    'x\0y',
    '',
  ])('[tools.history-refs] %j is no name for one', async (ref) => {
    repository.commit('Begin', { 'a.txt': 'a\n' });
    for (const ask of [
      () => asked.commits({ ref }),
      () => asked.diff({ commit: ref }),
      () => asked.diff({ from: 'HEAD', to: ref }),
    ])
      await expect(ask()).rejects.toMatchObject({ code: 'InvalidArgument' });
    expect(readdirSync(repository.root)).toEqual(['.git', 'a.txt']);
  });

  test('[tools.history-refs] branches, tags and ids that refs reach; not files, trees, stashes or what was removed', async () => {
    const first = repository.commit('Begin', { 'a.txt': 'a\n' });
    repository.git('tag', '-a', '-m', 'One', 'v1');
    repository.git('branch', 'feature/x');
    const removed = repository.commit('Removed', { 'a.txt': `${secret}\n` });
    repository.git('reset', '--quiet', '--hard', first);
    repository.commit('Second', { 'a.txt': 'b\n' });
    writeFileSync(join(repository.root, 'a.txt'), `${secret}\n`);
    repository.git('stash', '--quiet');
    const stash = repository.git('rev-parse', 'refs/stash');
    for (const ref of [
      'v1',
      'feature/x',
      'refs/tags/v1',
      first,
      first.slice(0, 7),
      first.toUpperCase(),
      'HEAD~1',
      'main^',
    ])
      expect((await asked.commits({ ref })).head).toBe(first);
    const blob = repository.git('rev-parse', 'HEAD:a.txt');
    const tree = repository.git('rev-parse', 'HEAD^{tree}');
    for (const ref of [
      removed,
      removed.slice(0, 10),
      blob,
      tree,
      stash,
      'stash',
      'refs/stash',
      'nowhere',
      'HEAD~5',
      '0'.repeat(40),
    ])
      await expect(asked.diff({ commit: ref })).rejects.toMatchObject({ code: 'GitRefNotFound' });
    const { commits } = await asked.commits({ limit: 1 });
    const forged = (commits[0]?.cursor ?? '').replace(/^[0-9a-f]+/, removed);
    await expect(asked.commits({ limit: 1, cursor: forged })).rejects.toMatchObject({ code: 'GitRefNotFound' });
    expect((await asked.search({ query: secret })).matches).toEqual([]);
  });

  test('[tools.history-refs] of a checkout only those that the followed ref has', async () => {
    repository.commit('Begin', { 'a.txt': 'a\n' });
    repository.git('checkout', '--quiet', '-b', 'hidden');
    const hidden = repository.commit('Hidden', { 'a.txt': `${secret}\n` });
    repository.git('checkout', '--quiet', 'main');
    const head = repository.commit('Shown', { 'b.txt': 'b\n' });
    const checkout = historyOf(repository.root, { git: { url: 'https://example.com/x', ref: 'main' } });
    for (const ref of ['HEAD', 'main', 'refs/heads/main', head])
      expect((await checkout.commits({ ref })).head).toBe(head);
    for (const ref of ['hidden', hidden, 'refs/heads/hidden'])
      await expect(checkout.commits({ ref })).rejects.toMatchObject({
        code: 'GitRefNotFound',
        remedy: expect.stringContaining('follows main alone'),
      });
  });

  test('[tools.history-refs] a history that was rewritten between two pages is told', async () => {
    const first = repository.commit('One');
    repository.commit('Two');
    repository.commit('Three');
    const { commits } = await asked.commits({ limit: 1 });
    repository.git('reset', '--quiet', '--hard', first);
    repository.commit('Other');
    repository.git('reflog', 'expire', '--expire=now', '--all');
    repository.git('gc', '--quiet', '--prune=now');
    await expect(asked.commits({ limit: 1, cursor: commits[0]?.cursor ?? '' })).rejects.toMatchObject({
      code: 'GitRefNotFound',
      remedy: 'Ask again without cursor.',
    });
    expect(subjects(await asked.commits())).toEqual(['Other', 'One']);
  });
});

describe('which repository', () => {
  test('[tools.history-place] a directory in a repository shows its own part, with paths relative to it', async () => {
    repository.commit('Outside', { 'secret.txt': `${secret}\n`, 'app/a.txt': 'a\n' });
    repository.commit('Only outside', { 'secret.txt': `${secret} again\n` });
    repository.commit('Inside', { 'app/a.txt': 'b\n', 'other.txt': 'x\n' });
    const inside = historyOf(join(repository.root, 'app'));
    expect(subjects(await inside.commits())).toEqual(['Inside', 'Outside']);
    expect((await inside.diff({ commit: 'HEAD' })).files.map(({ path }) => path)).toEqual(['a.txt']);
    await expect(inside.diff({ commit: 'HEAD~1' })).rejects.toMatchObject({
      code: 'GitRefNotFound',
      message: expect.not.stringContaining('Only outside'),
    });
    const between = await inside.diff({ from: 'HEAD~2', to: 'HEAD~1' });
    expect(between).toMatchObject({ files: [], totalFiles: 0, leftOut: {} });
    expect(JSON.stringify(between)).not.toContain('Only outside');
    expect((await inside.search({ query: secret })).matches).toEqual([]);
    expect(subjects(await inside.commits({ path: 'a.txt' }))).toEqual(['Inside', 'Outside']);
    await expect(inside.commits({ path: '../secret.txt' })).rejects.toMatchObject({ code: 'PathNotAllowed' });
  });

  test.each([':(top)secret.txt', ':/', ':!a.txt', '*', '--', '-p', '--output=x', ':(glob)**', 'a.txt\n../secret.txt'])(
    '[tools.history-place] %j is a path like any other',
    async (path) => {
      repository.commit('Begin', { 'secret.txt': `${secret}\n`, 'app/a.txt': 'a\n' });
      const inside = historyOf(join(repository.root, 'app'));
      const outcome = await inside.commits({ path }).then(
        ({ commits, notice }) => [commits.length, /No commit changes/.test(notice ?? '')],
        ({ code }) => code,
      );
      expect([[0, true], 'PathNotAllowed']).toContainEqual(outcome);
      expect(existsSync('x')).toBe(false);
    },
  );

  test('[tools.history-place] a checkout that is not there yet is not looked for above', async () => {
    repository.commit('Outer', { 'a.txt': 'a\n' });
    mkdirSync(join(repository.root, 'sources/shop'), { recursive: true });
    const checkout = historyOf(join(repository.root, 'sources/shop'), { git: { url: 'https://example.com/x' } });
    await expect(checkout.commits()).rejects.toMatchObject({ code: 'NotIndexedYet' });
  });

  test('[tools.history-place] worktrees and submodules have a history; a .git that leads to a foreign repository has none', async () => {
    repository.commit('Begin', { 'a.txt': 'a\n' });
    const worktree = join(cleanups.directory(), 'tree');
    repository.git('worktree', 'add', '--quiet', '--detach', worktree);
    expect(subjects(await historyOf(worktree).commits())).toEqual(['Begin']);
    const outer = new TestRepository(cleanups.directory());
    outer.commit('Outer');
    outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repository.root, 'lib');
    expect(subjects(await historyOf(join(outer.root, 'lib')).commits())).toEqual(['Begin']);
    const traps: Record<string, (root: string) => void> = {
      'a file': (root) => writeFileSync(join(root, '.git'), `gitdir: ${repository.root}/.git\n`),
      'a link': (root) => symlinkSync(join(repository.root, '.git'), join(root, '.git')),
      'a common directory': (root) => {
        cpSync(join(outer.root, '.git'), join(root, '.git'), { recursive: true });
        writeFileSync(join(root, '.git/commondir'), `${repository.root}/.git\n`);
      },
      'borrowed objects': (root) => {
        cpSync(join(outer.root, '.git'), join(root, '.git'), { recursive: true });
        writeTree(root, { '.git/objects/info/alternates': `${repository.root}/.git/objects\n` });
      },
      'linked objects': (root) => {
        cpSync(join(outer.root, '.git'), join(root, '.git'), { recursive: true });
        rmSync(join(root, '.git/objects'), { recursive: true });
        symlinkSync(join(repository.root, '.git/objects'), join(root, '.git/objects'));
      },
      'a linked part of the objects': (root) => {
        cpSync(join(outer.root, '.git'), join(root, '.git'), { recursive: true });
        rmSync(join(root, '.git/objects/pack'), { recursive: true, force: true });
        symlinkSync(join(repository.root, '.git/objects/pack'), join(root, '.git/objects/pack'));
      },
    };
    for (const [name, lay] of Object.entries(traps)) {
      const root = cleanups.directory();
      lay(root);
      await expect(historyOf(root).commits(), name).rejects.toMatchObject({ code: 'NoHistory' });
    }
  });

  test('[tools.history-place] a shallow clone says where history ends and how to get the rest', async () => {
    repository.commit('One', { 'a.txt': 'needle\n' });
    repository.commit('Two', { 'b.txt': 'b\n' });
    repository.commit('Three', { 'c.txt': 'needle\n' });
    const clone = join(cleanups.directory(), 'clone');
    execFileSync('git', ['clone', '--quiet', '--depth=2', `file://${repository.root}`, clone], { stdio: 'pipe' });
    const checkout = historyOf(clone, { git: { url: 'https://example.com/x' } });
    const listed = await checkout.commits();
    expect(listed.isShallow).toBe(true);
    expect(listed.commits.map(({ subject, isHistoryEnd, changes }) => [subject, isHistoryEnd, changes?.added])).toEqual(
      [
        ['Three', false, 1],
        ['Two', true, undefined],
      ],
    );
    expect(listed.notice).toMatch(/shallow.*depth: 0/);
    expect(await checkout.diff({ commit: 'HEAD~1' })).toMatchObject({
      files: [],
      notice: expect.stringMatching(/begins with this commit.*depth: 0/),
    });
    expect((await checkout.diff({ from: 'HEAD~1' })).files.map(({ path }) => path)).toEqual(['c.txt']);
    const searched = await checkout.search({ query: 'needle' });
    expect(found(searched)).toEqual(['Three']);
    expect(searched.notice).toMatch(/shallow/);
    await expect(checkout.diff({ commit: 'HEAD~2' })).rejects.toMatchObject({
      remedy: expect.stringContaining('depth: 0'),
    });
  });

  test('[tools.history-place] what a repository says in its settings, attributes and hooks starts nothing', async () => {
    repository.commit('Begin', { 'a.txt': 'a\n' });
    repository.commit('Change', { 'a.txt': 'b\n', '.gitattributes': '*.txt diff=evil filter=evil\n' });
    const proof = join(cleanups.directory(), 'proof');
    const command = `touch ${proof}; cat`;
    writeFileSync(
      join(repository.root, '.git/config'),
      [
        `[core]\n\trepositoryformatversion = 1\n\tfsmonitor = ${command}\n\tpager = ${command}\n\tsshCommand = ${command}\n\thooksPath = .git/hooks`,
        `[diff]\n\texternal = ${command}\n[diff "evil"]\n\ttextconv = ${command}\n\tcommand = ${command}`,
        `[filter "evil"]\n\tclean = ${command}\n\tsmudge = ${command}`,
        `[log]\n\tshowSignature = true\n[gpg]\n\tprogram = ${command}\n[alias]\n\tlog = !${command}`,
        `[extensions]\n\tpartialClone = evil\n[remote "evil"]\n\turl = ssh://x/y\n\tpromisor = true\n\tuploadpack = ${command}`,
      ].join('\n'),
    );
    expect(subjects(await asked.commits())).toEqual(['Change', 'Begin']);
    const { files } = await asked.diff({ commit: 'HEAD' });
    expect(files.find(({ path }) => path === 'a.txt')?.patch).toBe('@@ -1 +1 @@\n-a\n+b');
    expect(found(await asked.search({ query: 'b' }))).toEqual(['Change', 'Begin']);
    // An object that only its remote has is not asked for.
    const blob = repository.git('-c', 'core.fsmonitor=false', 'rev-parse', 'HEAD:a.txt');
    rmSync(join(repository.root, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    await expect(asked.diff({ commit: 'HEAD' })).rejects.toMatchObject({ code: 'GitFailed' });
    expect(existsSync(proof)).toBe(false);
  });
});

describe('while others work', () => {
  test('[tools.history-bounds] a caller who goes away ends the search, and its processes', async () => {
    for (let n = 0; n < 30; n++) repository.commit(`C${n}`, { 'a.txt': `${n}\n` });
    const controller = new AbortController();
    const reason = new Error('gone');
    const search = asked.search({ query: 'nothing at all' }, controller.signal);
    controller.abort(reason);
    await expect(search).rejects.toBe(reason);
    await expect(asked.commits({}, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  // Each look at the watch costs this much of the two seconds that a search is given here, one of which it keeps.
  test.each([
    { ms: 250, name: 'git is cut off in the middle' },
    { ms: 600, name: 'no time is left at all' },
  ])(
    '[tools.history-bounds] a search whose time is over says so and goes on behind what it had: $name',
    async ({ ms }) => {
      const big = Array.from({ length: 40_000 }, (_, n) => `some line of text number ${n}\n`).join('');
      for (let n = 0; n < 40; n++)
        repository.commit(`C${n}`, { 'big.txt': `${n}\n${big}`, 'end.txt': n === 0 ? 'target\n' : 'x\n' });
      let time = 0;
      const hurried = historyOf(repository.root, {}, () => {
        time += ms;
        return time;
      });
      const seen: string[] = [];
      let cursor: string | undefined;
      let early = 0;
      let searched = 0;
      for (let call = 0; call < 60; call++) {
        const query = { query: 'target$', regex: true, searchIn: 'changes' as const, seconds: 2 };
        const answer = await hurried.search({ ...query, ...(cursor !== undefined && { cursor }) });
        expect(answer.searched).toBeGreaterThan(0);
        searched += answer.searched;
        seen.push(...found(answer));
        if (answer.endedEarly) early++;
        cursor = answer.nextCursor;
        if (cursor === undefined) break;
      }
      expect({ seen, searched, cursor }).toEqual({ seen: ['C1', 'C0'], searched: 40, cursor: undefined });
      expect(early).toBeGreaterThan(0);
    },
    120_000,
  );

  test('[tools.history-bounds] a repository that is replaced meanwhile is read anew', async () => {
    repository.commit('Old', { 'a.txt': 'a\n' });
    const other = new TestRepository(cleanups.directory());
    other.commit('New', { 'a.txt': 'b\n' });
    let swapped = false;
    const questions = Array.from({ length: 12 }, async (_, n) => {
      if (n === 4) {
        renameSync(join(repository.root, '.git'), join(repository.root, '.old'));
        cpSync(join(other.root, '.git'), join(repository.root, '.git'), { recursive: true });
        swapped = true;
      }
      return asked.diff({ commit: 'HEAD' });
    });
    const answers = await Promise.allSettled(questions);
    expect(swapped).toBe(true);
    for (const answer of answers) {
      if (answer.status === 'fulfilled') expect(['Old', 'New']).toContain(answer.value.commit?.subject);
      else expect(answer.reason).toMatchObject({ name: 'CodeSageError' });
    }
    expect((await asked.diff({ commit: 'HEAD' })).commit?.subject).toBe('New');
  });
});
