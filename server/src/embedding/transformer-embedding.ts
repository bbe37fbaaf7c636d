/** Decides how the embedding thread is started, connected, replaced when it dies, and ended. */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { EmbeddingSettings, Problem } from '../contract.ts';
import { CodeSageError, messageOf } from '../errors.ts';
import type { Embedding } from './embedding.ts';
import { PortClient } from './port-client.ts';
import type { ThreadCommand, ThreadSettings, ThreadStart } from './thread-protocol.ts';

/** Loading takes seconds; fetching a model first, minutes. */
const loadTimeoutMs = 60_000;
const fetchTimeoutMs = 900_000;
/** A thread ends after the run it is at. */
const closeTimeoutMs = 10_000;
const defaultRestartPauseMs = 30_000;

type Running = { worker: Worker; queries: PortClient };
type Loaded = { name: string; dimensions: number };

export type TransformerOptions = {
  settings: EmbeddingSettings;
  cacheDirectory: string;
  /** Milliseconds since the epoch. */
  clock: () => number;
  /** Between the end of a thread and the start of the next. */
  restartPauseMs?: number;
  /** Module that the thread runs. */
  thread?: URL;
};

/** Loads a transformers model in a thread of its own. @throws CodeSageError `EmbeddingModelMissing`, `EmbeddingModelInvalid`. */
export async function loadTransformerEmbedding(options: TransformerOptions): Promise<Embedding> {
  const thread = new EmbeddingThread(options);
  const { name, dimensions } = await thread.start();
  return {
    name,
    dimensions,
    queryPrefix: options.settings.queryPrefix,
    get problem() {
      return thread.problem;
    },
    forThreads: undefined,
    connect: async () => connectTo(thread.running().worker),
    embedQuery: async (text, signal) => thread.running().queries.embed('query', [text], signal),
    close: () => thread.close(),
  };
}

/** Keeps one thread with the model running: one that dies is replaced after a pause, again and again. */
class EmbeddingThread {
  readonly #options: TransformerOptions;
  #running: Running | undefined;
  /** What the first one loaded: only the very same model can replace it. */
  #loaded: Loaded | undefined;
  #problem: Problem | undefined;
  #restart: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: TransformerOptions) {
    this.#options = options;
  }

  /** Why there is no thread at the moment. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  async start(): Promise<Loaded> {
    const { settings, cacheDirectory, thread = new URL('./embedding-thread.ts', import.meta.url) } = this.#options;
    const { running, loaded } = await startThread(thread, { settings, cacheDirectory });
    if (this.#closed || (this.#loaded !== undefined && loaded.name !== this.#loaded.name)) {
      await endThread(running);
      throw unusable('The embedding model is not the one that the index was made with.', 'Restart the server.');
    }
    this.#running = running;
    this.#loaded = loaded;
    this.#problem = undefined;
    running.worker.on('error', () => {});
    running.worker.on('exit', () => this.#replace(new Error('its thread ended')));
    return loaded;
  }

  #replace(cause: unknown): void {
    if (this.#closed) return;
    const { clock, restartPauseMs = defaultRestartPauseMs } = this.#options;
    this.#running = undefined;
    this.#problem = {
      code: 'EmbeddingModelInvalid',
      message: `The embedding model stopped: ${messageOf(cause)}. It is started again every ${restartPauseMs / 1000} s; until then searches are ranked by full text alone. See the log.`,
      since: this.#problem?.since ?? new Date(clock()).toISOString(),
    };
    this.#restart = setTimeout(() => void this.start().catch((error) => this.#replace(error)), restartPauseMs);
    this.#restart.unref();
  }

  /** The thread. @throws CodeSageError `EmbeddingModelInvalid` while there is none. */
  running(): Running {
    if (this.#running === undefined) throw unusable('The embedding thread ended.', 'It is started again in a moment.');
    return this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restart);
    if (this.#running !== undefined) await endThread(this.#running);
  }
}

function unusable(message: string, remedy: string): CodeSageError {
  return new CodeSageError('EmbeddingModelInvalid', message, remedy);
}

async function startThread(module: URL, data: ThreadSettings): Promise<{ running: Running; loaded: Loaded }> {
  const worker = new Worker(module, { workerData: data });
  const { promise, resolve, reject } = Promise.withResolvers<ThreadStart>();
  const limitMs = data.settings.allowRemoteModels ? fetchTimeoutMs : loadTimeoutMs;
  const late = () => reject(new Error(`it was not loaded within ${limitMs / 1000} s`));
  const timer = setTimeout(late, limitMs);
  const ended = (code: number) => reject(new Error(`its thread ended with exit code ${code}`));
  worker.once('message', resolve).once('error', reject).once('exit', ended);
  try {
    const start = await promise;
    if ('failed' in start) throw new CodeSageError(start.failed.code, start.failed.message, '');
    worker.off('exit', ended).off('error', reject);
    return { running: { worker, queries: new PortClient(connectTo(worker)) }, loaded: start.loaded };
  } catch (error) {
    worker.on('error', () => {});
    abandon(worker);
    if (error instanceof CodeSageError) throw error;
    const message = `The embedding model cannot be loaded: ${messageOf(error)}.`;
    throw new CodeSageError('EmbeddingModelInvalid', message, '', { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** A port to the model, to be used here or handed to another thread. */
function connectTo(worker: Worker): MessagePort {
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ connect: port1 } satisfies ThreadCommand, [port1]);
  // A port that is waited on by nobody must not keep the process.
  port2.unref();
  return port2;
}

async function endThread({ worker, queries }: Running): Promise<void> {
  queries.close();
  if (worker.threadId === -1) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  worker.once('exit', () => resolve());
  const timer = setTimeout(resolve, closeTimeoutMs);
  abandon(worker);
  await promise;
  clearTimeout(timer);
}

/**
 * Asks a thread to end once it can listen. Never `terminate`: onnxruntime's binding ends the whole process when its
 * thread is taken away while it computes (`terminate called after throwing an instance of 'Napi::Error'`).
 */
function abandon(worker: Worker): void {
  worker.unref();
  worker.postMessage({ close: true } satisfies ThreadCommand);
}
