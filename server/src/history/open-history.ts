/** Decides how one question about history begins and ends: the repository found, its state held, what is private removed. */
import { CodeSageError } from '../errors.ts';
import { GitView } from './git-view.ts';
import { type HistoricCodebase, locateRepository } from './locate-repository.ts';
import type { HistoryFacts } from './port.ts';
import { Commits, deepen } from './resolve-commit.ts';
import { ShownPaths } from './shown-paths.ts';

/** All that a question needs. */
export type OpenHistory = {
  codebase: HistoricCodebase;
  view: GitView;
  commits: Commits;
  shown: ShownPaths;
  signal: AbortSignal | undefined;
};

const largestText = 16 << 20;

/**
 * Runs `work` over the history as it is now. A fetch or a new clone in the middle may take objects away: then, and only if
 * the repository has changed, it runs once more.
 */
export async function withHistory<T>(
  codebase: HistoricCodebase,
  signal: AbortSignal | undefined,
  work: (history: OpenHistory) => Promise<T>,
): Promise<T> {
  let failed: { head: string | undefined; error: unknown } | undefined;
  for (;;) {
    let head: string | undefined;
    let view: GitView | undefined;
    try {
      view = new GitView(await locateRepository(codebase), signal);
      head = await readHead(view, codebase.name);
      if (failed !== undefined && failed.head === head) throw failed.error;
      await view.borrow(head, Math.min(codebase.source.maxFileSizeBytes, largestText));
      const commits = new Commits(view, codebase.source, head);
      return await work({
        codebase,
        view,
        commits,
        signal,
        shown: new ShownPaths(codebase.root, codebase.source, signal),
      });
    } catch (error) {
      const isGone = error instanceof CodeSageError && error.code === 'GitFailed';
      if (!isGone || failed !== undefined || signal?.aborted) throw error;
      failed = { head, error };
    } finally {
      view?.close();
    }
  }
}

async function readHead(view: GitView, codebase: string): Promise<string> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', 'HEAD^{commit}'];
  const { bytes, code, stderr } = await view.readRefs(args, { what: 'Reading HEAD' });
  const head = bytes.toString('latin1').trim();
  if (code === 0 && /^[0-9a-f]{40,64}$/.test(head)) return head;
  const isEmpty = stderr.trim() === '';
  throw new CodeSageError(
    'NoHistory',
    isEmpty ? `"${codebase}" has no commits yet.` : `The repository of "${codebase}" cannot be read.`,
    isEmpty ? 'Ask again once there is a first commit.' : 'Check the repository with "git fsck".',
  );
}

/** What every answer tells. */
export function factsOf({ codebase, view }: OpenHistory, head: string): HistoryFacts {
  const isShallow = view.shallow.size > 0;
  return { codebase: codebase.name, head, isShallow };
}

/** Says that history ends, where the clone is shallow. */
export function shallowNotice({ codebase, view }: OpenHistory): string | undefined {
  if (view.shallow.size === 0) return undefined;
  return `Only part of the history is here: the clone is shallow. ${deepen(codebase.source.git)}`;
}
