/** Decides what the indexing threads are asked and what they answer; only typed arrays and plain values cross. */

import type { MessagePort } from 'node:worker_threads';
import type { VectorTable } from '../cache/shared-vectors.ts';
import type { StaticModelData } from '../embedding/static-embedder.ts';
import type { SkipReason } from '../sources/file-rules.ts';
import type { ScanRules, ScanSpan } from '../sources/scan.ts';
import type { SyntaxProblem } from '../syntax/types.ts';
import type { ThreadProblem } from './suspects.ts';
import type { TextColumn } from './text-column.ts';

/** What every thread starts with; without a model chunks get no vectors. */
export type WorkerSettings = { model: StaticModelData | undefined; dimensions: number };

export type ScanTask = { root: string; rules: ScanRules };
export type ScanPartTask = ScanTask & { span: ScanSpan };

export type FileToRead = {
  path: string;
  sizeBytes: number;
  mtimeMs: number;
  /** Content hash in the index, when the file is there already. */
  knownHash?: string;
  /** Set after it did this to a thread: its syntax is not read, or, with `leaveOut`, it is not read at all. */
  care?: { problem: ThreadProblem; leaveOut: boolean };
};

export type IndexTask = {
  root: string;
  files: FileToRead[];
  chunkLimit: number;
  maxFileSizeBytes: number;
  /** The embedding cache that all threads share; none where it is off. */
  vectorTable: VectorTable | undefined;
  /** Cached vectors stored before this time (milliseconds since the epoch) are made anew. */
  oldestVectorMs: number;
  /** False: every chunk is embedded, whatever the cache has. */
  useCache: boolean;
  /** For a model in a thread of its own: the way to it, for this task alone. */
  embedPort?: MessagePort;
  /** The thread's signs of life, see heartbeat.ts. */
  heartbeat: Int32Array<SharedArrayBuffer>;
};

export type ReadFile = {
  path: string;
  /** `gone`: it vanished since the scan. `same`: its content is what the index has. */
  outcome: 'indexed' | 'skipped' | 'same' | 'gone';
  reason?: SkipReason;
  hash: string;
  language: string;
  sizeBytes: number;
  mtimeMs: number;
  readAtMs: number;
  lines: number;
  codeLines: number;
  commentLines: number;
  blankLines: number;
  chunks: number;
  /** Why it has no symbols; '' where nothing was in the way. */
  syntaxProblem: SyntaxProblem | '';
};

/** What is large of the files with outcome `indexed` or `skipped`, in their order. */
export type FileColumns = {
  /** Mean vector of each file's chunks plus the vector of its summary. */
  vectors: Float32Array;
  /** Empty for skipped files. */
  text: TextColumn;
};

/** Chunks of the files with outcome `indexed`, in their order. */
export type ChunkColumns = {
  count: number;
  path: TextColumn;
  language: TextColumn;
  startLine: Int32Array;
  endLine: Int32Array;
  definitions: TextColumn;
  kinds: TextColumn;
  scope: TextColumn;
  text: TextColumn;
  words: TextColumn;
  vectors: Float32Array;
};

/** Rows of the `symbols` table for the files with outcome `indexed`. */
export type SymbolColumns = {
  count: number;
  path: TextColumn;
  language: TextColumn;
  role: TextColumn;
  name: TextColumn;
  kind: TextColumn;
  parent: TextColumn;
  ordinal: Int32Array;
  line: Int32Array;
  endLine: Int32Array;
  nameLine: Int32Array;
  exported: Int32Array;
  doc: TextColumn;
  docLine: Int32Array;
  signature: TextColumn;
  complexity: Int32Array;
  uses: TextColumn;
};

export type IndexTaskResult = {
  files: ReadFile[];
  fileColumns: FileColumns;
  chunks: ChunkColumns;
  symbols: SymbolColumns;
  embedded: number;
  /** Lookups of the embedding cache, and the entries that had to go for new ones. */
  cache: { hits: number; misses: number; evictions: number };
};
