/** Decides how the engine of a process is put together that serves an index which another process keeps: it reads, follows and forwards. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { ServerConfig, SourceConfig } from '../contract.ts';
import { type Embedding, loadEmbedding } from '../embedding/embedding.ts';
import type { Engine } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import { CodebaseDirectory } from '../index/codebases.ts';
import { directorySize, Remembered, volumeKnownForMs, volumeUsage } from '../index/disk.ts';
import { engineStatus } from '../index/engine-status.ts';
import { Fleet } from '../index/fleet.ts';
import { createReadSide } from '../index/read-side.ts';
import { EngineCaches } from '../search/engine-caches.ts';
import { MemoryShare } from '../search/memory/share.ts';
import { FollowedCodebase } from './followed-codebase.ts';
import { FollowingStore } from './following-store.ts';
import { createIndexerClient } from './indexer-client.ts';
import { retryingOnce, type Versions } from './retry-once.ts';

export type SearchEngineOptions = {
  config: ServerConfig;
  /** Where the indexer keeps the index; only read. */
  dataDir: string;
  /** A directory of this process alone, for caches. */
  scratchDir: string;
  /** The internal token as it is now, to ask the indexer with. */
  readInternalToken: () => string | undefined;
  log: Logger;
  /** Milliseconds since the epoch. */
  clock: () => number;
};

const sizeKnownForMs = 5000;

/** Makes an engine that only reads. Nothing runs before `start`. */
export function createSearchEngine(options: SearchEngineOptions): Engine {
  const { config, dataDir, scratchDir, readInternalToken, log, clock } = options;
  let loaded: Embedding | undefined;
  const embedding = (): Embedding => {
    if (loaded === undefined)
      throw new CodeSageError('NotIndexedYet', 'The engine is not running.', 'Try again when the server is ready.');
    return loaded;
  };
  const share = new MemoryShare(config.memory.maxMB);
  const caches = new EngineCaches(config.cache, clock);
  const indexRoot = join(dataDir, 'index');
  const indexSize = new Remembered(() => directorySize(indexRoot), sizeKnownForMs, clock);
  const volumeUsed = new Remembered(() => volumeUsage(dataDir), volumeKnownForMs, clock);
  let serving = false;
  let stopped: Promise<void> | undefined;

  const rootOf = (source: SourceConfig) => source.path ?? join(dataDir, 'sources', source.name);
  const codebaseOf = (source: SourceConfig) =>
    new FollowedCodebase({
      config: source,
      root: rootOf(source),
      store: new FollowingStore({ name: source.name, directory: join(indexRoot, source.name), share, log, clock }),
      pollMs: config.replication.pollSeconds * 1000,
      clock,
      onPublished: (name) => {
        indexSize.forget();
        void findModel().then(() => readSide.renew(name));
      },
    });
  const codebases = new CodebaseDirectory(config.sources.map(codebaseOf));
  const readSide = createReadSide({
    codebases,
    caches,
    embedding,
    cacheDirectory: join(scratchDir, 'cache'),
    log,
    clock,
  });
  const versions: Versions = {
    current: () => codebases.all.map(({ store }) => store.snapshot?.version ?? '').join(','),
    catchUp: async () => {
      await Promise.all(codebases.all.map((codebase) => codebase.catchUp()));
    },
  };
  const fleet = new Fleet(codebases, {
    make: codebaseOf,
    change: (codebase, source) => codebase.reconfigure(source, rootOf(source)),
    follow: (codebase) => codebase.follow(),
    removed: (name) => readSide.forget(name),
    log,
  });
  const indexer = createIndexerClient({ url: config.replication.indexerURL, readToken: readInternalToken });

  const load = () =>
    loadEmbedding({ settings: readOnlyModel(config), modelsDirectory: join(dataDir, 'models'), clock });

  /** A model that the indexer fetched after this process had started. */
  async function findModel(): Promise<void> {
    if (loaded?.problem === undefined) return;
    const found = await load();
    if (found.problem !== undefined || !serving) return found.close();
    loaded = found;
    log.info({ embedding: found.name }, 'The embedding model is there now');
  }

  async function start(): Promise<void> {
    await mkdir(scratchDir, { recursive: true, mode: 0o700 });
    loaded ??= await load();
    if (loaded.problem !== undefined) log.warn({ code: loaded.problem.code }, loaded.problem.message);
    // Only queries are embedded here: chunks need no room.
    caches.useDimensions(0);
    await readSide.prepare();
    await fleet.open();
    await readSide.openCaches();
    serving = true;
    fleet.follow();
    void readSide.warm();
  }

  async function stopAll(): Promise<void> {
    serving = false;
    fleet.refuse();
    await readSide.close();
    await fleet.stop();
    await loaded?.close();
  }

  /** Whether the indexer is of a version whose index nobody can read here: a new pod then takes no calls from old ones. */
  function isOtherVersion(): boolean {
    const stores = codebases.all.map(({ store }) => store);
    return (
      stores.length > 0 &&
      stores.every(({ snapshot, failure }) => snapshot === undefined && failure?.code === 'IndexFormatUnsupported')
    );
  }

  const status = () =>
    engineStatus({ codebases, embedding: loaded, indexSize, volumeUsed, memoryBytes: share.bytes, embeddedChunks: 0 });

  const { questions } = readSide;
  return {
    ...retryingQuestions(versions, questions),
    start,
    stop: () => {
      stopped ??= stopAll();
      return stopped;
    },
    isServing: () => serving && !isOtherVersion(),
    status,
    indexCodebase: async (name, request) => {
      const codebase = codebases.get(name);
      const outcome = await indexer.index(codebase.name, request);
      // Whoever waited for it wants to search it.
      await codebase.catchUp();
      return outcome;
    },
    canIndex: () => indexer.check(),
    reconfigure: async () => {
      caches.resize();
      await fleet.change(config.sources);
    },
    relieveMemory: (fraction) => readSide.relieve(fraction),
  };
}

/** A model that is not on the volume is not fetched: nothing is written there. */
function readOnlyModel({ embedding }: ServerConfig): ServerConfig['embedding'] {
  return { ...embedding, allowRemoteModels: false };
}

type ReadQuestions = ReturnType<typeof createReadSide>['questions'];

function retryingQuestions(versions: Versions, questions: ReadQuestions): ReadQuestions {
  const { semanticSearch, exactSearch, readFile } = retryingOnce(versions, {
    semanticSearch: questions.semanticSearch,
    exactSearch: questions.exactSearch,
    readFile: questions.readFile,
  });
  return {
    ...questions,
    semanticSearch,
    exactSearch,
    readFile,
    symbols: retryingOnce(versions, questions.symbols),
    analysis: retryingOnce(versions, questions.analysis),
  };
}
