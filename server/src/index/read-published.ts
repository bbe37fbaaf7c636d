/** Decides which published versions a question over several codebases reads, and what a failure to read them is called. */
import type { Codebase } from './codebase.ts';
import type { CodebaseDirectory } from './codebases.ts';
import type { Snapshot } from './snapshot.ts';

/** A codebase and the version of it that a question reads. */
export type Published = { codebase: Codebase; snapshot: Snapshot };

/**
 * Runs `work` over the published versions of the codebases named, or of all that can be searched, and holds them open
 * meanwhile. With none that can be searched, the first one's reason is thrown.
 * @throws CodeSageError `UnknownCodebase`, `NotIndexedYet`, `IndexCorrupted`, `IndexFormatUnsupported`.
 */
export async function readPublished<T>(
  codebases: CodebaseDirectory,
  names: readonly string[],
  work: (snapshots: readonly Snapshot[]) => Promise<T>,
): Promise<T> {
  return usePublished(choosePublished(codebases, names), work);
}

/** Runs `work` over the chosen versions and holds them open meanwhile. Rejects as `work` does, or with what it says of the index. */
export async function usePublished<T>(
  chosen: readonly Published[],
  work: (snapshots: readonly Snapshot[]) => Promise<T>,
): Promise<T> {
  const hold = (held: readonly Snapshot[], rest: readonly Published[]): Promise<T> => {
    const [next, ...others] = rest;
    return next === undefined ? work(held) : next.snapshot.use((snapshot) => hold([...held, snapshot], others));
  };
  try {
    return await hold([], chosen);
  } catch (error) {
    throw explain(error, chosen);
  }
}

/** Codebases named, or all that can be searched; with none of these, the first one's reason is thrown. */
export function choosePublished(codebases: CodebaseDirectory, names: readonly string[]): Published[] {
  const wanted = names.length > 0 ? [...new Set(names.map((name) => codebases.get(name)))] : codebases.all;
  const usable =
    names.length > 0
      ? wanted
      : wanted.filter(({ store }) => store.failure === undefined && store.snapshot !== undefined);
  const [first] = wanted;
  if (usable.length === 0 && first !== undefined) codebases.published(first);
  return usable.map((codebase) => ({ codebase, snapshot: codebases.published(codebase) }));
}

/**
 * A failure of a version that was replaced meanwhile says nothing about the index. Nor does a fault in our own code:
 * LanceDB throws plain errors.
 */
function explain(error: unknown, chosen: readonly Published[]): unknown {
  if (!(error instanceof Error) || error.name !== 'Error') return error;
  let problem: unknown = error;
  for (const { codebase, snapshot } of chosen) {
    const named = codebase.store.readFailed(snapshot, error);
    if (codebase.store.failure !== undefined) codebase.readFailed(named);
    problem = named;
  }
  return problem;
}
