/** Decides the course of one index run of one codebase: sync, scan, compare, write, publish. */
import { hash as digest } from 'node:crypto';
import type { Logger } from 'pino';
import type { SourceConfig } from '../contract.ts';
import type { IndexOutcome, IndexProgress } from '../engine.ts';
import type { ScanResult } from '../sources/scan.ts';
import type { Source, SyncedTree } from '../sources/source.ts';
import { type CodebaseStore, chooseTarget, type Target } from './codebase-store.ts';
import type { FileChanges } from './file-list.ts';
import { type Generation, isAheadOfPublication, type Recipe } from './generation.ts';
import { batchLimits, type RunReport, type RunSettings, runPlan } from './index-run.ts';
import { readKnownFiles } from './known-files.ts';
import { type IndexPlan, inBatches, type KnownFile, planRun } from './plan.ts';
import { copyRowsInto, needsRewrite, publish, skippedAfter, stateOf } from './publish.ts';
import type { Throttle } from './throttle.ts';
import type { WorkerPool } from './worker-pool.ts';
import type { IndexTaskResult } from './worker-protocol.ts';

export type IndexerDeps = {
  config: SourceConfig;
  source: Source;
  store: CodebaseStore;
  recipe: () => Recipe;
  reindex: string;
  incremental: boolean;
  pool: WorkerPool;
  throttle: Throttle;
  /** The embedding cache of the threads as it is now. */
  vectorCache: () => Pick<RunSettings, 'vectorTable' | 'oldestVectorMs'>;
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

const releaseThreadsAfter = 2000;
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
    recipe: deps.recipe(),
    reindex: deps.reindex,
    full: options.full,
  });
  if (target.kind === 'incremental') await store.dropDraft();
  if (target.kind === 'incremental' && isUpToDate(deps, tree)) return outcomeOf(deps, nothingDone, startedAt);

  phase('scanning');
  const known = target.kind === 'incremental' ? store.knownFiles : undefined;
  const rules = { include: config.include, exclude: config.exclude, maxFileSizeBytes: config.maxFileSizeBytes };
  const scan = await deps.pool.scan({ root: tree.root, rules }, signal);
  const report = await indexInto(deps, target, tree, { scan, known }, { ...options, onProgress: options.onProgress });
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
    store.snapshot?.publication.sequence === publication.sequence &&
    !isAheadOfPublication(generation)
  );
}

/** The files there are, and what the index knows of them; the latter undefined where its tables must be asked. */
type Seen = { scan: ScanResult; known: ReadonlyMap<string, KnownFile> | undefined };
type Job = { generation: Generation; plan: IndexPlan; known: ReadonlyMap<string, KnownFile> };

/** Chooses the generation to write to and what to write; without incremental indexing any difference means everything. */
async function prepare(deps: IndexerDeps, target: Target, seen: Seen, settings: RunSettings): Promise<Job> {
  const { store } = deps;
  const generation = await store.writable(target, deps.reindex);
  const known = seen.known ?? (await readKnownFiles(generation));
  const plan = planRun(seen.scan.files, known);
  const goOn = target.kind === 'rebuild' || deps.incremental || !(await differs(deps, plan, settings));
  if (goOn) return { generation, plan, known };
  const beside = await store.writable({ kind: 'rebuild', reason: 'requested' }, generation.meta.reindex);
  return { generation: beside, plan: planRun(seen.scan.files, new Map()), known: new Map() };
}

/** True when any file is not, byte for byte, what the index has. */
async function differs({ pool }: IndexerDeps, plan: IndexPlan, settings: RunSettings): Promise<boolean> {
  if (plan.removed.length > 0) return true;
  for (const files of inBatches(plan.toRead, batchLimits)) {
    const result = await pool.index({ ...settings, files });
    if (result.files.some(({ outcome }) => outcome !== 'same')) return true;
  }
  return false;
}

async function indexInto(
  deps: IndexerDeps,
  target: Target,
  tree: SyncedTree,
  seen: Seen,
  options: RunOptions,
): Promise<RunReport> {
  const { store, config, recipe } = deps;
  const tell = (progress: Omit<IndexProgress, 'codebase'>) =>
    options.onProgress({ codebase: config.name, ...progress });
  try {
    const settings: RunSettings = {
      root: tree.root,
      chunkLimit: recipe().chunkLimit,
      maxFileSizeBytes: config.maxFileSizeBytes,
      // Read for each batch: short memory makes it smaller in the middle of a run.
      get vectorTable() {
        return deps.vectorCache().vectorTable;
      },
      oldestVectorMs: deps.vectorCache().oldestVectorMs,
      // Who asks for everything anew does not want to be answered from memory.
      useCache: target.kind === 'incremental' ? deps.incremental : target.reason === 'first',
    };
    const { generation, plan, known } = await prepare(deps, target, seen, settings);
    const { pool, throttle, clock: now, onBatch } = deps;
    const context = { pool, throttle, now, signal: options.signal, onBatch, onProgress: tell };
    const report = await runPlan(generation, plan, known, settings, context);
    if (report.changed || needsPublication(deps, generation, tree)) {
      const filesTotal = plan.toRead.length;
      tell({ phase: 'publishing', filesDone: filesTotal, filesTotal, chunksDone: report.chunksEmbedded });
      // Making the indexes of many new rows needs memory that the threads hold.
      if (report.chunksEmbedded > releaseThreadsAfter) await pool.release();
      const { fileChanges: changes } = report;
      const readAndSkipped = changes === undefined ? undefined : skippedAfter(known, changes);
      await publishRun(deps, generation, { changes, readAndSkipped }, tree, seen.scan, options.signal);
    }
    return report;
  } catch (error) {
    await store.reopen();
    throw error;
  }
}

async function publishRun(
  deps: IndexerDeps,
  written: Generation,
  { changes, readAndSkipped }: { changes: FileChanges | undefined; readAndSkipped: Record<string, number> | undefined },
  tree: SyncedTree,
  scan: ScanResult,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { store, config } = deps;
  let generation = written;
  if (needsRewrite(await stateOf(written))) {
    generation = await store.writable({ kind: 'rebuild', reason: 'requested' }, written.meta.reindex);
    await copyRowsInto(written, generation, signal);
  }
  const facts = {
    ...(tree.revision === undefined ? {} : { revision: tree.revision }),
    rules: rulesFingerprint(config),
    skipped: { ...scan.skipped },
    readAndSkipped,
    indexedAt: new Date(deps.clock()).toISOString(),
  };
  const publication = await publish(generation, facts, (chunks) => store.needsLanceIndexes(generation, chunks));
  await store.follow(generation, publication, generation === written ? changes : undefined);
}

/** Also when what is published could not be opened for readers: the next run tries again. */
function needsPublication({ config, store }: IndexerDeps, generation: Generation, tree: SyncedTree): boolean {
  const { publication } = generation.meta;
  return (
    publication === undefined ||
    publication.revision !== tree.revision ||
    publication.rules !== rulesFingerprint(config) ||
    store.snapshot?.publication.sequence !== publication.sequence ||
    isAheadOfPublication(generation)
  );
}

function outcomeOf(deps: IndexerDeps, report: RunReport, startedAt: number, scan?: ScanResult): IndexOutcome {
  const publication = deps.store.published?.meta.publication;
  const { changed: _, fileChanges: __, ...counts } = report;
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
