/** Decides how the questions of the port are answered: each from the repository of its codebase as it is at that moment. */
import { diffCommits } from './diff-commits.ts';
import { listCommits } from './list-commits.ts';
import type { HistoricCodebase } from './locate-repository.ts';
import { withHistory } from './open-history.ts';
import type { CodeHistory } from './port.ts';
import { searchCommits } from './search-commits.ts';

export type HistoryDeps = {
  /** The codebase of that name or directory. @throws CodeSageError `UnknownCodebase` */
  find: (name: string) => HistoricCodebase;
  /** Milliseconds since the epoch. */
  clock: () => number;
  /** Milliseconds from any moment, to measure how long a search takes. */
  stopwatch?: () => number;
};

/** Answers questions about history with git. Nothing is kept between two of them. */
export function createHistory({ find, clock, stopwatch = () => performance.now() }: HistoryDeps): CodeHistory {
  return {
    commits: async (request, signal) =>
      withHistory(find(request.codebase), signal, (history) => listCommits(history, request, clock())),
    diff: async (request, signal) =>
      withHistory(find(request.codebase), signal, (history) => diffCommits(history, request)),
    search: async (request, signal) =>
      withHistory(find(request.codebase), signal, (history) => searchCommits(history, request, clock(), stopwatch)),
  };
}
