/** Decides what a file's imports tell of the names in it: which files they reach, and which words they bind. */
import { posix } from 'node:path';
import { flatMapInTurns, type Turns } from '../turns.ts';
import type { Definition, Import } from './facts.ts';
import { familyOf } from './families.ts';
import { directoryOf, type GoModule, ImportReach, type Reach } from './import-reach.ts';
import { goModuleOf } from './origin.ts';
import type { SymbolStore } from './store.ts';

export type FileImports = {
  /** How surely the file imports what another one defines. */
  reach(path: string): Reach;
  /** The same of one import. */
  reachOf(one: Import, path: string): Reach;
  /** Words that stand for something imported, and by which import. */
  bound: ReadonlyMap<string, Import>;
  /** The import that takes a name, under whichever word: the last one that begins at the line or before it. */
  taking(name: string, line: number): Import | undefined;
};

export const noImports: FileImports = {
  reach: () => 0,
  reachOf: () => 0,
  bound: new Map(),
  taking: () => undefined,
};

/** What a file's imports say about the files that `targets` knows. */
export function fileImports(imports: readonly Import[], targets: ImportReach): FileImports {
  const reached = new Map(imports.map((one) => [one, targets.of(one)]));
  const strongest = new Map<string, Reach>();
  for (const paths of reached.values())
    for (const [path, reach] of paths) if (reach > (strongest.get(path) ?? 0)) strongest.set(path, reach);
  return {
    reach: (path) => strongest.get(path) ?? 0,
    reachOf: (one, path) => reached.get(one)?.get(path) ?? 0,
    bound: boundWords(imports),
    taking: (name, line) => {
      const before = imports.filter((one) => one.line <= line && one.names.includes(name));
      return before.reduce<Import | undefined>((last, one) => (one.line >= (last?.line ?? 0) ? one : last), undefined);
    },
  };
}

/** What the imports of each file say about the files that hold `definitions`. */
export async function importsOfFiles(
  store: SymbolStore,
  paths: readonly string[],
  definitions: readonly Definition[],
  turns: Turns,
): Promise<Map<string, FileImports>> {
  const targets = definitions.map(({ path }) => path);
  const reach = new ImportReach(targets, await goModulesOf(store, definitions));
  const lists = Map.groupBy(await store.importsIn(paths), ({ path }) => path);
  return new Map(await flatMapInTurns(lists, turns, ([path, list]) => [[path, fileImports(list, reach)] as const]));
}

/** The Go modules whose root directory holds one of the definitions: what imports call a root, only go.mod tells. */
async function goModulesOf(store: SymbolStore, definitions: readonly Definition[]): Promise<GoModule[]> {
  const go = definitions.filter(({ language }) => language === 'go');
  const files = new Set(go.map(({ path }) => posix.join(posix.dirname(path), 'go.mod')));
  const known = [...files].filter((path) => store.file(path) !== undefined);
  return known.length === 0 ? [] : goModulesIn(await store.texts(known));
}

/** The modules that texts of go.mod files, by path, declare. */
export function goModulesIn(texts: ReadonlyMap<string, string>): GoModule[] {
  return [...texts].flatMap(([path, text]) => {
    const module = /(?:^|\/)go\.mod$/.test(path) ? goModuleOf(text) : undefined;
    return module === undefined ? [] : [{ module, directory: directoryOf(path) }];
  });
}

/** Words by which code uses what was imported: the names taken, else the last part of the module. */
export function boundWords(imports: readonly Import[]): Map<string, Import> {
  const bound = new Map<string, Import>();
  for (const one of imports) for (const word of wordsOf(one)) if (!bound.has(word)) bound.set(word, one);
  return bound;
}

function wordsOf({ module, names, renames = [], language }: Import): readonly string[] {
  if (names.length + renames.length > 0) {
    const words = [...names];
    for (const { name, as } of renames) {
      // What is called otherwise is known by that word only.
      if (words.includes(name)) words.splice(words.indexOf(name), 1);
      words.push(as);
    }
    return words;
  }
  // An include brings in everything under its own name.
  if (familyOf(language) === 'c') return [];
  const segments = module.split(/[./\\:]+/).filter((part) => part !== '');
  const last = segments.at(-1) ?? '';
  // `(await import('./store.js')).get` names the module itself.
  if (familyOf(language) === 'js') return [module, last];
  // `gopkg.in/yaml.v3` is yaml, `example.com/lib/v2` is lib.
  return /^v\d+$/.test(last) ? [last, segments.at(-2) ?? last] : [last];
}
