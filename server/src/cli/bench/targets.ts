/** Decides whether a live server meets the runbook's targets (3.1 and 2.2): pure, from what was measured. */

/** What a run measured; a figure that could not be had is left out. */
export type BenchFigures = {
  /** Files of a whole index run over its seconds. */
  indexFilesPerSecond?: number;
  searchMeanMs?: number;
  searchP95Ms?: number;
  /** The most memory that a process held which has indexed. */
  indexingPeakMb?: number;
  /** Hits over lookups, 0 to 1, while questions were asked a second time. */
  cacheHitRate?: number;
  /** Share of all calls that were answered within 100 ms, 0 to 1. */
  fastShare?: number;
  /** Memory in use over the server's limit, 0 to 1. */
  memoryShare?: number;
  /** Failed calls over all calls, 0 to 1. */
  errorRate?: number;
};

export type BenchTarget = {
  figure: keyof BenchFigures;
  what: string;
  is: '<' | '>';
  bound: number;
  unit: string;
  /** What to do when it could not be measured. */
  needs?: string;
};

/** "Most operations" within 100 ms is taken as nine of ten. */
export const benchTargets: readonly BenchTarget[] = [
  {
    ...{ figure: 'indexFilesPerSecond', what: 'indexing speed', is: '>', bound: 5, unit: 'files/s' },
    needs: '--reindex, or --internal-url of a server that has just started on an empty index',
  },
  { figure: 'searchMeanMs', what: 'search, mean', is: '<', bound: 2000, unit: 'ms' },
  { figure: 'searchP95Ms', what: 'search, p95', is: '<', bound: 5000, unit: 'ms' },
  {
    ...{ figure: 'indexingPeakMb', what: 'memory while indexing', is: '<', bound: 500, unit: 'MB' },
    needs: '--internal-url and --token-file of a server that has indexed since its start',
  },
  {
    ...{ figure: 'cacheHitRate', what: 'cache hits, searches asked again', is: '>', bound: 0.7, unit: '' },
    needs: 'a cache of searches',
  },
  { figure: 'fastShare', what: 'operations within 100 ms', is: '>', bound: 0.9, unit: '' },
  {
    ...{ figure: 'memoryShare', what: 'memory in use over its limit', is: '<', bound: 0.8, unit: '' },
    needs: '--internal-url',
  },
  { figure: 'errorRate', what: 'failed calls', is: '<', bound: 0.01, unit: '' },
];

export type BenchVerdict = BenchTarget & { measured?: number; verdict: 'pass' | 'FAIL' | 'not measured' };

/** Every target with its verdict. What was not measured is told as such: it neither passes nor fails. */
export function judgeBench(figures: BenchFigures, targets: readonly BenchTarget[] = benchTargets): BenchVerdict[] {
  return targets.map((target) => {
    const measured = figures[target.figure];
    if (measured === undefined) return { ...target, verdict: 'not measured' };
    const pass = target.is === '<' ? measured < target.bound : measured > target.bound;
    return { ...target, measured, verdict: pass ? 'pass' : 'FAIL' };
  });
}
