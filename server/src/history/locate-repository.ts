/**
 * Decides which repository is a codebase's own: that of its checkout, or the one that its directory lies in. A directory's
 * owner may have written anything into it, so nothing that leads to another repository's objects is followed.
 */
import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { SourceConfig } from '../contract.ts';
import { CodeSageError } from '../errors.ts';

export type Repository = {
  /** Where HEAD and refs are. */
  gitDirectory: string;
  /** Where commits and files are. */
  objects: string;
  /** Commits whose parents are not here, as the repository's file `shallow` lists them. */
  shallowFile: string;
  /** The codebase's place in the repository, with forward slashes; '' where they are the same. */
  prefix: string;
};

export type HistoricCodebase = { name: string; root: string; source: SourceConfig };

/** @throws CodeSageError `NotIndexedYet` before the first clone, `NoHistory` where there is no repository that may be read. */
export async function locateRepository(codebase: HistoricCodebase): Promise<Repository> {
  const { name, root, source } = codebase;
  const top = await realpath(root).catch(() => undefined);
  if (source.git !== undefined) {
    const gitDirectory = top === undefined ? '' : join(top, '.git');
    // The directories above a checkout are the server's own: another repository there is none of the codebase's.
    if (top === undefined || !(await isDirectory(gitDirectory))) throw notCloned(name);
    return checked(name, { gitDirectory, common: gitDirectory, prefix: '' });
  }
  if (top === undefined) {
    throw new CodeSageError(
      'PathNotFound',
      `The directory of "${name}" is not there.`,
      'Mount it, or correct the path of the source.',
    );
  }
  const found = await findAbove(top);
  if (found === undefined) throw noRepository(name);
  const prefix = relative(found, top).split(sep).join('/');
  return checked(name, { ...(await gitDirectoryOf(name, found)), prefix });
}

function notCloned(name: string): CodeSageError {
  return new CodeSageError(
    'NotIndexedYet',
    `The repository of "${name}" is not here yet.`,
    'Wait until get_index_status shows the codebase as Ready, then ask again.',
  );
}

function noRepository(name: string): CodeSageError {
  return new CodeSageError(
    'NoHistory',
    `"${name}" has no history: its directory is in no git repository.`,
    'Ask for codebases that come from git (list_codebases shows their sources), or let the source name the git repository instead of a directory.',
  );
}

function refused(name: string, why: string): CodeSageError {
  return new CodeSageError(
    'NoHistory',
    `The history of "${name}" is not read: ${why}.`,
    'Let the source name the git repository itself (git.url), or a directory that is a whole clone of it.',
  );
}

async function isDirectory(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** The nearest directory, from `start` upwards, that has a `.git`; as git does it, other file systems are not entered. */
async function findAbove(start: string): Promise<string | undefined> {
  const { dev } = await lstat(start);
  for (let at = start; ; at = dirname(at)) {
    const stats = await lstat(at).catch(() => undefined);
    if (stats?.dev !== dev) return undefined;
    if ((await lstat(join(at, '.git')).catch(() => undefined)) !== undefined) return at;
    if (at === dirname(at)) return undefined;
  }
}

type GitDirectory = { gitDirectory: string; common: string };

/** `.git` is the repository, or a file that names one which names this directory in turn: a worktree or a submodule. */
async function gitDirectoryOf(name: string, top: string): Promise<GitDirectory> {
  const dotGit = join(top, '.git');
  const stats = await lstat(dotGit);
  if (stats.isDirectory()) {
    if ((await readText(join(dotGit, 'commondir'))) !== undefined)
      throw refused(name, 'it leads to another repository');
    return { gitDirectory: dotGit, common: dotGit };
  }
  const named = stats.isFile() ? /^gitdir: ([^\n]+?)\r?\n?$/.exec((await readText(dotGit)) ?? '')?.[1] : undefined;
  const gitDirectory = named === undefined ? undefined : await realpath(resolve(top, named)).catch(() => undefined);
  if (gitDirectory === undefined) throw refused(name, 'its .git leads to a repository that is not here');
  const back = (await readText(join(gitDirectory, 'gitdir')))?.trim();
  if (back !== undefined && (await realpath(resolve(gitDirectory, back)).catch(() => undefined)) === dotGit) {
    const common = await realpath(
      resolve(gitDirectory, (await readText(join(gitDirectory, 'commondir')))?.trim() ?? ''),
    );
    if (gitDirectory.startsWith(join(common, 'worktrees') + sep)) return { gitDirectory, common };
  }
  const worktree = /^\s*worktree\s*=\s*(.+?)\s*$/m.exec((await readText(join(gitDirectory, 'config'))) ?? '')?.[1];
  if (worktree !== undefined && (await realpath(resolve(gitDirectory, worktree)).catch(() => undefined)) === top)
    return { gitDirectory, common: gitDirectory };
  throw refused(name, 'its .git leads to a repository that does not name this directory as its own');
}

/** Refuses objects that are kept elsewhere: another codebase's would be read through this one. */
async function checked(
  name: string,
  { gitDirectory, common, prefix }: GitDirectory & { prefix: string },
): Promise<Repository> {
  const objects = join(common, 'objects');
  if (!(await isDirectory(objects))) throw refused(name, 'its .git is not a whole repository');
  if ((await readText(join(objects, 'info', 'alternates'))) !== undefined)
    throw refused(name, 'it borrows objects from another repository');
  for (const directory of [objects, join(objects, 'pack'), join(objects, 'info')]) {
    const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
    if (entries.some((entry) => entry.isSymbolicLink())) throw refused(name, 'its objects are links to elsewhere');
  }
  return { gitDirectory, objects, shallowFile: join(common, 'shallow'), prefix };
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
