/** Decides whether the tools of history answer from a real repository as their schemas say, within their size, page by page. */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testServices } from '../../../server/src/testing/assemble.ts';
import { createStubEngine } from '../../../server/src/testing/stub-engine.ts';
import { answerBudget } from '../../../server/src/tools/budget.ts';
import { registry } from '../../../server/src/tools/registry.ts';
import { createToolRunner } from '../../../server/src/tools/run.ts';
import { Cleanups } from '../engine/harness.ts';
import { historyOf, TestRepository } from './support.ts';

const cleanups = new Cleanups();
let repository: TestRepository;
let call: (name: string, args: object) => Promise<{ isError?: true; text: string; data: Record<string, unknown> }>;
beforeEach(() => {
  repository = new TestRepository(cleanups.directory());
  const { history } = historyOf(repository.root);
  const run = createToolRunner(testServices(createStubEngine({ history })), () => undefined);
  call = async (name, args) => {
    const tool = registry.find((one) => one.name === name);
    if (tool === undefined) throw new Error(`no tool ${name}`);
    const answer = await run(tool, { codebase_path: 'shop', ...args }, { signal: new AbortController().signal });
    const { isError } = answer;
    return { ...(isError && { isError }), text: answer.content[0].text, data: answer.structuredContent ?? {} };
  };
});
afterEach(() => cleanups.run());

const lines = (count: number) => Array.from({ length: count }, (_, n) => `this is line number ${n}\n`).join('');

test('[tools.history-list] a long list is cut to the size of an answer and goes on behind its last entry', async () => {
  for (let n = 0; n < 80; n++) repository.commit(`Commit ${n}\n\n${'b'.repeat(3000)}`);
  const seen: string[] = [];
  let cursor: unknown;
  for (let page = 0; page < 20; page++) {
    const { data, text, isError } = await call('list_commits', { limit: 200, ...(cursor !== undefined && { cursor }) });
    expect(isError).toBeUndefined();
    expect(text.length).toBeLessThan(answerBudget * 1.1);
    const commits = data.commits as { subject: string; body: string; body_cut: boolean }[];
    expect(commits[0]).toMatchObject({ body: 'b'.repeat(600), body_cut: true });
    seen.push(...commits.map(({ subject }) => subject));
    cursor = data.next_cursor;
    expect(data.truncated).toBe(cursor !== undefined);
    if (cursor === undefined) break;
    expect(data.message).toMatch(/cursor=next_cursor/);
  }
  expect(seen).toEqual(Array.from({ length: 80 }, (_, n) => `Commit ${79 - n}`));
}, 120_000);

test('[tools.history-diff] a commit reads whole through get_diff, by what it says to ask next', async () => {
  repository.commit('Begin', { 'old.ts': lines(50), '.env': 'KEY=hunter2\n' });
  renameSync(join(repository.root, 'old.ts'), join(repository.root, 'new.ts'));
  repository.commit('Much', {
    'new.ts': `${lines(50)}more\n`,
    'long.txt': lines(5000),
    'z.txt': 'z\n',
    '.env': 'KEY=hunter3\n',
  });
  const { data, text } = await call('get_diff', { commit: 'HEAD' });
  expect(text).not.toContain('hunter');
  expect(text.length).toBeLessThan(answerBudget * 1.1);
  expect(data).toMatchObject({ total_files: 3, left_out: { secret: 1 }, truncated: true });
  const files = data.files as { path: string; patch: string; next_line_offset?: number; file_offset: number }[];
  const long = files.find(({ path }) => path === 'long.txt');
  let shown = long?.patch.split('\n').length ?? 0;
  let next = long?.next_line_offset;
  while (next !== undefined && shown < 6000) {
    const more = await call('get_diff', { commit: 'HEAD', file_offset: long?.file_offset, line_offset: next });
    const [file] = more.data.files as typeof files;
    shown += file?.patch.split('\n').length ?? 0;
    next = file?.next_line_offset;
  }
  expect(shown).toBe(5001);
  const rest = await call('get_diff', { commit: 'HEAD', file_offset: data.next_file_offset ?? 1 });
  expect([...files, ...(rest.data.files as typeof files)].map(({ path }) => path)).toEqual(
    expect.arrayContaining(['long.txt', 'new.ts', 'z.txt']),
  );
  expect((await call('get_diff', { commit: 'HEAD', path_globs: ['new.ts'] })).data.files).toMatchObject([
    { path: 'new.ts', old_path: 'old.ts', status: 'renamed', added_lines: 1, deleted_lines: 0 },
  ]);
  expect((await call('get_diff', { commit: 'HEAD', path_globs: ['shop/*'] })).data.message).toMatch(/path_globs/);
});

test('[tools.history-search] search_commits says where it found what, and what to try when it found nothing', async () => {
  repository.commit('Begin', { 'src/a.ts': 'retryPayment\n' });
  const { data } = await call('search_commits', { query: 'retryPayment', search_in: 'changes' });
  expect(data).toMatchObject({
    matches: [{ subject: 'Begin', in_message: false, files: ['src/a.ts'] }],
    commits_searched: 1,
    ended_early: false,
    truncated: false,
  });
  const told = async (args: object) => (await call('search_commits', args)).data.message;
  expect(await told({ query: 'nothing' })).toMatch(/None of 1 commits/);
  expect(await told({ query: 'fix retries' })).toMatch(/try one telling word/);
  expect(await told({ query: 'nothing', author: 'nobody' })).toMatch(/No commit was searched: none fits path, author/);
});

test('[tools.history-refs] wrong arguments are answered with what to write instead', async () => {
  repository.commit('Begin', { 'a.txt': 'a\n' });
  for (const [name, args, says] of [
    ['list_commits', { ref: '--output=x' }, /InvalidArgument: .*Write HEAD, a branch/],
    ['list_commits', { ref: 'nowhere' }, /GitRefNotFound: .*list_commits/],
    ['list_commits', { since: 'soon' }, /InvalidArgument: since is not a time/],
    ['list_commits', { path: '../x' }, /PathNotAllowed: /],
    ['list_commits', { cursor: 'x' }, /InvalidArgument: cursor is not one/],
    ['get_diff', {}, /InvalidArgument: Nothing says what to compare/],
    ['search_commits', { query: 'a\nb' }, /InvalidArgument: query: must be one line/],
    ['search_commits', { query: '(', regex: true }, /PatternInvalid: /],
  ] as const) {
    const answer = await call(name, args);
    expect(answer.isError).toBe(true);
    expect(answer.text).toMatch(says);
    expect(answer.text).not.toContain(repository.root);
  }
});
