/** Decides what the analysis thread is sent and what it answers: table columns as bytes, one batch after the other. */
import type { MessagePort } from 'node:worker_threads';
import type { Cells } from './cells.ts';
import type { DependencyAnswer, DuplicatesAnswer, Improvement, ImprovementKind } from './port.ts';

/** A column of strings in Arrow's form. */
export type TextCells = { kind: 'text'; bytes: Uint8Array; offsets: Int32Array };
export type IntCells = { kind: 'int'; values: Int32Array };
/** Columns of some rows of one table. */
export type Batch = { part: string; rows: number; columns: Record<string, TextCells | IntCells> };

/** `paths` are all files of the codebase, `wanted` those whose imports are told. */
export type DependenciesJob = { job: 'dependencies'; paths: string[] };
export type DuplicatesJob = { job: 'duplicates'; minSimilarity: number; minLines: number };
export type ImprovementsJob = {
  job: 'improvements';
  maxFileLines: number;
  maxComplexity: number;
  maxFunctionLines: number;
  duplicates?: { minSimilarity: number; minLines: number };
};
export type RelationsJob = { job: 'relations'; path: string; paths: string[] };
export type AnalysisJob = DependenciesJob | DuplicatesJob | ImprovementsJob | RelationsJob;

/** What a thread is started with: batches come over the port, `null` after the last; each is asked for by a message. */
export type AnalysisTask = { job: AnalysisJob; port: MessagePort; wanted: string[] | undefined };

/** What the main thread answers when asked for the next batch. */
export type NextBatch = { batch: Batch } | { end: true };

/** Work of one kind: takes batches in the order of their parts, then answers. */
export type Analyzer<T> = { add(part: string, cells: Cells): void; finish(): T };

type Result<T> = Omit<T, 'version' | 'tookMs'>;
export type DependenciesResult = Result<DependencyAnswer>;
export type DuplicatesResult = Result<DuplicatesAnswer>;
export type ImprovementsResult = {
  files: number;
  functions: number;
  exported: number;
  documented: number;
  counts: Record<ImprovementKind, number>;
  improvements: Improvement[];
};
export type RelationsResult = { imports: string[]; importedBy: string[] };
export type AnalysisResult = {
  relations: RelationsResult;
  dependencies: DependenciesResult;
  duplicates: DuplicatesResult;
  improvements: ImprovementsResult;
};
