/** Decides which uses of another word are uses of a name, because their file imports it under that word. */
import type { Import, Reference } from './facts.ts';
import { receiverOn } from './line-context.ts';
import type { SymbolStore } from './store.ts';

/** By path: the words under which a file knows names, and those names. */
export type RenamedWords = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The words of files; only those for `wanted` where that is given. */
export function renamedWords(imports: readonly Import[], wanted?: ReadonlySet<string>): RenamedWords {
  const words = new Map<string, Map<string, string>>();
  for (const { path, renames = [] } of imports) {
    for (const { name, as } of renames) {
      if (name === '' || wanted?.has(name) === false) continue;
      const known = words.get(path) ?? new Map<string, string>();
      words.set(path, known.set(as, name));
    }
  }
  return words;
}

/** What files call the names that they import under another word, `references` being the uses of the names. */
export async function wordsFor(
  store: SymbolStore,
  names: readonly string[],
  references: readonly Reference[],
): Promise<RenamedWords> {
  const importing = references.filter(({ kind }) => kind === 'import').map(({ path }) => path);
  if (importing.length === 0) return new Map();
  return renamedWords(await store.importsIn([...new Set(importing)]), new Set(names));
}

/** The recorded uses by such words, under the names that they stand for. */
export async function usesByWords(store: SymbolStore, words: RenamedWords): Promise<Reference[]> {
  const all = new Set([...words.values()].flatMap((known) => [...known.keys()]));
  if (all.size === 0) return [];
  return (await store.referencesTo([...all])).flatMap((one) => {
    const name = words.get(one.path)?.get(one.name);
    return name === undefined || one.kind === 'import' ? [] : [{ ...one, name, word: one.name }];
  });
}

/**
 * The uses of files under the names that their words stand for. A word on something (`task.run` beside
 * `import { start as run }`) is no such word.
 * @param lines of the files, by path
 */
export function underTheirNames(
  references: readonly Reference[],
  words: RenamedWords,
  lines: ReadonlyMap<string, readonly string[]>,
): Reference[] {
  if (words.size === 0) return [...references];
  return references.flatMap((one): Reference[] => {
    const name = one.kind === 'import' ? undefined : words.get(one.path)?.get(one.name);
    if (name === undefined) return [one];
    const isAlone = ({ line }: Reference['sites'][number]): boolean => {
      const text = lines.get(one.path)?.[line - 1];
      return text === undefined || receiverOn(text, one.name, one.kind === 'call', one.language).on === 'none';
    };
    const alone = one.sites.filter(isAlone);
    const others = one.sites.filter((site) => !alone.includes(site));
    return [
      ...(alone.length > 0 ? [{ ...one, name, word: one.name, sites: alone }] : []),
      ...(others.length > 0 ? [{ ...one, sites: others }] : []),
    ];
  });
}
