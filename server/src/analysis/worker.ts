/** Decides what the analysis thread does with a task: asks for batches until there are no more, then works them out. */
import { once } from 'node:events';
import { Cells } from './cells.ts';
import { DependencyAnalyzer } from './dependencies.ts';
import { DuplicateAnalyzer } from './duplicate-analyzer.ts';
import { ImprovementAnalyzer } from './improvements.ts';
import { RelationAnalyzer } from './related-files.ts';
import type { AnalysisJob, AnalysisResult, AnalysisTask, Analyzer, NextBatch } from './worker-protocol.ts';

/** Runs one task. The thread is ended from outside when the caller goes away. */
export async function analyze({ job, port, wanted }: AnalysisTask): Promise<AnalysisResult[AnalysisJob['job']]> {
  const accepted = wanted === undefined ? undefined : new Set(wanted);
  const analyzer = analyzerFor(job, (path) => accepted?.has(path) ?? true);
  try {
    for (;;) {
      const answer = once(port, 'message');
      port.postMessage('next');
      const [next] = (await answer) as [NextBatch];
      if ('end' in next) break;
      analyzer.add(next.batch.part, new Cells(next.batch));
    }
    return analyzer.finish();
  } finally {
    port.close();
  }
}

function analyzerFor(
  job: AnalysisJob,
  accepts: (path: string) => boolean,
): Analyzer<AnalysisResult[AnalysisJob['job']]> {
  if (job.job === 'dependencies') return new DependencyAnalyzer(job, accepts);
  if (job.job === 'duplicates') return new DuplicateAnalyzer(job, accepts);
  if (job.job === 'relations') return new RelationAnalyzer(job);
  return new ImprovementAnalyzer(job, accepts);
}
