/** Decides how the engine that keeps its own index is put together: sources, threads, stores, and the read side over them. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { chunkerVersion, chunkLimit } from '../chunking/chunker.ts';
import type { ServerConfig, SourceConfig } from '../contract.ts';
import { type Embedding, loadEmbedding } from '../embedding/embedding.ts';
import type { Engine, EngineEvent } from '../engine.ts';
import { CodeSageError, messageOf } from '../errors.ts';
import { EngineCaches } from '../search/engine-caches.ts';
import { MemoryShare } from '../search/memory/share.ts';
import { createGitSource } from '../sources/git-source.ts';
import { createDirectorySource, type Source } from '../sources/source.ts';
import { Codebase } from './codebase.ts';
import { CodebaseStore } from './codebase-store.ts';
import { CodebaseDirectory } from './codebases.ts';
import { directorySize, Remembered, volumeKnownForMs, volumeUsage } from './disk.ts';
import { engineStatus } from './engine-status.ts';
import { Fleet } from './fleet.ts';
import { ForgottenData } from './forgotten-data.ts';
import type { Recipe } from './generation.ts';
import { saysDiskFull, volumeFull } from './problems.ts';
import { createReadSide } from './read-side.ts';
import { SerialQueue } from './serial-queue.ts';
import { Throttle } from './throttle.ts';
import { createWorkerPool } from './worker-pool.ts';

export type EngineOptions = {
  config: ServerConfig;
  /** Holds `index` and `sources`; must be writable, and used by this process only. */
  dataDir: string;
  log: Logger;
  /** Milliseconds since the epoch. */
  clock: () => number;
  /** 0 to 1, for spreading work in time. */
  random?: () => number;
  /** False: sources are looked at only when asked; for commands that run once. */
  background?: boolean;
};

/** A status is asked for every second by some; while an index grows its size is this old at most. */
const sizeKnownForMs = 5000;

/** Makes an engine over LanceDB, git and threads. Nothing runs before `start`. */
export function createEngine(options: EngineOptions): Engine {
  const { config, dataDir, log, clock, random = Math.random, background = true } = options;
  let loaded: Embedding | undefined;
  const embedding = (): Embedding => {
    if (loaded === undefined)
      throw new CodeSageError('NotIndexedYet', 'The engine is not running.', 'Try again when the server is ready.');
    return loaded;
  };
  const recipe = (): Recipe => ({
    embedding: embedding().name,
    dimensions: embedding().dimensions,
    chunker: chunkerVersion,
    chunkLimit: chunkLimit(config.indexing.chunkSizeTokens),
  });
  const threads = config.indexing.concurrency;
  const pool = createWorkerPool({
    settings: () => ({ model: embedding().forThreads, dimensions: embedding().dimensions }),
    threads,
    connect: config.embedding.provider === 'builtin' ? undefined : async () => embedding().connect?.(),
    onSuspect: (path, problem) =>
      log.warn({ path, problem }, 'A file hung or killed its indexing thread; it is indexed without its symbols'),
  });
  const throttle = new Throttle();
  const share = new MemoryShare(config.memory.maxMB);
  const turn = new SerialQueue();
  const graceMs = config.replication.role === 'Indexer' ? config.replication.graceSeconds * 1000 : undefined;
  const caches = new EngineCaches(config.cache, clock);
  const listeners = new Set<(event: EngineEvent) => void>();
  const indexRoot = join(dataDir, 'index');
  const sourcesRoot = join(dataDir, 'sources');
  const indexSize = new Remembered(() => directorySize(indexRoot), sizeKnownForMs, clock);
  const volumeUsed = new Remembered(() => volumeUsage(dataDir), volumeKnownForMs, clock);
  const forgotten = new ForgottenData({ roots: [indexRoot, sourcesRoot], graceMs: graceMs ?? 0, log });
  let embeddedChunks = 0;
  let reindexSeen = config.indexing.reindex;
  let serving = false;
  let stopped: Promise<void> | undefined;

  const codebaseOf = (source: SourceConfig) =>
    new Codebase({
      config: source,
      source: sourceOf(source, sourcesRoot, log),
      store: new CodebaseStore(source.name, join(indexRoot, source.name), recipe, share, log, graceMs, clock),
      recipe,
      // Read at each run: a reload may have changed them.
      get reindex() {
        return config.indexing.reindex;
      },
      get incremental() {
        return config.indexing.incremental;
      },
      pool,
      throttle,
      turn,
      vectorCache: () => ({ vectorTable: caches.vectorTable(), oldestVectorMs: caches.oldestUsableMs() }),
      clock,
      random,
      log,
      onBatch: (result) => {
        embeddedChunks += result.embedded;
        caches.countThread(result.cache);
      },
      emit: (event) => {
        indexSize.forget();
        for (const listener of listeners) listener(event);
      },
    });
  const codebases = new CodebaseDirectory(config.sources.map(codebaseOf));
  const readSide = createReadSide({
    codebases,
    caches,
    embedding,
    cacheDirectory: join(dataDir, 'cache'),
    log,
    clock,
  });

  const fleet = new Fleet(codebases, {
    make: (source) => {
      forgotten.remember(source.name);
      return codebaseOf(source);
    },
    change: (codebase, source) => codebase.reconfigure(source, sourceOf(source, sourcesRoot, log)),
    follow: (codebase) => codebase.startSchedule(),
    removed: async (name) => {
      await readSide.forget(name);
      // Without any source nothing is deleted: that is more likely a mistake.
      if (config.sources.length > 0) await forgotten.forget(name);
    },
    log,
  });

  async function start(): Promise<void> {
    try {
      mkdirSync(indexRoot, { recursive: true });
      await forgotten.keepOnly(config.sources.map(({ name }) => name));
    } catch (error) {
      throw dataDirProblem(error, dataDir);
    }
    loaded ??= await loadEmbedding({ settings: config.embedding, modelsDirectory: join(dataDir, 'models'), clock });
    if (loaded.problem !== undefined) log.warn({ code: loaded.problem.code }, loaded.problem.message);
    caches.useDimensions(loaded.problem === undefined ? loaded.dimensions : 0);
    await readSide.prepare();
    // Questions wait for these, and then need all that is above.
    await fleet.open();
    await readSide.openCaches();
    serving = true;
    if (!background) return;
    fleet.follow();
    listeners.add((event) => {
      if (event.type !== 'indexed' || event.outcome === 'failed') return;
      void readSide.renew(event.codebase);
    });
    void readSide.warm();
  }

  async function stopAll(): Promise<void> {
    serving = false;
    fleet.refuse();
    await readSide.close();
    await fleet.stop();
    forgotten.close();
    await pool.release();
    await loaded?.close();
  }

  const status = () =>
    engineStatus({ codebases, embedding: loaded, indexSize, volumeUsed, memoryBytes: share.bytes, embeddedChunks });

  return {
    ...readSide.questions,
    start,
    stop: () => {
      stopped ??= stopAll();
      return stopped;
    },
    isServing: () => serving,
    status,
    indexCodebase: async (name, options) => {
      const codebase = codebases.get(name);
      await codebases.whenOpen([name], options.signal);
      if (codebase.phase !== 'open') codebases.published(codebase);
      return codebase.run(options);
    },
    relieveMemory: (fraction) => {
      readSide.relieve(fraction);
      throttle.set(fraction);
    },
    reconfigure: async () => {
      caches.resize();
      await fleet.change(config.sources);
      if (reindexSeen !== config.indexing.reindex) fleet.lookNow();
      reindexSeen = config.indexing.reindex;
    },
    subscribe: (listener) => void listeners.add(listener),
  };
}

function sourceOf(source: SourceConfig, sourcesRoot: string, log: Logger): Source {
  if (source.git !== undefined) return createGitSource(source.name, source.git, join(sourcesRoot, source.name), log);
  // The schema says that one of the two is set.
  return createDirectorySource(source.path ?? '');
}

function dataDirProblem(error: unknown, dataDir: string): CodeSageError {
  if (saysDiskFull(messageOf(error))) return volumeFull(error);
  return new CodeSageError(
    'Internal',
    `The data directory ${dataDir} cannot be used: ${messageOf(error)}`,
    'Make it writable for this user, or choose another.',
    { cause: error },
  );
}
