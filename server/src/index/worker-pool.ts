/** Decides how many threads index, what memory each may take, and that they go away when idle. */
import { Piscina } from 'piscina';
import { CodeSageError } from '../errors.ts';
import type { ScanResult } from '../sources/scan.ts';
import type { IndexTask, IndexTaskResult, ScanTask, WorkerSettings } from './worker-protocol.ts';

export type WorkerPool = {
  readonly threads: number;
  scan(task: ScanTask, signal?: AbortSignal): Promise<ScanResult>;
  index(task: IndexTask, signal?: AbortSignal): Promise<IndexTaskResult>;
  /** Ends the threads, which gives back their memory; the next task starts new ones. Only between tasks. */
  release(): Promise<void>;
};

const idleTimeoutMs = 60_000;
/** A thread holds the vocabulary (about 10 MB), a batch of at most a few MB of text several times over, and its cache. */
const threadLimits = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 8 };
/** Yields the cores to the thread that answers requests. */
const niceIncrement = 5;

/** Starts no thread before the first task; `settings` is asked when one is started. */
export function createWorkerPool(settings: () => WorkerSettings, threads: number): WorkerPool {
  let running: Piscina | undefined;
  const pool = () => {
    running ??= startPool(settings(), threads);
    return running;
  };
  return {
    threads,
    scan: (task, signal) => pool().run(task, { name: 'scan', signal }).catch(explain) as Promise<ScanResult>,
    index: (task, signal) =>
      pool().run(task, { name: 'indexFiles', signal }).catch(explain) as Promise<IndexTaskResult>,
    release: async () => {
      const ending = running;
      running = undefined;
      await ending?.destroy();
    },
  };
}

function startPool(settings: WorkerSettings, threads: number): Piscina {
  return new Piscina({
    filename: new URL('./worker.ts', import.meta.url).href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: idleTimeoutMs,
    concurrentTasksPerWorker: 1,
    // Threads must sleep, not spin, when there is nothing to do.
    atomics: 'disabled',
    resourceLimits: threadLimits,
    niceIncrement,
    recordTiming: false,
    workerData: settings,
  });
}

function explain(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    throw new CodeSageError(
      'OutOfMemory',
      'An indexing thread ran out of memory.',
      'Lower maxFileSize of the source, or exclude its largest files.',
      { cause: error },
    );
  }
  throw error;
}
