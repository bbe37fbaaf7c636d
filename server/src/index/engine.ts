/** Decides how the engine is put together: sources, threads, stores, caches, and the searches over them. */
import { mkdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Analysis } from '../analysis/analysis.ts';
import { CacheKeeper } from '../cache/keeper.ts';
import { chunkerVersion, chunkLimit } from '../chunking/chunker.ts';
import { indexFormatVersion, type ServerConfig, type SourceConfig } from '../contract.ts';
import { noEmbedding } from '../embedding/embedder.ts';
import { type Embedding, loadEmbedding } from '../embedding/embedding.ts';
import type { Engine, EngineEvent, EngineStatus } from '../engine.ts';
import { CodeSageError, messageOf } from '../errors.ts';
import { EngineCaches } from '../search/engine-caches.ts';
import { MemoryShare } from '../search/memory/share.ts';
import { PublishedSearch } from '../search/published-search.ts';
import { readCodebaseFile } from '../search/read-file.ts';
import { SemanticSearch } from '../search/semantic.ts';
import { createGitSource } from '../sources/git-source.ts';
import { createDirectorySource, type Source } from '../sources/source.ts';
import { findFilesWith } from '../symbols/find-files.ts';
import { lanceSymbolStore } from '../symbols/lance-store.ts';
import { createSymbolIndex } from '../symbols/symbol-index.ts';
import { Codebase } from './codebase.ts';
import { CodebaseStore } from './codebase-store.ts';
import { CodebaseDirectory } from './codebases.ts';
import { directorySize, RememberedSize, volumeUsage } from './disk.ts';
import type { Recipe } from './generation.ts';
import { saysDiskFull, volumeFull } from './problems.ts';
import { choosePublished, readPublished, usePublished } from './read-published.ts';
import { SerialQueue } from './serial-queue.ts';
import type { Snapshot } from './snapshot.ts';
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
  const caches = new EngineCaches(config.cache, clock);
  const listeners = new Set<(event: EngineEvent) => void>();
  const indexRoot = join(dataDir, 'index');
  const sourcesRoot = join(dataDir, 'sources');
  const indexSize = new RememberedSize(() => directorySize(indexRoot), sizeKnownForMs, clock);
  let embeddedChunks = 0;
  let serving = false;
  let stopped: Promise<void> | undefined;

  const codebases = new CodebaseDirectory(
    config.sources.map(
      (source) =>
        new Codebase({
          config: source,
          source: sourceOf(source, sourcesRoot, log),
          store: new CodebaseStore(source.name, join(indexRoot, source.name), recipe, share, log),
          recipe,
          reindex: config.indexing.reindex,
          incremental: config.indexing.incremental,
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
        }),
    ),
  );
  const exact = new PublishedSearch({ codebases, cacheDirectory: join(dataDir, 'cache'), log, clock });
  const locate = (path: string, name: string | undefined) => {
    const { codebase, relative } = codebases.locate(path, name);
    return { codebase: codebase.name, relative };
  };
  const symbols = createSymbolIndex({
    read: (names, turns, work) =>
      readPublished(
        codebases,
        names,
        (snapshots, notice) =>
          work(
            snapshots.map((one) => lanceSymbolStore(one, turns)),
            notice,
          ),
        turns.signal,
      ),
    locate,
    findFiles: findFilesWith((request, signal) => exact.search(request, signal)),
  });
  const semantic = new SemanticSearch({
    codebases,
    caches,
    embedding,
    passages: (snapshot, places) => exact.passages(snapshot, places),
    log,
  });
  let isShortOfMemory = false;
  const keeper = new CacheKeeper({
    caches,
    cacheDirectory: join(dataDir, 'cache'),
    model: embedding,
    warm: (request, signal) => semantic.warm(request, signal),
    isShortOfMemory: () => isShortOfMemory,
    log,
  });
  const analysis = new Analysis({
    read: (name, work) => readPublished(codebases, [name], ([snapshot]) => work(snapshot as Snapshot)),
    locate,
    search: (request, signal) => semantic.search(request, signal),
  });

  async function start(): Promise<void> {
    try {
      mkdirSync(indexRoot, { recursive: true });
      await deleteForgotten([indexRoot, sourcesRoot], config.sources, log);
    } catch (error) {
      throw dataDirProblem(error, dataDir);
    }
    loaded ??= await loadEmbedding({ settings: config.embedding, modelsDirectory: join(dataDir, 'models'), clock });
    if (loaded.problem !== undefined) log.warn({ code: loaded.problem.code }, loaded.problem.message);
    caches.useDimensions(loaded.problem === undefined ? loaded.dimensions : 0);
    await exact.open();
    // Questions wait for these, and then need all that is above.
    await Promise.all(codebases.all.map((codebase) => codebase.open()));
    await keeper.open();
    serving = true;
    if (!background) return;
    for (const codebase of codebases.all) codebase.startSchedule();
    listeners.add((event) => {
      if (event.type !== 'indexed' || event.outcome === 'failed') return;
      void exact.prepare(event.codebase);
      void keeper.warm();
    });
    void keeper.warm();
  }

  async function stopAll(): Promise<void> {
    serving = false;
    for (const codebase of codebases.all) codebase.refuse();
    await keeper.close();
    await exact.close();
    await analysis.close();
    await Promise.all(codebases.all.map((codebase) => codebase.stop()));
    await pool.release();
    await loaded?.close();
  }

  async function status(): Promise<EngineStatus> {
    const problem = codebases.indexProblem() ?? loaded?.problem;
    const volume = await volumeUsage(dataDir);
    return {
      codebases: codebases.all.map((codebase) => codebase.status()),
      index: {
        sizeBytes: await indexSize.bytes(),
        formatVersion: indexFormatVersion,
        memoryBytes: share.bytes,
        embedding: loaded?.name ?? noEmbedding,
        ...(problem === undefined ? {} : { problem }),
      },
      ...(volume === undefined ? {} : { volume }),
      embeddedChunks,
    };
  }

  return {
    start,
    stop: () => {
      stopped ??= stopAll();
      return stopped;
    },
    isServing: () => serving,
    opened: (signal) => codebases.whenOpen([], signal),
    status,
    semanticSearch: (request, signal) => semantic.search(request, signal),
    exactSearch: (request, signal) => exact.search(request, signal),
    symbols,
    analysis,
    readFile: async (path, name) => {
      const { codebase, relative } = codebases.locate(path, name);
      const { source, config: sourceConfig } = codebase;
      await codebases.whenOpen([codebase.name]);
      // Before its first publication a codebase is read from its directory.
      const { snapshot } = codebase.store;
      const isPublished = codebase.phase !== 'open' || codebase.store.failure !== undefined || snapshot !== undefined;
      const chosen = isPublished ? choosePublished(codebases, [codebase.name]) : [];
      return usePublished(chosen, ([held]) =>
        readCodebaseFile({ root: source.root, source: sourceConfig, snapshot: held }, relative, caches.file),
      );
    },
    indexCodebase: async (name, options) => {
      const codebase = codebases.get(name);
      await codebases.whenOpen([name], options.signal);
      if (codebase.phase !== 'open') codebases.published(codebase);
      return codebase.run(options);
    },
    cacheStatistics: () => caches.statistics(),
    clearCaches: (names) => keeper.clear(names),
    pruneCaches: (olderThanMs) => keeper.prune(olderThanMs),
    persistedCacheBytes: () => keeper.persistedBytes(),
    relieveMemory: (fraction) => {
      if (fraction < 1) analysis.forget();
      isShortOfMemory = fraction < 1;
      caches.limitTo(fraction);
      throttle.set(fraction);
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

/** Deletes what is kept of codebases that are no longer configured. Without any source nothing is deleted: that is more likely a mistake. */
async function deleteForgotten(roots: string[], sources: SourceConfig[], log: Logger): Promise<void> {
  if (sources.length === 0) return;
  const names = new Set(sources.map(({ name }) => name));
  for (const root of roots) {
    const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isDirectory() || entry.name.startsWith('.') || names.has(entry.name)) continue;
      await rm(join(root, entry.name), { recursive: true, force: true });
      log.info({ codebase: entry.name }, 'Deleted what was kept of a codebase that is no longer configured');
    }
  }
}
