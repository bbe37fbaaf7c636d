/** Decides how a language is described to the walker: node types of its grammar and what each of them means. */
import type { Peek, Span } from '../peek.ts';
import type { Rename, SymbolKind } from '../types.ts';

/** What one import statement takes; `namesEnd`: where its names end, if something else comes behind them. */
export type ParsedImport = { module: string; names: string[]; renames?: readonly Rename[]; namesEnd?: number };

/** Where a name stands, and what it is called if not as it stands there. */
export type NameSpan = Span & { label?: string };

/** Where a definition's name stands; several spans make several definitions. */
export type NameFinder = (peek: Peek) => NameSpan | NameSpan[] | undefined;

export type DefinitionRule = {
  /** The kind, or how to tell it; undefined: this node defines nothing. */
  kind: SymbolKind | ((peek: Peek, name: string) => SymbolKind | undefined);
  /** Default: the child with field `name`. */
  name?: string | NameFinder;
  /** The container that the declaration itself names (a Go receiver). */
  parent?: (peek: Peek) => string | undefined;
  /** A container for what is inside, but no symbol of its own (a Rust impl). */
  scopeOnly?: true | ((peek: Peek) => boolean);
  /** The name is taken as written: not cut at `.`, `::` or `#` into container and name. */
  whole?: true;
  /** Each name is a definition of its own line, and none is a container (a list of enum members). */
  flat?: true;
  /** Declares without a body, so that there is no complexity to count. */
  bodiless?: true | ((peek: Peek) => boolean);
};

/** Which part of a call is what is called: a field, or the first child. The name is the identifier it ends in. */
export type CallRule = { field: string } | { first: true } | { find: (peek: Peek) => NameSpan | undefined };

export type LanguageRules = {
  comments: readonly string[];
  definitions: Readonly<Record<string, DefinitionRule>>;
  calls?: Readonly<Record<string, CallRule>>;
  /** Leaves that are a type's name. */
  typeLeaves?: readonly string[];
  /** Nodes whose whole text names types. */
  typeTexts?: readonly string[];
  /** Fields, by node, whose text names types. */
  typeFields?: Readonly<Record<string, readonly string[]>>;
  /** Built-in names that are no reference. */
  ignored?: ReadonlySet<string>;
  /** Nodes that mention a name otherwise (annotations), by field. */
  mentions?: Readonly<Record<string, CallRule>>;
  imports?: Readonly<Record<string, (peek: Peek) => ParsedImport[]>>;
  /** Called names that import the module named by their first string (require). */
  importCalls?: ReadonlySet<string>;
  /** Nodes that add a path through a function; `decisionTokens` are the anonymous ones (`&&`). */
  decisions?: readonly string[];
  decisionTokens?: readonly string[];
  /** Nodes whose children begin lines of their own. The root always is one. */
  blocks: readonly string[];
  /** As `blocks`, but on the level of the node itself (`#ifdef`, a list of imports). */
  flatBlocks?: readonly string[];
  /** Nodes around a definition that belong to it (export, template, decorated definition). */
  wrappers?: readonly string[];
  /** As `wrappers`, when the definition starts on their first line (Go's `type ( … )` holds many). */
  groups?: readonly string[];
  /** Siblings before a definition that belong to it (attributes); the walk does not look inside. */
  attached?: readonly string[];
  /** Whether an `attached` node is one here; default always. */
  isAttached?: (peek: Peek) => boolean;
  /** Nodes that hold nothing of interest. */
  opaque?: readonly string[];
  /** Adjacent definitions of one name are clauses of one definition (Elixir, Haskell). */
  mergeClauses?: true;
  /** Doc text inside a definition (Python's docstring). */
  innerDoc?: (peek: Peek) => Span | undefined;
  /** Whether a comment before a definition documents it; default always. */
  isDoc?: (comment: string, kind: SymbolKind) => boolean;
  /** `head` is the text from the declaration's start to the name. */
  exported?: (head: string, name: string, peek: Peek) => boolean | undefined;
  /** Deepest container level at which symbols are still recorded (data files have too many keys). */
  maxScope?: number;
};

/** The child with the given field names the definition. */
export const named =
  (...path: string[]): NameFinder =>
  (peek) =>
    peek.field(...path);

/** The first child of one of the types names the definition. */
export const namedByType =
  (...types: string[]): NameFinder =>
  (peek) =>
    peek.child(...types);

/** A constant by its spelling, a field inside of a type, else a variable. */
export function valueKind(peek: Peek, name: string): SymbolKind {
  if (isTypeKind(peek.scopeKind)) return /^[A-Z][A-Z0-9_]+$/.test(name) ? 'constant' : 'field';
  return /^[A-Z][A-Z0-9_]*$/.test(name) ? 'constant' : 'variable';
}

const typeKinds: ReadonlySet<SymbolKind | undefined> = new Set([
  'class',
  'struct',
  'interface',
  'trait',
  'enum',
  'type',
]);

/** True for the kinds whose functions are methods. */
export function isTypeKind(kind: SymbolKind | undefined): boolean {
  return typeKinds.has(kind);
}

/** True when one of the words stands in the text. */
export function hasWord(text: string, ...words: string[]): boolean {
  return words.some((word) => new RegExp(`(?:^|[^\\w$])${word}(?![\\w$])`).test(text));
}

/** Strips the quotes of a string literal. */
export function unquoted(text: string): string {
  return text.replace(/^[\s'"`<]+|[\s'"`>;]+$/g, '');
}

/** The names in `a, b as c, {d}`: what is taken, not how it is called here. */
export function listedNames(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.replace(/^[\s{(]*(?:type\s+)?/, '').replace(/\s+(?:as|=>)\s+.*$|[\s})]+$/gs, ''))
    .filter((name) => /^[\p{L}_$@][\w$@.!?]*$/u.test(name));
}

/** The parts of `a, b as c, {d => e}` that are called otherwise here. */
export function renamesIn(text: string): { renames?: Rename[] } {
  const renames = text.split(',').flatMap((part): Rename[] => {
    const match = /^[\s{(]*(?:type\s+)?([\p{L}_$][\w$.]*)\s+(?:as|=>)\s+([\p{L}_$][\w$]*)[\s})]*$/u.exec(part);
    return match === null || match[1] === match[2] ? [] : [{ name: match[1] as string, as: match[2] as string }];
  });
  return withRenames(renames);
}

/** Nothing to carry along where nothing is renamed. */
export function withRenames(renames: Rename[]): { renames?: Rename[] } {
  return renames.length > 0 ? { renames } : {};
}
