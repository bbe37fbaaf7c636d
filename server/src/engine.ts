/**
 * Decides what the index engine offers to the tools, the admin API and the CLI. The tools know this port only;
 * `index/engine.ts` implements it with LanceDB, git and worker threads.
 */
import type { CodeAnalysis } from './analysis/port.ts';
import type { CodebaseStatus, Problem, ServerConfig } from './contract.ts';
import type { CodeHistory } from './history/port.ts';
import type { SymbolIndex } from './symbols/port.ts';

/** A span of lines, 1-based, both ends included. */
export type LineSpan = { startLine: number; endLine: number };

export type SemanticSearchRequest = {
  query: string;
  /** Codebases to search; all when empty. */
  codebases: string[];
  /** Results wanted, 1 to 200. */
  topK: number;
  /** Globs on repository-relative paths; all files when empty. */
  pathGlobs?: string[];
  languages?: string[];
  /** Only passages that define a symbol of one of these kinds; all when empty. */
  kinds?: string[];
  /** What ranks: both searches (the default), or one of them alone, to compare. */
  mode?: SearchMode;
  /** True: passages as the searches of that mode score them, without any other signal, to measure what those are worth. */
  raw?: boolean;
  /** True: each hit tells how its score came about. */
  explain?: boolean;
};

export type SearchMode = 'fused' | 'bm25' | 'vector';

export type SearchHit = LineSpan & {
  codebase: string;
  /** Repository-relative path with forward slashes. */
  path: string;
  language: string;
  /** Higher is better; comparable within one answer only. */
  score: number;
  text: string;
  /** Names that the passage defines. */
  symbols?: string[];
  /** Where `explain` was asked for: the score is the sum of all that is added times the product of all factors. */
  explanation?: ScorePart[];
};

export type ScorePart = { signal: string; adds: number } | { signal: string; multiplies: number };

export type SearchAnswer = {
  hits: SearchHit[];
  /** What was searched: answers that carry the same version were made from the same published index. */
  version: string;
  cached: boolean;
  tookMs: number;
  /** `fused`: by full text and vectors; `bm25`: by full text alone, as asked or for the reason that `notice` tells. */
  ranking: SearchMode;
  /** Why the answer is less than it could be (codebases that were not searched, a lesser ranking), and what to do about it. */
  notice?: string;
  /**
   * Of a cached answer: true as long as the same request would be answered with the same hits from the cache. It counts
   * as a search that was answered so.
   */
  again?: () => boolean;
};

export type ExactSearchRequest = {
  pattern: string;
  /** Codebases to search; all when empty. */
  codebases: string[];
  /** True: `pattern` is a regular expression (Rust syntax, linear time); false: literal text. */
  regex: boolean;
  /** `smart`: capital and small letters differ if the pattern has a capital letter. */
  case: 'sensitive' | 'insensitive' | 'smart';
  /** True: matches start and end at the border of a word. */
  wholeWord?: boolean;
  /** True: a match may go over several lines. */
  multiline?: boolean;
  /** File name extensions, language names or file names; all when empty. */
  fileTypes: string[];
  /** Globs on repository-relative paths; all files when empty. */
  includePatterns?: string[];
  excludePatterns: string[];
  /** `matches`: the places; `files`: the files with the number of matching lines (of matches, if multiline) in each. */
  report?: 'matches' | 'files';
  /** Matches, or files, to leave out at the start: those of the pages before. */
  offset?: number;
  /** Most matches, or files, to return; whether there are more is told by `truncated`. */
  limit: number;
  /** Lines before and after each match, 0 to 100. */
  contextLines: number;
};

export type ExactMatch = {
  codebase: string;
  path: string;
  lineNumber: number;
  /** Last line of a match over several lines. */
  endLine?: number;
  /** Where the match starts in its line, in characters (UTF-16 units), from 1. */
  column: number;
  /** The line or lines of the match; long ones cut around it. */
  lineContent: string;
  before: string[];
  after: string[];
};

export type ExactSearchAnswer = {
  /** In the order of codebase, path and line; empty where files are reported. */
  matches: ExactMatch[];
  /** In the order of codebase and path; empty where matches are reported. */
  files: { codebase: string; path: string; matches: number }[];
  /** Of the whole search, not of this page; present where files are reported. */
  totals?: { files: number; matches: number };
  truncated: boolean;
  /** Which codebases the answer is without, and why, where all were asked for. */
  notice?: string;
  /** The published versions that were searched, as in `SearchAnswer`. */
  version: string;
  tookMs: number;
};

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
  index: {
    sizeBytes: number;
    /** Memory that searched segments take; 0 where LanceDB's own indexes serve. */
    memoryBytes?: number;
    formatVersion: number;
    embedding: string;
    problem?: Problem;
  };
  volume?: { capacityBytes: number; usedBytes: number; usedPercent: number };
  embeddedChunks: number;
};

/**
 * Counters of one cache since start; `size` and `maxSize` are entries. Invalidations dropped what was out of date,
 * evictions what there was no room for.
 */
export type CacheStatistics = {
  hits: number;
  misses: number;
  invalidations: number;
  evictions: number;
  size: number;
  maxSize: number;
  /** What lookups of callers took in all, with the work that a miss asked for; absent before the first. */
  times?: LookupTimes;
};

/** Lookups that were timed, and the milliseconds they took together. */
export type LookupTimes = { hits: number; hitMs: number; misses: number; missMs: number };
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
  /** Waits, some seconds at most, while published indexes are being opened after a start: until then `status` cannot tell what they hold. */
  opened?(signal?: AbortSignal): Promise<void>;
  status(): Promise<EngineStatus>;
  semanticSearch(request: SemanticSearchRequest, signal?: AbortSignal): Promise<SearchAnswer>;
  exactSearch(request: ExactSearchRequest, signal?: AbortSignal): Promise<ExactSearchAnswer>;
  /** Definitions, their uses, call graphs and outlines. */
  symbols: SymbolIndex;
  /** Questions about whole codebases: lines, imports, duplicates, improvements, related code. */
  analysis: CodeAnalysis;
  /** Commits and what they changed, of codebases that come from git. */
  history: CodeHistory;
  /** Text of one file. `path` is `codebase/relative/path`, or a relative path with `codebase` given. Never leaves the codebase, symlinks included; secrets and ignored files are refused with PathNotAllowed. */
  readFile(path: string, codebase?: string): Promise<FileText>;
  /** Syncs and indexes one codebase now and waits for it. `full` embeds everything again. */
  indexCodebase(
    codebase: string,
    options: { full: boolean; signal?: AbortSignal; onProgress?: (progress: IndexProgress) => void },
  ): Promise<IndexOutcome>;
  /** Where another process indexes: rejects with what to do if that one cannot be asked now. */
  canIndex?(): Promise<void>;
  cacheStatistics(): Record<CacheName, CacheStatistics>;
  /** Drops all entries of these caches, saved ones too; resolves with how many. */
  clearCaches(names: readonly CacheName[]): Promise<Record<CacheName, number>>;
  /** Drops entries older than this or than the configured age, saved ones too; resolves with how many. */
  pruneCaches(olderThanMs?: number): Promise<Record<CacheName, number>>;
  /** Bytes of what caches saved on disk. */
  persistedCacheBytes(): Promise<number>;
  /** Shrinks every cache to `fraction` of its entries and slows indexing until called with 1. The memory guard calls it. */
  relieveMemory(fraction: number): void;
  /**
   * Takes over what changed in the configuration and takes effect without a restart: sources, sizes of caches, what asks
   * for indexing. Questions go on meanwhile. Resolves once new codebases are open.
   */
  reconfigure?(config: ServerConfig): Promise<void>;
  /** Tells `listener` of every sync and index run that ends from now on, those in the background included. */
  subscribe?(listener: (event: EngineEvent) => void): void;
};
