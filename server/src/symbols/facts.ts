/** Decides what is known of symbols once they are read from an index: plain values, paths relative to their codebase. */
import type { ReferenceKind, Rename, SymbolKind } from '../syntax/types.ts';

/** A definition. Lines are 1-based, both ends included. `ordinal` is its place among its file's definitions. */
export type Definition = {
  codebase: string;
  path: string;
  language: string;
  name: string;
  kind: SymbolKind;
  /** The containers from the outermost to the innermost, joined by dots; '' at the outer level. */
  parent: string;
  ordinal: number;
  startLine: number;
  endLine: number;
  nameLine: number;
  /** Undefined where the language does not say. */
  exported: boolean | undefined;
  /** First sentence of the doc comment, and the line it starts on; '' and 0 without one. */
  doc: string;
  docLine: number;
  signature: string;
  /** Decision points + 1; 0 where it is not counted. */
  complexity: number;
};

/** One use of a name: its line, and the ordinal of the innermost definition around it, -1 at the outer level. */
export type UseSite = { line: number; enclosing: number };

/** All uses of one name of one kind in one file; `word` is how the file calls it, where it imports it under another. */
export type Reference = {
  codebase: string;
  path: string;
  language: string;
  name: string;
  word?: string;
  kind: ReferenceKind;
  sites: readonly UseSite[];
};

/** One import as the file writes it; `names` is empty where the whole module is taken. */
export type Import = {
  codebase: string;
  path: string;
  language: string;
  module: string;
  names: readonly string[];
  renames?: readonly Rename[];
  line: number;
};

/** `Store.get`: the containers and the name. */
export function qualifiedName({ parent, name }: Pick<Definition, 'parent' | 'name'>): string {
  return parent === '' ? name : `${parent}.${name}`;
}

/** Reads `line@ordinal` pairs joined by spaces; what is no such pair is left out. */
export function parseSites(uses: string): UseSite[] {
  const sites: UseSite[] = [];
  for (const pair of uses.split(' ')) {
    const at = pair.indexOf('@');
    const line = Number(pair.slice(0, at));
    const enclosing = Number(pair.slice(at + 1));
    if (at > 0 && Number.isInteger(line) && Number.isInteger(enclosing)) sites.push({ line, enclosing });
  }
  return sites;
}

/** Reads `name=word` pairs joined by spaces. */
export function parseRenames(text: string): readonly Rename[] {
  return text.split(' ').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at < 0 ? [] : [{ name: pair.slice(0, at), as: pair.slice(at + 1) }];
  });
}

/** Kinds that are no code: outlines and find_symbol know them, calls and doc comments are nothing to them. */
export const dataKinds: ReadonlySet<SymbolKind> = new Set(['heading', 'key', 'section', 'selector', 'element']);

/** Kinds that can be called or built. */
export const callableKinds: ReadonlySet<SymbolKind> = new Set([
  'function',
  'method',
  'class',
  'struct',
  'macro',
  'type',
  'enum',
  'member',
  'test',
]);

/** Kinds whose functions are methods of it. */
export const typeKinds: ReadonlySet<SymbolKind> = new Set(['class', 'struct', 'interface', 'trait', 'enum', 'type']);
