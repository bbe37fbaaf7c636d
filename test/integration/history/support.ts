/** Decides what the tests of history stand on: repositories made on the spot, and questions with everything else at its default. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type SourceConfig, sourceSchema } from '../../../server/src/contract.ts';
import { createHistory } from '../../../server/src/history/history.ts';
import type {
  CodeHistory,
  CommitSearchRequest,
  CommitsRequest,
  DiffRequest,
} from '../../../server/src/history/port.ts';
import { writeTree } from '../engine/harness.ts';

export const nowMs = Date.UTC(2026, 5, 1);

/** A repository whose commits follow each other by a day. */
export class TestRepository {
  readonly root: string;
  #day = 0;

  constructor(root: string) {
    this.root = root;
    this.git('init', '--quiet', '--initial-branch=main');
  }

  git(...args: string[]): string {
    return this.gitWith({}, ...args);
  }

  /** @param env also who commits and when */
  gitWith(env: Record<string, string>, ...args: string[]): string {
    const date = new Date(Date.UTC(2026, 0, 1) + this.#day * 86_400_000).toISOString();
    return execFileSync('git', args, {
      cwd: this.root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: this.root,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: 'Ada Lovelace',
        GIT_AUTHOR_EMAIL: 'ada@example.com',
        GIT_COMMITTER_NAME: 'Committer',
        GIT_COMMITTER_EMAIL: 'committer@example.com',
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_DATE: date,
        ...env,
      },
    }).trim();
  }

  /** Writes these files (undefined: deletes), commits everything, and gives the commit's id. */
  commit(message: string, files: Record<string, string | undefined> = {}, env: Record<string, string> = {}): string {
    this.#day++;
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) rmSync(join(this.root, path), { recursive: true, force: true });
      else writeTree(this.root, { [path]: text });
    }
    this.git('add', '--all', '--force');
    this.gitWith(env, 'commit', '--quiet', '--allow-empty', '-m', message);
    return this.git('rev-parse', 'HEAD');
  }
}

export type Asked = {
  history: CodeHistory;
  commits(request?: Partial<CommitsRequest>, signal?: AbortSignal): ReturnType<CodeHistory['commits']>;
  diff(request: Partial<DiffRequest>, signal?: AbortSignal): ReturnType<CodeHistory['diff']>;
  search(
    request: Partial<CommitSearchRequest> & { query: string },
    signal?: AbortSignal,
  ): ReturnType<CodeHistory['search']>;
};

/** Questions about the directory `root` as the codebase `shop`. With `git` in the source, `root` is its checkout. */
export function historyOf(
  root: string,
  source: Partial<Record<keyof SourceConfig, unknown>> = {},
  stopwatch?: () => number,
): Asked {
  const config = sourceSchema.parse({ name: 'shop', ...(source.git === undefined && { path: root }), ...source });
  const history = createHistory({
    find: () => ({ name: 'shop', root, source: config }),
    clock: () => nowMs,
    ...(stopwatch && { stopwatch }),
  });
  const codebase = 'shop';
  return {
    history,
    commits: (request = {}, signal) =>
      history.commits({ codebase, followRenames: true, limit: 50, ...request }, signal),
    diff: (request, signal) => history.diff({ codebase, ...plainDiff, ...request }, signal),
    search: (request, signal) =>
      history.search(
        { codebase, searchIn: 'both', regex: false, caseSensitive: false, limit: 20, seconds: 20, ...request },
        signal,
      ),
  };
}

const plainDiff = {
  fromMergeBase: false,
  pathGlobs: [],
  statOnly: false,
  contextLines: 3,
  ignoreWhitespace: false,
  fileOffset: 0,
  lineOffset: 0,
  limit: 100,
  budget: 60_000,
};

export const subjects = (answer: { commits: { subject: string }[] }) => answer.commits.map(({ subject }) => subject);
export const found = (answer: { matches: { subject: string }[] }) => answer.matches.map(({ subject }) => subject);
