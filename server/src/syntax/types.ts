/** Decides what is known of a file's structure: plain data that passes between threads and into the index. */

/** Every kind of symbol. `member` is a case of an enum, `section` a table of TOML or a block of HCL or a build stage. */
export const symbolKinds = [
  'function',
  'method',
  'class',
  'struct',
  'interface',
  'trait',
  'enum',
  'member',
  'type',
  'module',
  'constant',
  'variable',
  'field',
  'macro',
  'test',
  'heading',
  'key',
  'section',
  'table',
  'selector',
  'element',
] as const;

export type SymbolKind = (typeof symbolKinds)[number];

/** Where a doc comment stands (lines 1-based, both ends included) and its first sentence, without comment marks. */
export type DocComment = { startLine: number; endLine: number; sentence: string };

/** A definition. Lines are 1-based, both ends included; decorators and attributes belong to it, its doc comment does not. */
export type SymbolDefinition = {
  name: string;
  kind: SymbolKind;
  startLine: number;
  endLine: number;
  nameLine: number;
  /** The containers from the outermost to the innermost, joined by dots; absent at the outer level. */
  parent?: string;
  docComment?: DocComment;
  /** Whether its own declaration lets other files use it; absent where the language does not say. */
  exported?: boolean;
  /** The line that holds the name, trimmed and capped. */
  signature: string;
  /** Decision points + 1 (McCabe); only on functions and methods that have a body. */
  complexity?: number;
};

export const referenceKinds = ['call', 'type', 'import', 'other'] as const;
export type ReferenceKind = (typeof referenceKinds)[number];

/** A use of a name. `enclosing` is the index in `symbols` of the innermost definition around it. */
export type SymbolReference = { name: string; line: number; kind: ReferenceKind; enclosing?: number };

/** A name that a file imports and calls `as`; `name` is '' where the module itself is called so. */
export type Rename = { name: string; as: string };

/** What a file takes from elsewhere, as it is written there; `names` is empty where the whole module is taken. */
export type ImportReference = { module: string; names: string[]; renames?: readonly Rename[]; line: number };

/** A line at which a chunk may begin well: 0 is the outer level, each enclosing block adds one. A definition's border is where its doc comment starts. */
export type Border = { line: number; depth: number };

/** Why a file has less than its full syntax. `NoGrammar` is no fault: the language has none here. */
export type SyntaxProblem = 'NoGrammar' | 'TooLarge' | 'TimedOut' | 'TooManyNodes' | 'Crashed';

/** All arrays are in file order. With a problem other than none, the arrays are empty. */
export type Syntax = {
  language: string;
  symbols: SymbolDefinition[];
  references: SymbolReference[];
  imports: ImportReference[];
  borders: Border[];
  problem?: SyntaxProblem;
};

/** The syntax of a file of which nothing is known. */
export function emptySyntax(language: string, problem?: SyntaxProblem): Syntax {
  const syntax: Syntax = { language, symbols: [], references: [], imports: [], borders: [] };
  return problem === undefined ? syntax : { ...syntax, problem };
}
