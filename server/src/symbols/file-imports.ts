/** Decides what a file's imports tell of the names in it: which files they reach, and which words they bind. */
import { flatMapInTurns, type Turns } from '../turns.ts';
import type { Definition, Import } from './facts.ts';
import { familyOf } from './families.ts';
import { ImportReach, type Reach } from './import-reach.ts';
import type { SymbolStore } from './store.ts';

export type FileImports = {
  /** How surely the file imports what another one defines. */
  reach(path: string): Reach;
  /** The same of one import. */
  reachOf(one: Import, path: string): Reach;
  /** Words that stand for something imported, and by which import. */
  bound: ReadonlyMap<string, Import>;
};

export const noImports: FileImports = { reach: () => 0, reachOf: () => 0, bound: new Map() };

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
  };
}

/** What the imports of each file say about the files that hold `definitions`. */
export async function importsOfFiles(
  store: SymbolStore,
  paths: readonly string[],
  definitions: readonly Definition[],
  turns: Turns,
): Promise<Map<string, FileImports>> {
  const reach = new ImportReach(definitions.map(({ path }) => path));
  const lists = Map.groupBy(await store.importsIn(paths), ({ path }) => path);
  return new Map(await flatMapInTurns(lists, turns, ([path, list]) => [[path, fileImports(list, reach)] as const]));
}

/** Words by which code uses what was imported: the names taken, else the last part of the module. */
export function boundWords(imports: readonly Import[]): Map<string, Import> {
  const bound = new Map<string, Import>();
  for (const one of imports) for (const word of wordsOf(one)) if (!bound.has(word)) bound.set(word, one);
  return bound;
}

function wordsOf({ module, names, language }: Import): readonly string[] {
  if (names.length > 0) return names;
  // An include brings in everything under its own name.
  if (familyOf(language) === 'c') return [];
  const segments = module.split(/[./\\:]+/).filter((part) => part !== '');
  const last = segments.at(-1) ?? '';
  // `gopkg.in/yaml.v3` is yaml, `example.com/lib/v2` is lib.
  return /^v\d+$/.test(last) ? [last, segments.at(-2) ?? last] : [last];
}
