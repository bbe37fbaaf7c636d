/** Decides what a caller who writes a symbol's name means: `name`, `Parent.name`, `Parent::name`, `package.Name`. */
import type { Definition } from './facts.ts';
import { familyOf } from './families.ts';

/** A name as written, taken apart. `qualifiers` are what stands before the name, outermost first. */
export type SymbolName = { whole: string; name: string; qualifiers: readonly string[] };

const separators = /::|->|\.|#|\\|\//;

/** Takes a written name apart. Call brackets and type arguments are dropped: `Store<T>.get()` is `Store.get`. */
export function parseSymbolName(text: string): SymbolName {
  const whole = text.trim();
  let plain = whole.replace(/\(.*\)\s*;?$/s, '');
  if (!/^operator\W/.test(plain))
    for (let i = 0; i < 4 && plain.includes('>'); i++) plain = plain.replace(/<[^<>]*>/g, '');
  const parts = plain
    .replace(/^[*&]+/, '')
    .split(separators)
    .map((part) => part.replace(/^[(*&\s]+|[)\s]+$/g, ''))
    .filter((part) => part !== '');
  const name = parts.pop() ?? whole;
  return { whole, name, qualifiers: parts };
}

/** Names under which definitions that may be meant are stored: the last part, and the whole where a name holds such signs itself. */
export function storedNames({ whole, name }: SymbolName): string[] {
  return [...new Set([name, whole])];
}

/**
 * How well a definition fits the qualifiers: 4 they are its containers, 3 some are its package, file or directory
 * (`store.New`), 2 and 1 the same in another case or with `-` for `_`, 0 not at all. Without qualifiers every definition fits.
 */
export function qualifierFit({ qualifiers, whole }: SymbolName, definition: Definition): number {
  if (qualifiers.length === 0 || definition.name === whole) return 4;
  const containers = definition.parent === '' ? [] : definition.parent.split('.');
  const places = placeNames(definition);
  const exact = levelOf(qualifiers, containers, places);
  if (exact > 0) return exact + 2;
  // The crate `grep_searcher` is in the directory `grep-searcher`.
  const plain = (names: readonly string[]) => names.map((name) => name.toLowerCase().replaceAll('-', '_'));
  return levelOf(plain(qualifiers), plain(containers), plain(places));
}

/** 2: all are containers; 1: the outer ones are places; 0: neither. */
function levelOf(qualifiers: readonly string[], containers: readonly string[], places: readonly string[]): number {
  let at = qualifiers.length;
  for (let inner = containers.length; at > 0 && inner > 0 && qualifiers[at - 1] === containers[inner - 1]; inner--)
    at--;
  if (at === 0) return 2;
  return qualifiers.slice(0, at).every((qualifier) => places.includes(qualifier)) ? 1 : 0;
}

/** Those that fit the qualifiers best: `Kubelet.run` is the method of Kubelet, not everything below `kubelet`. */
export function bestFitting(definitions: readonly Definition[], wanted: SymbolName): Definition[] {
  const fits = definitions.map((one) => qualifierFit(wanted, one));
  const best = Math.max(1, ...fits);
  return definitions.filter((_, index) => fits[index] === best);
}

/** Names by which code calls the place of a definition: its directories, its file, its codebase. */
function placeNames({ path, language, codebase }: Definition): string[] {
  const segments = path.split('/');
  const file = segments.pop() ?? '';
  // A Go file's name is no part of any name.
  const own = familyOf(language) === 'go' ? [] : [file.replace(/\.[^.]*$/, ''), file];
  return [...segments, ...own, codebase];
}
