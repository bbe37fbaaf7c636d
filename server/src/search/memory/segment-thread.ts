/**
 * Decides where segments are made: in a thread, started for the work and ended after it, which gives its memory back; small
 * ones here, as a thread takes longer to start than they to make.
 */
import { Piscina } from 'piscina';
import type { BuildAnswer, BuildTask, MergeTask } from './build-protocol.ts';

export type SegmentThread = {
  build(task: BuildTask): Promise<BuildAnswer>;
  merge(task: MergeTask): Promise<BuildAnswer>;
};

/** Typed arrays do not count; what is on the heap is the paths and states of all files. */
const limits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };
/** Yields the cores to the thread that answers requests. */
const niceIncrement = 5;

/** Runs `work` with a thread that lives as long. */
export async function withSegmentThread<T>(work: (thread: SegmentThread) => Promise<T>): Promise<T> {
  const pool = new Piscina({
    filename: new URL('./build-worker.ts', import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    concurrentTasksPerWorker: 1,
    atomics: 'disabled',
    resourceLimits: limits,
    niceIncrement,
    recordTiming: false,
  });
  try {
    return await work({
      build: (task) => pool.run(task, { name: 'build' }) as Promise<BuildAnswer>,
      merge: (task) => pool.run(task, { name: 'merge' }) as Promise<BuildAnswer>,
    });
  } finally {
    await pool.destroy();
  }
}

/** Runs `work` in this thread. Only for so little that the event loop is not late for it. */
export async function withoutThread<T>(work: (thread: SegmentThread) => Promise<T>): Promise<T> {
  return work(await import('./build-worker.ts'));
}
