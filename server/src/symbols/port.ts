/** Decides what may be asked about symbols, and what the answers are; the tools know no more of symbols than this. */
import type { ReferenceKind, SymbolKind } from '../syntax/types.ts';
import type { Definition } from './facts.ts';
import type { Origin } from './origin.ts';
import type { Confidence } from './resolve.ts';
import type { NameMatch } from './store.ts';

export type { Definition } from './facts.ts';
export type { Origin } from './origin.ts';
export type { Confidence } from './resolve.ts';
export type { NameMatch } from './store.ts';

/** Which files take part; empty lists mean all. Globs as elsewhere: `!` in front takes away. */
export type FileScope = { codebases: string[]; pathGlobs: string[]; languages: string[]; includeTests: boolean };

/** `notice` says which codebases the answer is without, and why, where all were asked for. */
export type Incomplete = { notice?: string };

/** Part of a list. */
export type Page = { limit: number; offset: number };

export type FindDefinitionsRequest = FileScope &
  Page & {
    name: string;
    match: NameMatch;
    caseSensitive: boolean;
    kinds: SymbolKind[];
    /** Lines of text wanted with each; 0 is none. */
    bodyLines: number;
  };

export type FoundDefinition = { definition: Definition; text?: string; textTruncated?: boolean };

export type FindDefinitionsAnswer = Incomplete & {
  found: FoundDefinition[];
  /** Of all pages; `more` says that there are even more than were counted. */
  total: number;
  more: boolean;
  /** Existing names like the one asked for, when it has no definition. */
  nearNames: string[];
  /** Some definitions of the name when the scope or `kinds` leave all of them out. */
  leftOut: Definition[];
  tookMs: number;
};

export type FindReferencesRequest = FileScope &
  Page & {
    name: string;
    /** Only uses of the definition in this file (`codebase/path` or a path in the one codebase named), at this line. */
    definitionPath?: string;
    definitionLine?: number;
    kinds: ReferenceKind[];
  };

export type FoundUse = {
  line: number;
  text: string;
  kind: ReferenceKind;
  /** Innermost definition around it. */
  enclosing: Definition | undefined;
  confidence: Confidence;
  /** Index in `definitions` of the one that is meant, where one is likely. */
  definition?: number;
};

export type FoundFile = { codebase: string; path: string; language: string; isTest: boolean; uses: FoundUse[] };

export type FindReferencesAnswer = Incomplete & {
  /** What is meant: with `definitionPath` only that one. Best first; `definitionsTotal` counts all. */
  definitions: Definition[];
  definitionsTotal: number;
  files: FoundFile[];
  totalUses: number;
  totalFiles: number;
  /** Uses that mean another definition of the name. */
  elsewhere: number;
  nearNames: string[];
  tookMs: number;
};

export type TraceRequest = FileScope & {
  name: string;
  definitionPath?: string;
  definitionLine?: number;
  direction: 'callers' | 'callees';
  /** Steps from the symbol, 1 to 5. */
  depth: number;
  /** Most steps in the answer, over all levels. */
  limit: number;
};

/** One step of a trace, in the order of a tree written line by line. */
export type TraceStep = {
  /** 1: calls, or is called by, the symbol itself. */
  depth: number;
  definition: Definition | undefined;
  /** Where the call stands: in the caller's file. */
  codebase: string;
  path: string;
  line: number;
  text: string;
  /** Further calls of the same from the same. */
  moreLines: number[];
  confidence: Confidence;
  /** Definitions that may be meant as well. */
  alternatives: number;
  /** Stands in the tree before, with what follows from it. */
  isRepeated: boolean;
  isTest: boolean;
};

export type TraceAnswer = Incomplete & {
  roots: Definition[];
  rootsTotal: number;
  steps: TraceStep[];
  /** Steps that the limit cut off. */
  truncated: boolean;
  /** Callers: calls by a common name that may mean the symbol, or anything else of that name. */
  unclear: number;
  /** Callees: names called that the codebase does not define, with how often. */
  external: { name: string; count: number }[];
  nearNames: string[];
  tookMs: number;
};

export type FunctionRequest = { path: string; name?: string; line?: number; includeTests: boolean; limit: number };

/** A name that a function uses; `definitions` are what it may mean, best first. */
export type Dependency = {
  name: string;
  kind: 'call' | 'type' | 'other';
  lines: number[];
  origin: Origin;
  /** The module that brings it in, where an import tells. */
  module?: string;
  definitions: Definition[];
  confidence: Confidence;
};

export type FunctionAnswer = {
  definition: Definition;
  /** Other definitions of the name in the file. */
  others: Definition[];
  dependencies: Dependency[];
  imports: { module: string; names: string[]; line: number; origin: Origin }[];
  callers: TraceStep[];
  callersTruncated: boolean;
  tookMs: number;
};

/** A definition of an outline and those inside of it. */
export type OutlineNode = { definition: Definition; children: OutlineNode[] };

export type OutlineAnswer = {
  codebase: string;
  path: string;
  language: string;
  lines: number;
  outline: OutlineNode[];
  imports: { module: string; names: string[]; line: number }[];
  /** Why there are no symbols: a SyntaxProblem, or '' where the file just has none. */
  problem: string;
};

export type UndocumentedRequest = FileScope &
  Page & {
    /** One file, as `codebase/path`; without it all files of the codebases. */
    path?: string;
    /** Leaves out what other files cannot use. */
    exportedOnly: boolean;
  };

export type UndocumentedAnswer = Incomplete & {
  definitions: Definition[];
  total: number;
  /** Definitions that could have a doc comment; `total` of them have none. */
  considered: number;
  /** Files that define anything. */
  files: number;
  /** The one file's problem, as in OutlineAnswer, and its language. */
  problem: string;
  language: string;
};

/**
 * Questions about symbols, over the published versions. All reject with `CodeSageError`: `UnknownCodebase`,
 * `NotIndexedYet`, `IndexCorrupted`, `FileNotFound`, `InvalidArgument`, `Cancelled`.
 */
export type SymbolIndex = {
  findDefinitions(request: FindDefinitionsRequest, signal?: AbortSignal): Promise<FindDefinitionsAnswer>;
  findReferences(request: FindReferencesRequest, signal?: AbortSignal): Promise<FindReferencesAnswer>;
  trace(request: TraceRequest, signal?: AbortSignal): Promise<TraceAnswer>;
  functionDependencies(request: FunctionRequest, signal?: AbortSignal): Promise<FunctionAnswer>;
  outline(path: string, codebase?: string, signal?: AbortSignal): Promise<OutlineAnswer>;
  undocumented(request: UndocumentedRequest, signal?: AbortSignal): Promise<UndocumentedAnswer>;
};
