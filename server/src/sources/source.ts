/** Decides what a source offers to indexing: a directory to read, and the revision that is in it. */
import { statSync } from 'node:fs';
import { CodeSageError } from '../errors.ts';

/** Files to index. `revision` is the commit, absent for plain directories, where every look is a new one. */
export type SyncedTree = { root: string; revision?: string };

export type Source = {
  /** Directory of the files; it need not exist before the first sync. */
  readonly root: string;
  /** Whether an unchanged revision means unchanged files. */
  readonly hasRevisions: boolean;
  sync(signal?: AbortSignal): Promise<SyncedTree>;
};

/** A directory that is indexed in place. */
export function createDirectorySource(path: string): Source {
  return {
    root: path,
    hasRevisions: false,
    async sync() {
      if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
        throw new CodeSageError(
          'PathNotFound',
          `There is no directory ${path}.`,
          'Mount it, or correct the path of the source.',
        );
      }
      return { root: path };
    },
  };
}
