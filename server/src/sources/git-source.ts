/** Decides how a checkout is kept in step with its remote, so that a crash at any point is repaired by the next sync. */
import { existsSync, mkdirSync } from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Logger } from 'pino';
import type { SourceConfig } from '../contract.ts';
import { CodeSageError } from '../errors.ts';
import { type GitSession, openGitSession } from './git-command.ts';
import { findRef, fullCommit, parseRemoteRefs, refPatterns, shortCommit } from './git-refs.ts';
import { type GitRemote, parseGitUrl } from './git-url.ts';
import type { Source, SyncedTree } from './source.ts';

export type GitSettings = NonNullable<SourceConfig['git']>;

const lookSeconds = 45;
const transferSeconds = 1800;
const localSeconds = 600;

type Wanted = { commit?: string; fetch: string };
type Work = {
  git: GitSession;
  directory: string;
  settings: GitSettings;
  remote: GitRemote;
  signal: AbortSignal | undefined;
};

/** A git remote, checked out in `directory`. */
export function createGitSource(name: string, settings: GitSettings, directory: string, log: Logger): Source {
  const remote = parseGitUrl(settings.url);
  return {
    root: directory,
    hasRevisions: true,
    async sync(signal): Promise<SyncedTree> {
      if (remote === undefined) {
        throw new CodeSageError(
          'GitFailed',
          `The clone URL of "${name}" is not one that git can use.`,
          'Write https://host/path, ssh://user@host/path, user@host:path, git://, file:// or an absolute path.',
        );
      }
      const git = openGitSession({
        remote,
        credentialsDirectory: settings.credentialsDirectory,
        caFile: settings.caFile,
      });
      try {
        return await syncCheckout({ git, directory, settings, remote, signal }, name, log);
      } finally {
        git.close();
      }
    },
  };
}

async function syncCheckout(work: Work, name: string, log: Logger): Promise<SyncedTree> {
  const { directory } = work;
  const wanted = await resolveWanted(work);
  const completed = await completedCheckout(directory);
  const before = completed?.commit;
  if (before !== undefined && wanted.commit === before && isDeepEnough(work, completed))
    return { root: directory, revision: before };
  try {
    const revision = before === undefined ? await cloneBeside(work, wanted) : await update(work, directory, wanted);
    if (revision !== before) log.info({ codebase: name, revision, previous: before }, 'Source checked out');
    return { root: directory, revision };
  } catch (error) {
    if (!(error instanceof CodeSageError) || error.code !== 'GitFailed' || before === undefined) throw error;
    // Whatever is wrong with the checkout, a fresh one does not have it.
    log.warn({ codebase: name, err: error }, 'The checkout could not be updated and is made again');
    return { root: directory, revision: await cloneBeside(work, wanted) };
  }
}

/** The commit that the ref means at the remote now. A full commit needs no look once it is there. */
async function resolveWanted({ git, settings, remote, signal }: Work): Promise<Wanted> {
  const { ref } = settings;
  if (ref !== undefined && fullCommit.test(ref)) return { commit: ref, fetch: ref };
  const args = ['ls-remote', '--', remote.url, ...refPatterns(ref)];
  const output = await git.run(args, { timeoutSeconds: lookSeconds, signal, action: 'ls-remote' });
  const found = findRef(parseRemoteRefs(output), ref);
  if (found !== undefined) return { commit: found.commit, fetch: found.name };
  // A remote cannot be asked for a short commit: all branches and tags are fetched, and it is looked for in them.
  if (ref !== undefined && shortCommit.test(ref)) return { fetch: ref };
  throw refNotFound(ref);
}

function refNotFound(ref: string | undefined): CodeSageError {
  return new CodeSageError(
    'GitRefNotFound',
    ref === undefined
      ? 'The remote has no default branch; it is empty.'
      : `The remote has no branch, tag or commit "${ref}".`,
    ref === undefined
      ? 'Push a first commit, or set git.ref.'
      : 'Set git.ref to one that exists, or leave it out for the default branch.',
  );
}

/** Written inside .git once a checkout is complete; a checkout without it, or with another commit, was interrupted. */
const completedFile = 'codesage-complete';
/** `depth` is what was asked for when it was fetched; unknown for older ones. */
type Completed = { commit: string; depth?: number };

async function completedCheckout(directory: string): Promise<Completed | undefined> {
  const text = await readFile(join(directory, '.git', completedFile), 'utf8').catch(() => '');
  const [commit = '', depth] = text.trim().split(' ');
  if (!fullCommit.test(commit)) return undefined;
  return { commit, ...(depth !== undefined && { depth: Number(depth) }) };
}

/** Whether as much history is here as the settings want: they may have changed. More is no reason to fetch. */
function isDeepEnough({ directory, settings }: Work, completed: Completed | undefined): boolean {
  const depth = completed?.depth;
  if (depth === 0 || !isShallow(directory)) return true;
  return settings.depth > 0 && (depth === undefined || depth >= settings.depth);
}

function isShallow(directory: string): boolean {
  return existsSync(join(directory, '.git', 'shallow'));
}

/** Clones into a neighbour and puts it in place in one step. */
async function cloneBeside(work: Work, wanted: Wanted): Promise<string> {
  const { directory, git, signal } = work;
  const parent = dirname(directory);
  mkdirSync(parent, { recursive: true });
  const prefix = `.${basename(directory)}.`;
  // One process owns this directory, so neighbours are left-overs.
  for (const entry of await readdir(parent))
    if (entry.startsWith(prefix)) await rm(join(parent, entry), { recursive: true, force: true });
  const fresh = join(parent, `${prefix}new`);
  await git.run(['init', '--quiet', '--', fresh], { timeoutSeconds: localSeconds, signal, action: 'init' });
  try {
    const revision = await update(work, fresh, wanted);
    const old = join(parent, `${prefix}old`);
    if (existsSync(directory)) await rename(directory, old);
    await rename(fresh, directory);
    await rm(old, { recursive: true, force: true });
    return revision;
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
}

/** Fetches and checks out what is wanted into a repository that is ours alone. */
async function update(work: Work, directory: string, wanted: Wanted): Promise<string> {
  const { git, settings, signal } = work;
  await removeStaleLocks(join(directory, '.git'));
  const commit = await fetchCommit(work, directory, wanted);
  const local = (args: string[], action: string) =>
    git.run(['-C', directory, ...args], { timeoutSeconds: localSeconds, signal, action });
  await rm(join(directory, '.git', completedFile), { force: true });
  await local(['checkout', '--quiet', '--force', '--detach', commit], 'checkout');
  await local(['reset', '--quiet', '--hard', commit], 'reset');
  await local(['clean', '-ffdx', '--quiet'], 'clean');
  if (settings.submodules) {
    const depth = settings.depth > 0 ? [`--depth=${settings.depth}`] : [];
    const args = ['submodule', 'update', '--init', '--recursive', '--force', ...depth];
    await git.run(['-C', directory, ...args], { timeoutSeconds: transferSeconds, signal, action: 'submodule update' });
  }
  await local(['gc', '--auto', '--quiet'], 'gc');
  await markComplete(directory, { commit, depth: settings.depth });
  return commit;
}

async function markComplete(directory: string, { commit, depth }: Required<Completed>): Promise<void> {
  const { writeFile } = await import('node:fs/promises');
  const file = join(directory, '.git', completedFile);
  await writeFile(`${file}.new`, `${commit} ${depth}\n`);
  await rename(`${file}.new`, file);
}

/** Where what is followed is kept if all of its history is. */
const followedRef = 'refs/codesage/followed';

async function fetchCommit(
  { git, settings, remote, signal }: Work,
  directory: string,
  wanted: Wanted,
): Promise<string> {
  const isWhole = settings.depth === 0;
  const whole = isShallow(directory) ? ['--unshallow'] : [];
  const depth = isWhole ? whole : [`--depth=${settings.depth}`];
  // Where all history is wanted, the tags in it come along: git brings them for what is fetched into a ref.
  const tags = isWhole ? [] : ['--no-tags'];
  const followed = (ref: string) => (isWhole ? `+${ref}:${followedRef}` : ref);
  const fetch = (refs: string[], extra: string[]) =>
    git.run(['-C', directory, 'fetch', '--quiet', ...tags, '--force', ...extra, '--', remote.url, ...refs], {
      timeoutSeconds: transferSeconds,
      signal,
      action: 'fetch',
    });
  const everything = async () => {
    await fetch(['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'], whole);
  };
  if (wanted.commit === undefined) {
    await everything();
  } else {
    try {
      await fetch([followed(wanted.fetch)], depth);
    } catch (error) {
      // Not every host gives a commit by its hash.
      if (!(error instanceof CodeSageError) || error.code !== 'GitRefNotFound' || wanted.fetch !== wanted.commit)
        throw error;
      await everything();
    }
  }
  const name = wanted.commit ?? wanted.fetch;
  const rev = wanted.commit !== undefined && wanted.fetch !== wanted.commit ? 'FETCH_HEAD' : name;
  try {
    const output = await git.run(
      ['-C', directory, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`],
      {
        timeoutSeconds: localSeconds,
        signal,
        action: 'rev-parse',
      },
    );
    return output.trim();
  } catch (error) {
    if (error instanceof CodeSageError) throw refNotFound(settings.ref);
    throw error;
  }
}

/** A killed git leaves its lock files; nobody else works here, so none of them is held. */
async function removeStaleLocks(gitDirectory: string): Promise<void> {
  const entries = await readdir(gitDirectory, { recursive: true }).catch(() => []);
  for (const entry of entries) if (entry.endsWith('.lock')) await rm(join(gitDirectory, entry), { force: true });
}
