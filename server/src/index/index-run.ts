/** Decides how the files of one codebase get into a generation: bounded batches through the threads, written as they come. */
import type { IndexProgress } from '../engine.ts';
import type { FileChanges } from './file-list.ts';
import { type Generation, isAheadOfPublication } from './generation.ts';
import { type BatchLimits, type IndexPlan, inBatches, type KnownFile } from './plan.ts';
import type { Throttle } from './throttle.ts';
import type { WorkerPool } from './worker-pool.ts';
import type { FileToRead, IndexTask, IndexTaskResult } from './worker-protocol.ts';
import { GenerationWriter } from './writer.ts';

/** One batch is about 300 chunks: small enough for memory, large enough that handing it over costs nothing. */
export const batchLimits: BatchLimits = { files: 48, bytes: 384 * 1024 };

export type RunSettings = Omit<IndexTask, 'files' | 'heartbeat'>;
export type RunReport = {
  filesAdded: number;
  filesChanged: number;
  filesRemoved: number;
  chunksEmbedded: number;
  /** Whether the generation's newest version differs from what it was before. */
  changed: boolean;
  /** What changed in the table of files, where the run began with the published version and it is not much. */
  fileChanges?: FileChanges | undefined;
};
export type RunContext = {
  pool: WorkerPool;
  throttle: Throttle;
  now: () => number;
  signal?: AbortSignal | undefined;
  onBatch: (result: IndexTaskResult) => void;
  onProgress: (progress: Omit<IndexProgress, 'codebase'>) => void;
};

/**
 * Brings the generation's newest version to what `plan` says. At most one batch a thread and one more are under way, so
 * memory stays bounded whatever the size of the codebase. Rejects with the signal's reason when aborted, between batches.
 */
export async function runPlan(
  generation: Generation,
  plan: IndexPlan,
  known: ReadonlyMap<string, KnownFile>,
  settings: RunSettings,
  context: RunContext,
): Promise<RunReport> {
  const writer = new GenerationWriter(generation);
  const report: RunReport = { filesAdded: 0, filesChanged: 0, filesRemoved: 0, chunksEmbedded: 0, changed: false };
  const meter = new ProgressMeter(plan.toRead, context);
  const isAhead = isAheadOfPublication(generation);
  if (isAhead) await writer.removeOrphans(known);
  await writer.remove(plan.removed);
  report.filesRemoved = plan.removed.filter((path) => known.get(path)?.skipped === '').length;

  const underWay: Promise<IndexTaskResult>[] = [];
  const finishOne = async () => {
    const result = await underWay.shift();
    if (result === undefined) return;
    context.onBatch(result);
    tally(report, result, known);
    await writer.add(result, known);
    meter.advance(result);
  };
  try {
    for (const files of inBatches(plan.toRead, batchLimits)) {
      context.signal?.throwIfAborted();
      await context.throttle.pause(context.signal);
      underWay.push(context.pool.index({ ...settings, files }, context.signal));
      if (underWay.length > context.throttle.parallel(context.pool.threads)) await finishOne();
    }
    while (underWay.length > 0) await finishOne();
    await writer.flush();
  } finally {
    // After a failure the rest must not reject unheard.
    await Promise.allSettled(underWay);
  }
  report.changed = writer.hasWritten;
  if (!isAhead) report.fileChanges = writer.fileChanges;
  return report;
}

function tally(report: RunReport, result: IndexTaskResult, known: ReadonlyMap<string, KnownFile>): void {
  report.chunksEmbedded += result.embedded;
  for (const { path, outcome } of result.files) {
    const wasIndexed = known.get(path)?.skipped === '';
    if (outcome === 'indexed') {
      if (wasIndexed) report.filesChanged++;
      else report.filesAdded++;
    } else if (outcome !== 'same' && wasIndexed) {
      report.filesRemoved++;
    }
  }
}

/** Tells how far a run is, and when it will end at the mean speed so far: by bytes, as large files take longer. */
class ProgressMeter {
  readonly #files: ReadonlyMap<string, number>;
  readonly #bytes: number;
  readonly #context: RunContext;
  readonly #startedAt: number;
  #filesDone = 0;
  #bytesDone = 0;
  #chunks = 0;

  constructor(toRead: readonly FileToRead[], context: RunContext) {
    this.#files = new Map(toRead.map(({ path, sizeBytes }) => [path, sizeBytes]));
    this.#bytes = toRead.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    this.#context = context;
    this.#startedAt = context.now();
    this.#tell();
  }

  advance(result: IndexTaskResult): void {
    this.#filesDone += result.files.length;
    for (const { path } of result.files) this.#bytesDone += this.#files.get(path) ?? 0;
    this.#chunks += result.chunks.count;
    this.#tell();
  }

  #tell(): void {
    const seconds = (this.#context.now() - this.#startedAt) / 1000;
    const left = Math.max(0, this.#bytes - this.#bytesDone);
    this.#context.onProgress({
      phase: 'indexing',
      filesDone: this.#filesDone,
      filesTotal: this.#files.size,
      chunksDone: this.#chunks,
      ...(this.#bytesDone === 0 ? {} : { etaSeconds: Math.round((seconds / this.#bytesDone) * left) }),
    });
  }
}
