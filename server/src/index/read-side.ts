/** Decides how published versions are read: all searches, symbols, analyses and file reads, and the caches of their answers. */
import type { Logger } from 'pino';
import { Analysis } from '../analysis/analysis.ts';
import { CacheKeeper } from '../cache/keeper.ts';
import type { Embedding } from '../embedding/embedding.ts';
import type { Engine } from '../engine.ts';
import { createHistory } from '../history/history.ts';
import type { EngineCaches } from '../search/engine-caches.ts';
import { PublishedSearch } from '../search/published-search.ts';
import { readCodebaseFile } from '../search/read-file.ts';
import { SemanticSearch } from '../search/semantic.ts';
import { findFilesWith } from '../symbols/find-files.ts';
import { lanceSymbolStore } from '../symbols/lance-store.ts';
import { createSymbolIndex } from '../symbols/symbol-index.ts';
import type { CodebaseDirectory } from './codebases.ts';
import { choosePublished, readPublished, usePublished } from './read-published.ts';
import type { Snapshot } from './snapshot.ts';

export type ReadSideDeps = {
  codebases: CodebaseDirectory;
  caches: EngineCaches;
  /** Known once the engine starts. */
  embedding: () => Embedding;
  /** Where caches are kept; anything below it may be deleted at any time. */
  cacheDirectory: string;
  log: Logger;
  /** Milliseconds since the epoch. */
  clock: () => number;
};

/** What of the engine only reads. */
export type Questions = Pick<
  Engine,
  | 'opened'
  | 'semanticSearch'
  | 'exactSearch'
  | 'symbols'
  | 'analysis'
  | 'history'
  | 'readFile'
  | 'cacheStatistics'
  | 'clearCaches'
  | 'pruneCaches'
  | 'persistedCacheBytes'
>;

/** Knows nothing of how an index is made, and writes nothing but caches. */
export type ReadSide = {
  questions: Questions;
  /** Makes room for what searches write out; before the first question. */
  prepare(): Promise<void>;
  /** Loads what caches saved, once the codebases are open. */
  openCaches(): Promise<void>;
  /** Makes ready what the next questions need of a version that was just published. */
  renew(codebase: string): Promise<void>;
  /** Deletes what was made for questions about a codebase that is gone. */
  forget(codebase: string): Promise<void>;
  /** Runs frequent queries again. */
  warm(): Promise<void>;
  /** Forgets what takes memory while that is short (`fraction` below 1). */
  relieve(fraction: number): void;
  close(): Promise<void>;
};

/** Puts the searches over `codebases` together. Nothing is read before `prepare`. */
export function createReadSide(deps: ReadSideDeps): ReadSide {
  const { codebases, caches, embedding, cacheDirectory, log, clock } = deps;
  const exact = new PublishedSearch({ codebases, cacheDirectory, log, clock });
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
    cacheDirectory,
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
  const history = createHistory({
    find: (name) => {
      const { config, source } = codebases.get(name);
      return { name: config.name, root: source.root, source: config };
    },
    clock,
  });
  const questions: Questions = {
    opened: (signal) => codebases.whenOpen([], signal),
    semanticSearch: (request, signal) => semantic.search(request, signal),
    exactSearch: (request, signal) => exact.search(request, signal),
    symbols,
    analysis,
    history,
    readFile: (path, name) => readOne(deps, path, name),
    cacheStatistics: () => caches.statistics(),
    clearCaches: (names) => keeper.clear(names),
    pruneCaches: (olderThanMs) => keeper.prune(olderThanMs),
    persistedCacheBytes: () => keeper.persistedBytes(),
  };
  return {
    questions,
    prepare: () => exact.open(),
    openCaches: () => keeper.open(),
    renew: async (codebase) => {
      await Promise.all([exact.prepare(codebase), keeper.warm()]);
    },
    forget: (codebase) => exact.forget(codebase),
    warm: () => keeper.warm(),
    relieve: (fraction) => {
      if (fraction < 1) analysis.forget();
      isShortOfMemory = fraction < 1;
      caches.limitTo(fraction);
    },
    close: async () => {
      await keeper.close();
      await exact.close();
      await analysis.close();
    },
  };
}

async function readOne({ codebases, caches }: ReadSideDeps, path: string, name: string | undefined) {
  const { codebase, relative } = codebases.locate(path, name);
  const { source, config } = codebase;
  await codebases.whenOpen([codebase.name]);
  // Before its first publication a codebase is read from its directory.
  const { snapshot, failure } = codebase.store;
  const isPublished = codebase.phase !== 'open' || failure !== undefined || snapshot !== undefined;
  const chosen = isPublished ? choosePublished(codebases, [codebase.name]) : [];
  return usePublished(chosen, ([held]) =>
    readCodebaseFile({ root: source.root, source: config, snapshot: held }, relative, caches.file),
  );
}
