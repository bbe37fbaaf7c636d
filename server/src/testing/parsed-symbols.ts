/** Decides what tests of symbols read: files that the real parser has read, held in memory. */
import type { Definition, Import, Reference } from '../symbols/facts.ts';
import type { FindFiles } from '../symbols/mentions.ts';
import type { SymbolStore } from '../symbols/store.ts';
import { parseFile } from '../syntax/parser.ts';
import type { SymbolReference, Syntax } from '../syntax/types.ts';

type Parsed = { definitions: Definition[]; references: Reference[]; imports: Import[]; syntax: Syntax };

/** A store over the given texts, as the index would have them. */
export async function parsedSymbolStore(
  codebase: string,
  files: Readonly<Record<string, string>>,
): Promise<SymbolStore> {
  const parsed = new Map<string, Parsed>();
  for (const [path, text] of Object.entries(files))
    parsed.set(path, parsedFile(codebase, path, await parseFile(path, text)));
  const all = [...parsed.values()];
  const pick = <T>(paths: readonly string[], list: (file: Parsed) => readonly T[]): T[] =>
    [...new Set(paths)].flatMap((path) => parsed.get(path) ?? []).flatMap(list);
  const definitions = all.flatMap((file) => file.definitions);
  const references = all.flatMap((file) => file.references);
  return {
    codebase,
    version: '1',
    file: (path) => {
      const language = parsed.get(path)?.syntax.language;
      return language === undefined ? undefined : { language, lines: linesOf(files[path] ?? '').length };
    },
    paths: () => parsed.keys(),
    definitionsNamed: async (names) => definitions.filter(({ name }) => names.includes(name)),
    definitionsLike: async (text, match, limit) => {
      const wanted = text.toLowerCase();
      const fits = {
        exact: (name: string) => name === wanted,
        prefix: (name: string) => name.startsWith(wanted),
        substring: (name: string) => name.includes(wanted),
      }[match];
      return definitions.filter(({ name }) => fits(name.toLowerCase())).slice(0, limit);
    },
    definitionsIn: async (paths) => pick(paths, (file) => file.definitions),
    allDefinitions: async function* () {
      yield definitions;
    },
    definedNames: async function* () {
      yield definitions.map(({ name }) => name);
    },
    referencesTo: async (names) => references.filter(({ name }) => names.includes(name)),
    referencesIn: async (paths) => pick(paths, (file) => file.references),
    importsIn: async (paths) => pick(paths, (file) => file.imports),
    texts: async (paths) =>
      new Map(paths.flatMap((path) => (files[path] === undefined ? [] : [[path, files[path]] as const]))),
    syntaxProblem: async (path) => parsed.get(path)?.syntax.problem ?? '',
  };
}

/** Finds names in the given texts, by codebase. */
export function findFilesIn(codebases: Readonly<Record<string, Readonly<Record<string, string>>>>): FindFiles {
  return async (codebase, name) =>
    Object.entries(codebases[codebase] ?? {}).flatMap(([path, text]) => (text.includes(name) ? [path] : []));
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

function parsedFile(codebase: string, path: string, syntax: Syntax): Parsed {
  const { language } = syntax;
  const at = { codebase, path, language };
  const definitions = syntax.symbols.map(
    (symbol, ordinal): Definition => ({
      ...at,
      name: symbol.name,
      kind: symbol.kind,
      parent: symbol.parent ?? '',
      ordinal,
      startLine: symbol.startLine,
      endLine: symbol.endLine,
      nameLine: symbol.nameLine,
      exported: symbol.exported,
      doc: symbol.docComment?.sentence ?? '',
      docLine: symbol.docComment?.startLine ?? 0,
      signature: symbol.signature,
      complexity: symbol.complexity ?? 0,
    }),
  );
  const grouped = Object.values(Object.groupBy(syntax.references, ({ name, kind }) => `${kind} ${name}`));
  const references = grouped.flatMap((list: SymbolReference[] = []): Reference[] => {
    const [first] = list;
    if (first === undefined) return [];
    const sites = list.map(({ line, enclosing }) => ({ line, enclosing: enclosing ?? -1 }));
    return [{ ...at, name: first.name, kind: first.kind, sites }];
  });
  const imports = syntax.imports.map((one): Import => ({ ...at, ...one }));
  return { definitions, references, imports, syntax };
}
