/** Decides which published versions a question over several codebases reads, and what a failure to read them is called. */
import { readAllRows } from './check-rows.ts';
import type { CodebaseDirectory } from './codebases.ts';
import { storageProblem } from './problems.ts';
import type { ServedCodebase } from './served.ts';
import type { Snapshot } from './snapshot.ts';

/** A codebase and the version of it that a question reads. */
export type Published = { codebase: ServedCodebase; snapshot: Snapshot };

/**
 * Runs `work` over the published versions of the codebases named, or of all that can be searched, and holds them open
 * meanwhile; waits while they are being opened. With none that can be searched, the first one's reason is thrown. `work`
 * also gets the sentence that says which of all codebases it is without.
 * @throws CodeSageError `UnknownCodebase`, `NotIndexedYet`, `IndexCorrupted`, `IndexFormatUnsupported`.
 */
export async function readPublished<T>(
  codebases: CodebaseDirectory,
  names: readonly string[],
  work: (snapshots: readonly Snapshot[], notice: string | undefined) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  await codebases.whenOpen(names, signal);
  const chosen = choosePublished(codebases, names);
  const notice = codebases.absentNotice(names, new Set(chosen.map(({ codebase }) => codebase)));
  return usePublished(chosen, (snapshots) => work(snapshots, notice));
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
    throw await explain(error, chosen);
  }
}

/** Codebases named, or all that can be searched; with none of these, the first one's reason is thrown. */
export function choosePublished(codebases: CodebaseDirectory, names: readonly string[]): Published[] {
  const wanted = codebases.named(names);
  const usable =
    names.length > 0
      ? wanted
      : wanted.filter(
          ({ phase, store }) => phase === 'open' && store.failure === undefined && store.snapshot !== undefined,
        );
  const [first] = wanted;
  if (usable.length === 0 && first !== undefined) codebases.published(first);
  return usable.map((codebase) => ({ codebase, snapshot: codebases.published(codebase) }));
}

/**
 * A failure of a version that was replaced meanwhile says nothing about the index. Nor does a fault in our own code, or
 * one of its surroundings: LanceDB throws plain errors, and its words tell. Damage is that of one codebase only.
 */
async function explain(error: unknown, chosen: readonly Published[]): Promise<unknown> {
  const [first, ...others] = chosen;
  if (first === undefined || !(error instanceof Error) || error.name !== 'Error') return error;
  const told = others.length === 0 ? first : chosen.find(({ codebase }) => codebase.store.isNamedIn(error.message));
  if (told !== undefined) return told.codebase.readFailed(told.snapshot, error);
  const problem = storageProblem(error, first.codebase.name, 'reading');
  if (problem.code !== 'IndexCorrupted') return problem;
  // The words do not say whose it is: whatever cannot be read once more.
  let found: unknown;
  for (const { codebase, snapshot } of chosen) {
    const damage = await snapshot.use(readAllRows).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (damage !== undefined) found ??= codebase.readFailed(snapshot, damage);
  }
  return found ?? error;
}
