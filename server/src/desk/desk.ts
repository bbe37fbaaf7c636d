/** Decides where work on one text runs: short texts at once, the rest in a thread that goes away when idle. */
import { Piscina } from 'piscina';
import { CodeSageError, messageOf } from '../errors.ts';
import type { NarrowedProfile } from '../profile/narrow.ts';
import type { ResponsePage } from '../responses/page.ts';
import type { TextDesk } from './port.ts';
import { parse } from './worker.ts';

/** Characters of a response that take some milliseconds at most. */
const shortResponse = 8 * 1024;
const idleTimeoutMs = 15_000;
/** More callers than this at once are told to come again. */
const maxWaiting = 16;
const threadLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 };
/** Yields the cores to the thread that answers requests. */
const niceIncrement = 5;

/** Makes a desk. Its thread starts with the first long text; `close` ends it. */
export function createTextDesk(): TextDesk {
  let pool: Piscina | undefined;
  async function run<T>(name: 'profile' | 'parse', task: unknown, signal: AbortSignal | undefined): Promise<T> {
    pool ??= new Piscina({
      filename: new URL('./worker.ts', import.meta.url).href,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: idleTimeoutMs,
      maxQueue: maxWaiting,
      concurrentTasksPerWorker: 1,
      resourceLimits: threadLimits,
      niceIncrement,
      recordTiming: false,
    });
    try {
      return (await pool.run(task, { name, ...(signal !== undefined && { signal }) })) as T;
    } catch (error) {
      throw explained(error, signal);
    }
  }
  return {
    parseResponse: async (task, signal) =>
      task.text.length <= shortResponse ? parse(task) : run<ResponsePage>('parse', task, signal),
    profileFile: (task, signal) => run<NarrowedProfile>('profile', task, signal),
    close: async () => {
      const ending = pool;
      pool = undefined;
      await ending?.destroy();
    },
  };
}

function explained(error: unknown, signal: AbortSignal | undefined): unknown {
  const options = { cause: error };
  if (signal?.aborted) return new CodeSageError('Cancelled', 'The call was cancelled.', 'Call again.', options);
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new CodeSageError('OutOfMemory', 'The text is too large to be worked on.', 'Send a shorter one.', options);
  if (messageOf(error).includes('queue is at limit'))
    return new CodeSageError('Busy', 'Too many texts are waiting.', 'Retry after 10 seconds.', options);
  return error;
}
