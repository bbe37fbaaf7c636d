/** Decides where heavy analysis runs: in threads of its own, one for short work and one for long, which go away when idle. */
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { CodeSageError, messageOf } from '../errors.ts';
import { buffersOf } from './table-batches.ts';
import type { AnalysisJob, AnalysisResult, AnalysisTask, Batch, NextBatch } from './worker-protocol.ts';

const idleTimeoutMs = 15_000;
/** More callers than this at once are told to come again. */
const maxWaiting = 16;
const threadLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 32 };
/** Yields the cores to the thread that answers requests. */
const niceIncrement = 5;

export class AnalysisThread {
  #running: Piscina | undefined;

  /** Runs a job over batches, which are made one at a time as the thread takes them. Aborting ends the thread. */
  async run<J extends AnalysisJob>(
    job: J,
    wanted: string[] | undefined,
    batches: AsyncIterator<Batch, void>,
    signal?: AbortSignal,
  ): Promise<AnalysisResult[J['job']]> {
    const { port1: here, port2: there } = new MessageChannel();
    const { promise: failed, reject } = Promise.withResolvers<never>();
    const stop = new AbortController();
    const signals = signal === undefined ? [stop.signal] : [stop.signal, signal];
    here.on('message', () => {
      batches.next().then(
        ({ done, value }) => {
          const next: NextBatch = done === true ? { end: true } : { batch: value };
          here.postMessage(next, 'batch' in next ? buffersOf(next.batch) : []);
        },
        (error: unknown) => {
          reject(error);
          stop.abort();
        },
      );
    });
    try {
      const task: AnalysisTask = { job, port: there, wanted };
      const options = { name: 'analyze', signal: AbortSignal.any(signals), transferList: [there] };
      const answer = this.#pool().run(task, options) as Promise<AnalysisResult[J['job']]>;
      return await Promise.race([failed, answer.catch((error: unknown) => explain(error, signal))]);
    } finally {
      here.close();
      await batches.return?.();
    }
  }

  /** Ends the threads. */
  async release(): Promise<void> {
    const ending = this.#running;
    this.#running = undefined;
    await ending?.destroy();
  }

  #pool(): Piscina {
    this.#running ??= new Piscina({
      filename: new URL('./worker.ts', import.meta.url).href,
      minThreads: 0,
      maxThreads: 2,
      idleTimeout: idleTimeoutMs,
      maxQueue: maxWaiting,
      concurrentTasksPerWorker: 1,
      // A thread that waits this way hears no messages of other ports.
      atomics: 'disabled',
      resourceLimits: threadLimits,
      niceIncrement,
      recordTiming: false,
    });
    return this.#running;
  }
}

function explain(error: unknown, signal: AbortSignal | undefined): never {
  if (error instanceof CodeSageError) throw error;
  const options = { cause: error };
  if (signal?.aborted) throw new CodeSageError('Cancelled', 'The analysis was cancelled.', 'Ask again.', options);
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    const remedy = 'Narrow the request with path_globs.';
    throw new CodeSageError('OutOfMemory', 'The codebase is too large to be analysed at once.', remedy, options);
  }
  if (messageOf(error).includes('queue is at limit')) {
    throw new CodeSageError('Busy', 'Too many analyses are waiting.', 'Retry after 30 seconds.', options);
  }
  throw error;
}
