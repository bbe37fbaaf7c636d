/**
 * Decides what the index engine offers to the tools, the admin API and the CLI. The tools know this port only;
 * `index/engine.ts` implements it with LanceDB, git and worker threads.
 */
import type { CodebaseStatus, Problem } from './contract.ts';

/** A span of lines, 1-based, both ends included. */
export type LineSpan = { startLine: number; endLine: number };

export type SemanticSearchRequest = {
  query: string;
  /** Codebases to search; all when empty. */
  codebases: string[];
  /** Results wanted, 1 to 100. */
  topK: number;
  /** Globs on repository-relative paths; all files when empty. */
  pathGlobs?: string[];
  languages?: string[];
};

export type SearchHit = LineSpan & {
  codebase: string;
  /** Repository-relative path with forward slashes. */
  path: string;
  language: string;
  /** Higher is better; comparable within one answer only. */
  score: number;
  text: string;
};

export type SearchAnswer = {
  hits: SearchHit[];
  /** What was searched: answers that carry the same version were made from the same published index. */
  version: string;
  cached: boolean;
  tookMs: number;
  /** `fused`: by full text and vectors; `bm25`: by full text alone, for the reason that `notice` tells. */
  ranking: 'fused' | 'bm25';
  /** Why the ranking is less than it could be, and what to do about it. */
  notice?: string;
};

export type ExactSearchRequest = {
  pattern: string;
  codebase: string;
  /** True: `pattern` is a regular expression (Rust syntax, linear time); false: literal text. */
  regex: boolean;
  caseSensitive: boolean;
  /** File name extensions without dot, or language names; all when empty. */
  fileTypes: string[];
  excludePatterns: string[];
  /** Most matches to return; the rest is counted in `truncated`. */
  limit: number;
  contextLines: number;
};

export type ExactMatch = { path: string; lineNumber: number; lineContent: string; before: string[]; after: string[] };
export type ExactSearchAnswer = { matches: ExactMatch[]; truncated: boolean; tookMs: number };

export type FileText = {
  codebase: string;
  path: string;
  language: string;
  text: string;
  totalLines: number;
  sizeBytes: number;
};

export type IndexProgress = {
  codebase: string;
  phase: 'syncing' | 'scanning' | 'indexing' | 'publishing' | 'done';
  filesDone: number;
  filesTotal: number;
  chunksDone: number;
  etaSeconds?: number;
};

export type IndexOutcome = {
  codebase: string;
  /** Files in the published index after the run. */
  files: number;
  filesAdded: number;
  filesChanged: number;
  filesRemoved: number;
  chunks: number;
  chunksEmbedded: number;
  skipped: Record<string, number>;
  revision?: string;
  seconds: number;
};

export type EngineStatus = {
  codebases: CodebaseStatus[];
  index: { sizeBytes: number; formatVersion: number; embedding: string; problem?: Problem };
  volume?: { capacityBytes: number; usedBytes: number; usedPercent: number };
  embeddedChunks: number;
};

/** Counters of one cache since start; `size` and `maxSize` are entries. */
export type CacheStatistics = { hits: number; misses: number; invalidations: number; size: number; maxSize: number };
export type CacheName = 'embedding' | 'search' | 'file';

/** Work that ended, well or not; metrics count these. */
export type EngineEvent =
  | { type: 'indexed'; codebase: string; outcome: 'ok' | 'failed'; seconds: number }
  | { type: 'synced'; codebase: string; outcome: 'ok' | 'failed' };

/**
 * The index engine. Every method rejects with `CodeSageError`; a codebase is named by its configured name or by the
 * directory it is made from. Long work honours `signal`.
 */
export type Engine = {
  /** Opens the index, then syncs and indexes all sources in the background, and again at their intervals. Resolves when the published index (possibly empty) can be searched. */
  start(): Promise<void>;
  /** Stops background work at the next safe point and closes the index. Idempotent. */
  stop(): Promise<void>;
  /** True once the index is open and can be searched, even while it is still empty. Readiness. */
  isServing(): boolean;
  status(): Promise<EngineStatus>;
  semanticSearch(request: SemanticSearchRequest, signal?: AbortSignal): Promise<SearchAnswer>;
  exactSearch(request: ExactSearchRequest, signal?: AbortSignal): Promise<ExactSearchAnswer>;
  /** Text of one file. `path` is `codebase/relative/path`, or a relative path with `codebase` given. Never leaves the codebase, symlinks included; secrets and ignored files are refused with PathNotAllowed. */
  readFile(path: string, codebase?: string): Promise<FileText>;
  /** Syncs and indexes one codebase now and waits for it. `full` embeds everything again. */
  indexCodebase(
    codebase: string,
    options: { full: boolean; signal?: AbortSignal; onProgress?: (progress: IndexProgress) => void },
  ): Promise<IndexOutcome>;
  cacheStatistics(): Record<CacheName, CacheStatistics>;
  /** Shrinks every cache to `fraction` of its entries and slows indexing until called with 1. The memory guard calls it. */
  relieveMemory(fraction: number): void;
  /** Tells `listener` of every sync and index run that ends from now on, those in the background included. */
  subscribe?(listener: (event: EngineEvent) => void): void;
};
