/** Decides what may be asked about a codebase as a whole, and what the answers are; the tools know no more of analysis than this. */

/** Which files take part; empty lists mean all. Globs as elsewhere: `!` in front takes away. */
export type AnalysisScope = { codebase: string; pathGlobs: string[]; languages: string[] };

/** What answers are made from: the published version, and how long it took. */
export type Provenance = { version: string; tookMs: number };

export type FileFacts = {
  path: string;
  language: string;
  sizeBytes: number;
  lines: number;
  codeLines: number;
  commentLines: number;
  blankLines: number;
};

/** Files by path. */
export type FilesAnswer = Provenance & { files: FileFacts[] };

/** Where a module comes from. `unresolved`: the rules of its language do not tell. */
export const moduleOrigins = ['internal', 'standard_library', 'third_party', 'unresolved'] as const;
export type ModuleOrigin = (typeof moduleOrigins)[number];

/** A module, or the package that it belongs to, and how often files take it in. */
export type ModuleUse = { name: string; language: string; imports: number; files: number };
/** A dependency that a manifest declares. */
export type DeclaredDependency = {
  name: string;
  version: string;
  manifest: string;
  ecosystem: string;
  /** Only for building or testing. */
  isDevelopment: boolean;
  /** Files that import it; absent where imports do not tell, as names differ from packages. */
  files?: number;
};
export type FileImports = { path: string; language: string } & Record<ModuleOrigin, string[]>;

export type DependencyAnswer = Provenance & {
  totals: Record<ModuleOrigin, { imports: number; modules: number }>;
  byLanguage: ({ language: string; files: number } & Record<ModuleOrigin, number>)[];
  /** Most used first: packages for third parties, modules for the rest. */
  used: Record<ModuleOrigin, ModuleUse[]>;
  declared: DeclaredDependency[];
  files: FileImports[];
};

export type DuplicatesRequest = AnalysisScope & {
  /** 0.5 to 1. */
  minSimilarity: number;
  minLines: number;
  includeTests: boolean;
};
export type DuplicateGroup = {
  /** Lowest of the pairs that were compared, 0 to 1. */
  similarity: number;
  lines: number;
  occurrences: { path: string; startLine: number; endLine: number; symbols: string[] }[];
};
export type DuplicatesAnswer = Provenance & {
  groups: DuplicateGroup[];
  /** Of all, those left out of `groups` for its size included. */
  totalGroups: number;
  filesCompared: number;
  /** Distinct lines that are part of a group, and lines of all files compared. */
  duplicatedLines: number;
  comparedLines: number;
  /** False: a bound was reached before everything was compared. */
  complete: boolean;
};

export type RelatedRequest = {
  /** `codebase/path`, or a path of the one codebase named. */
  path: string;
  codebase?: string;
  /** Line of the code in question; the file's first chunk without it and without `symbol`. */
  line?: number;
  symbol?: string;
  limit: number;
  /** Searches all codebases, not only the one of the file. */
  everywhere: boolean;
  /** Which codebases `everywhere` means; all when left out. */
  among?: readonly string[];
};
export type RelatedPassage = {
  codebase: string;
  path: string;
  startLine: number;
  endLine: number;
  language: string;
  score: number;
  text: string;
};
export type RelatedAnswer = Provenance & {
  subject: { codebase: string; path: string; startLine: number; endLine: number; symbols: string[] };
  passages: RelatedPassage[];
  /** Files of the tests of this file, or what a test is of, by their names. */
  counterparts: string[];
  /** Files that import this one, and files of the codebase that it imports, where paths tell. */
  importedBy: string[];
  imports: string[];
};

export const improvementKinds = [
  'todo',
  'undocumented',
  'long_file',
  'complex_function',
  'long_function',
  'duplicate_code',
] as const;
export type ImprovementKind = (typeof improvementKinds)[number];
export const priorities = ['high', 'medium', 'low'] as const;
export type Priority = (typeof priorities)[number];

export type Improvement = {
  kind: ImprovementKind;
  priority: Priority;
  path: string;
  line: number;
  endLine?: number;
  symbol?: string;
  /** What it is, and what to do. */
  message: string;
};
export type ImprovementsRequest = AnalysisScope & {
  includeTests: boolean;
  /** Runs the search for duplicates too. */
  includeDuplicates: boolean;
  maxFileLines: number;
  maxComplexity: number;
  maxFunctionLines: number;
};
export type ImprovementsAnswer = Provenance & {
  files: number;
  functions: number;
  /** Definitions that other files can use, and how many of them have a doc comment. */
  exported: number;
  documented: number;
  counts: Record<ImprovementKind, number>;
  /** High priority first. */
  improvements: Improvement[];
};

/** Questions whose answers take an analysis of the whole codebase. */
export type HeavyRequests = {
  dependencies: AnalysisScope;
  duplicates: DuplicatesRequest;
  improvements: ImprovementsRequest;
};

/**
 * Questions about whole codebases, over the published versions; heavy ones run in a thread of their own. All reject with
 * `CodeSageError`: `UnknownCodebase`, `NotIndexedYet`, `IndexCorrupted`, `FileNotFound`, `InvalidArgument`, `Cancelled`.
 */
export type CodeAnalysis = {
  files(scope: AnalysisScope, signal?: AbortSignal): Promise<FilesAnswer>;
  dependencies(scope: AnalysisScope, signal?: AbortSignal): Promise<DependencyAnswer>;
  duplicates(request: DuplicatesRequest, signal?: AbortSignal): Promise<DuplicatesAnswer>;
  related(request: RelatedRequest, signal?: AbortSignal): Promise<RelatedAnswer>;
  improvements(request: ImprovementsRequest, signal?: AbortSignal): Promise<ImprovementsAnswer>;
  /** Whether the answer is kept from before, or being worked out for somebody else, and so costs next to nothing. */
  isAtHand<K extends keyof HeavyRequests>(kind: K, request: HeavyRequests[K]): Promise<boolean>;
};
