/** Decides the course of one index run of one codebase: sync, scan, compare, write, publish. */
import { hash as digest } from 'node:crypto';
import type { Logger } from 'pino';
import type { SourceConfig } from '../contract.ts';
import type { IndexOutcome, IndexProgress } from '../engine.ts';
import type { ScanResult } from '../sources/scan.ts';
import type { Source, SyncedTree } from '../sources/source.ts';
import { type CodebaseStore, chooseTarget, type Target } from './codebase-store.ts';
import type { Generation, Recipe } from './generation.ts';
import { countSkipped, isAheadOfPublication, type RunReport, readKnownFiles, runPlan } from './index-run.ts';
import { planRun } from './plan.ts';
import { publish } from './publish.ts';
import type { Throttle } from './throttle.ts';
import type { WorkerPool } from './worker-pool.ts';
import type { IndexTaskResult } from './worker-protocol.ts';

export type IndexerDeps = {
  config: SourceConfig;
  source: Source;
  store: CodebaseStore;
  recipe: Recipe;
  reindex: string;
  incremental: boolean;
  pool: WorkerPool;
  throttle: Throttle;
  /** Entries of each thread's embedding cache. */
  cacheEntries: () => number;
  clock: () => number;
  log: Logger;
  onBatch: (result: IndexTaskResult) => void;
  onSynced: () => void;
};

export type RunOptions = {
  full: boolean;
  signal?: AbortSignal | undefined;
  onProgress: (progress: IndexProgress) => void;
};

const nothingDone: RunReport = { filesAdded: 0, filesChanged: 0, filesRemoved: 0, chunksEmbedded: 0, changed: false };

/** Names what decides which files take part, so that a changed setting is noticed where the revision is not changed. */
export function rulesFingerprint({ include, exclude, maxFileSizeBytes }: SourceConfig): string {
  return digest('sha256', JSON.stringify([include, exclude, maxFileSizeBytes]), 'hex').slice(0, 16);
}

/** Runs once. Rejects with what went wrong; the published version is as it was then. */
export async function indexOnce(deps: IndexerDeps, options: RunOptions): Promise<IndexOutcome> {
  const startedAt = deps.clock();
  const { store, config, signal } = { ...deps, ...options };
  const tell = (progress: Omit<IndexProgress, 'codebase'>) =>
    options.onProgress({ codebase: config.name, ...progress });
  const phase = (name: IndexProgress['phase']) => tell({ phase: name, filesDone: 0, filesTotal: 0, chunksDone: 0 });

  phase('syncing');
  const tree = await deps.source.sync(signal);
  deps.onSynced();
  const target = chooseTarget({
    published: store.published?.meta,
    corrupted: store.failure !== undefined,
    recipe: deps.recipe,
    reindex: deps.reindex,
    full: options.full,
  });
  if (target.kind === 'incremental' && isUpToDate(deps, tree)) return outcomeOf(deps, nothingDone, startedAt);

  phase('scanning');
  const rules = { include: config.include, exclude: config.exclude, maxFileSizeBytes: config.maxFileSizeBytes };
  const scan = await deps.pool.scan({ root: tree.root, rules }, signal);
  const report = await indexInto(deps, target, tree, scan, { ...options, onProgress: options.onProgress });
  const outcome = outcomeOf(deps, report, startedAt, scan);
  if (report.changed || target.kind === 'rebuild') logOutcome(deps.log, outcome);
  return outcome;
}

function isUpToDate({ store, config, source }: IndexerDeps, tree: SyncedTree): boolean {
  const generation = store.published;
  const publication = generation?.meta.publication;
  return (
    generation !== undefined &&
    publication !== undefined &&
    source.hasRevisions &&
    publication.revision === tree.revision &&
    publication.rules === rulesFingerprint(config) &&
    !isAheadOfPublication(generation)
  );
}

async function indexInto(
  deps: IndexerDeps,
  wanted: Target,
  tree: SyncedTree,
  scan: ScanResult,
  options: RunOptions,
): Promise<RunReport> {
  const { store } = deps;
  let generation = await store.writable(wanted, deps.reindex);
  try {
    let known = await readKnownFiles(generation);
    let plan = planRun(scan.files, known);
    const differs = plan.toRead.length > 0 || plan.removed.length > 0;
    if (wanted.kind === 'incremental' && !deps.incremental && differs) {
      generation = await store.writable({ kind: 'rebuild', reason: 'requested' }, generation.meta.reindex);
      known = new Map();
      plan = planRun(scan.files, known);
    }
    const settings = {
      root: tree.root,
      chunkLimit: deps.recipe.chunkLimit,
      maxFileSizeBytes: deps.config.maxFileSizeBytes,
      cacheEntries: deps.cacheEntries(),
    };
    const report = await runPlan(generation, plan, known, settings, {
      pool: deps.pool,
      throttle: deps.throttle,
      now: deps.clock,
      signal: options.signal,
      onBatch: deps.onBatch,
      onProgress: (progress) => options.onProgress({ codebase: deps.config.name, ...progress }),
    });
    if (report.changed || needsPublication(deps, generation, tree)) {
      const { toRead } = plan;
      options.onProgress({
        codebase: deps.config.name,
        phase: 'publishing',
        filesDone: toRead.length,
        filesTotal: toRead.length,
        chunksDone: report.chunksEmbedded,
      });
      const publication = await publish(generation, {
        ...(tree.revision === undefined ? {} : { revision: tree.revision }),
        rules: rulesFingerprint(deps.config),
        skipped: await countSkipped(generation, scan),
        indexedAt: new Date(deps.clock()).toISOString(),
      });
      await store.follow(generation, publication);
    }
    return report;
  } catch (error) {
    await store.reopen(generation);
    throw error;
  }
}

function needsPublication({ config }: IndexerDeps, generation: Generation, tree: SyncedTree): boolean {
  const { publication } = generation.meta;
  return (
    publication === undefined ||
    publication.revision !== tree.revision ||
    publication.rules !== rulesFingerprint(config) ||
    isAheadOfPublication(generation)
  );
}

function outcomeOf(deps: IndexerDeps, report: RunReport, startedAt: number, scan?: ScanResult): IndexOutcome {
  const publication = deps.store.published?.meta.publication;
  const { changed: _, ...counts } = report;
  return {
    codebase: deps.config.name,
    files: publication?.files ?? 0,
    chunks: publication?.chunks ?? 0,
    ...counts,
    skipped: publication?.skipped ?? { ...scan?.skipped },
    ...(publication?.revision === undefined ? {} : { revision: publication.revision }),
    seconds: (deps.clock() - startedAt) / 1000,
  };
}

function logOutcome(log: Logger, outcome: IndexOutcome): void {
  const { codebase, files, chunks, filesAdded, filesChanged, filesRemoved, chunksEmbedded, seconds, revision } =
    outcome;
  const handled = filesAdded + filesChanged;
  log.info(
    { codebase, files, chunks, filesAdded, filesChanged, filesRemoved, chunksEmbedded, revision },
    `Indexed ${handled} files in ${seconds.toFixed(1)} seconds`,
  );
}
