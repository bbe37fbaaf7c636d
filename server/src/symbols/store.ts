/** Decides what the questions about symbols may read of one codebase's published version. */
import type { Definition, Import, Reference } from './facts.ts';

/** How a name that somebody wrote is compared with the names of definitions. */
export type NameMatch = 'exact' | 'prefix' | 'substring';

/** A file of the published version. */
export type StoredFile = { language: string; lines: number };

/** Reads of one published version; all rows come in file order within a file, files in no order. */
export type SymbolStore = {
  codebase: string;
  /** Names the version; equal names mean equal answers. */
  version: string;
  file(path: string): StoredFile | undefined;
  paths(): Iterable<string>;
  definitionsNamed(names: readonly string[]): Promise<Definition[]>;
  /** Definitions whose name fits `text` in any case; no more than `limit` of them. */
  definitionsLike(text: string, match: NameMatch, limit: number): Promise<Definition[]>;
  definitionsIn(paths: readonly string[]): Promise<Definition[]>;
  /** Every definition, in pieces. */
  allDefinitions(): AsyncIterable<Definition[]>;
  /** Names of all definitions, in pieces, with repetitions. */
  definedNames(): AsyncIterable<string[]>;
  referencesTo(names: readonly string[]): Promise<Reference[]>;
  referencesIn(paths: readonly string[]): Promise<Reference[]>;
  importsIn(paths: readonly string[]): Promise<Import[]>;
  /** Texts as they were indexed; a path that is not indexed has none. */
  texts(paths: readonly string[]): Promise<Map<string, string>>;
  /** Why a file has no symbols: a SyntaxProblem, or '' for none. */
  syntaxProblem(path: string): Promise<string>;
};
