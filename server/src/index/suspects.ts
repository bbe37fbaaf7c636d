/** Decides what becomes of a batch whose thread hung or died: the file that it was at is tried with less, then left out. */
import type { SyntaxProblem } from '../syntax/types.ts';
import type { FileToRead } from './worker-protocol.ts';

export type ThreadProblem = Extract<SyntaxProblem, 'TimedOut' | 'Crashed'>;

/** A thread did not come back from a batch. `file` is the index of the file that it was at; undefined: at none in particular. */
export class ThreadLost extends Error {
  readonly problem: ThreadProblem;
  readonly file: number | undefined;

  constructor(problem: ThreadProblem, file: number | undefined, options?: ErrorOptions) {
    super(problem === 'TimedOut' ? 'the thread gave no sign of life' : 'the thread died', options);
    this.problem = problem;
    this.file = file;
  }
}

/**
 * The batch for the next try: first without the suspect's syntax, then without the suspect. Undefined when there is
 * nothing left to take away. Where no file is suspect, all are.
 */
export function withLess(files: readonly FileToRead[], { problem, file }: ThreadLost): FileToRead[] | undefined {
  const suspects = files.filter((wanted, i) => (file === undefined || i === file) && wanted.care?.leaveOut !== true);
  if (suspects.length === 0) return undefined;
  return files.map((wanted) =>
    suspects.includes(wanted) ? { ...wanted, care: { problem, leaveOut: wanted.care !== undefined } } : wanted,
  );
}

/** Tries a batch until its thread comes back, with less each time. `onSuspect` is told of the files that less is read of. */
export async function withCare<T>(
  files: readonly FileToRead[],
  attempt: (files: readonly FileToRead[]) => Promise<T>,
  onSuspect: (path: string, problem: ThreadProblem) => void,
): Promise<T> {
  for (let wanted = files; ; ) {
    try {
      return await attempt(wanted);
    } catch (error) {
      const less = error instanceof ThreadLost ? withLess(wanted, error) : undefined;
      if (less === undefined) throw error;
      for (const [i, { path, care }] of less.entries()) {
        if (care !== undefined && care !== wanted[i]?.care) onSuspect(path, care.problem);
      }
      wanted = less;
    }
  }
}
