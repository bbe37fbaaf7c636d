/** Decides how many threads index, what memory each may take, what happens to those that hang or die, and that they go away when idle. */
import type { MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { CodeSageError } from '../errors.ts';
import type { ScanPart, ScanResult } from '../sources/scan.ts';
import { scanInParts } from '../sources/scan-parts.ts';
import { lastFile, newHeartbeat, stand, watch } from './heartbeat.ts';
import { ThreadLost, type ThreadProblem, withCare } from './suspects.ts';
import type { IndexTask, IndexTaskResult, ScanPartTask, ScanTask, WorkerSettings } from './worker-protocol.ts';

export type BatchTask = Omit<IndexTask, 'heartbeat' | 'embedPort'>;

export type WorkerPool = {
  readonly threads: number;
  scan(task: ScanTask, signal?: AbortSignal): Promise<ScanResult>;
  /** Indexes a batch. A file that hangs or kills its thread costs its symbols, or itself; the others are indexed all the same. */
  index(task: BatchTask, signal?: AbortSignal): Promise<IndexTaskResult>;
  /** Ends the threads, which gives back their memory; the next task starts new ones. Only between tasks. */
  release(): Promise<void>;
};

export type WorkerPoolOptions = {
  /** Asked when the threads start. */
  settings: () => WorkerSettings;
  threads: number;
  /** Makes a port to the model for one task, when it is in a thread of its own. */
  connect?: (() => Promise<MessagePort | undefined>) | undefined;
  /** Told of a file that hung or killed its thread. */
  onSuspect?: (path: string, problem: ThreadProblem) => void;
  /** Module that the threads run. */
  worker?: URL;
  /** A thread that shows no sign of life for so long is ended. */
  silenceMs?: number;
};

const idleTimeoutMs = 60_000;
/**
 * A thread holds the vocabulary (about 10 MB), a batch of at most a few MB of text several times over, and its cache. A
 * file of 1 MB with 20,000 symbols fits into 64 MB; smaller limits than Node's own make it collect earlier.
 */
const threadLimits = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 4 };
/** Yields the cores to the thread that answers requests. */
const niceIncrement = 5;
/** Reading one file's syntax ends by itself after 3 s of processor time; a busy machine may make that ten times as long. */
const defaultSilenceMs = 60_000;

/** Starts no thread before the first task. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const { settings, threads, onSuspect = () => {}, silenceMs = defaultSilenceMs } = options;
  let running: Piscina | undefined;
  const pool = () => {
    running ??= startPool(settings(), threads, options.worker ?? new URL('./worker.ts', import.meta.url));
    return running;
  };
  return {
    threads,
    scan: (task, signal) => {
      const part = (span: ScanPartTask['span']): Promise<ScanPart> =>
        pool().run({ ...task, span } satisfies ScanPartTask, { name: 'scan', signal });
      return scanInParts(threads, part).catch(explain);
    },
    index: (task, signal) =>
      withCare(
        task.files,
        (files) => indexOnce(pool(), { ...task, files: [...files] }, { silenceMs, signal, connect: options.connect }),
        onSuspect,
      ).catch(explain),
    release: async () => {
      const ending = running;
      running = undefined;
      await ending?.destroy();
    },
  };
}

type OnceOptions = {
  silenceMs: number;
  signal: AbortSignal | undefined;
  connect: WorkerPoolOptions['connect'];
};

/** Runs a batch once. Rejects with ThreadLost when its thread hangs or dies. */
async function indexOnce(
  pool: Piscina,
  task: BatchTask,
  { silenceMs, signal, connect }: OnceOptions,
): Promise<IndexTaskResult> {
  const embedPort = await connect?.();
  const heartbeat = newHeartbeat();
  const hung = new AbortController();
  const unwatch = watch(heartbeat, silenceMs, () => hung.abort());
  const either = signal === undefined ? hung.signal : AbortSignal.any([signal, hung.signal]);
  try {
    // An aborted task ends its thread, whatever that is doing.
    const transferList = embedPort === undefined ? [] : [embedPort];
    const whole: IndexTask = { ...task, heartbeat, ...(embedPort && { embedPort }) };
    return (await pool.run(whole, { name: 'indexFiles', signal: either, transferList })) as IndexTaskResult;
  } catch (error) {
    const at = lastFile(heartbeat);
    // What the thread itself answered is no fault of a file's, and neither is a thread that could not start.
    if (signal?.aborted === true || at === stand.answered || at === stand.notStarted) throw error;
    throw new ThreadLost(hung.signal.aborted ? 'TimedOut' : 'Crashed', at < 0 ? undefined : at, { cause: error });
  } finally {
    unwatch();
    // It is still here when the task was given up before a thread took it.
    embedPort?.close();
  }
}

function startPool(settings: WorkerSettings, threads: number, worker: URL): Piscina {
  const pool = new Piscina({
    filename: worker.href,
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
  // A thread that dies with no task at hand harms nobody; without a listener it would end the process.
  pool.on('error', () => {});
  return pool;
}

function explain(error: unknown): never {
  const cause = error instanceof ThreadLost ? error.cause : error;
  if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    throw new CodeSageError(
      'OutOfMemory',
      'An indexing thread ran out of memory.',
      'Lower maxFileSize of the source, or exclude its largest files.',
      { cause },
    );
  }
  throw error;
}
