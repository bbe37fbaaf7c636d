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
 * How well a definition fits the qualifiers: 3 all are its containers, 2 they are containers and its package or module
 * (`store.Store.get`), 1 the last one is its file or directory, 0 not at all. Without qualifiers every definition fits.
 */
export function qualifierFit({ qualifiers, whole }: SymbolName, definition: Definition): number {
  if (qualifiers.length === 0 || definition.name === whole) return 3;
  const containers = definition.parent === '' ? [] : definition.parent.split('.');
  let at = qualifiers.length;
  for (let inner = containers.length; at > 0 && inner > 0 && same(qualifiers[at - 1], containers[inner - 1]); inner--)
    at--;
  if (at === 0) return 3;
  const places = placeNames(definition);
  const rest = qualifiers.slice(0, at);
  const placed = rest.every((qualifier) => places.has(qualifier.toLowerCase()));
  if (!placed) return 0;
  return at < qualifiers.length ? 2 : 1;
}

function same(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a.toLowerCase() === b?.toLowerCase();
}

/** Lower-case names by which code calls the place of a definition: its directories, its file, its codebase. */
function placeNames({ path, language, codebase }: Definition): Set<string> {
  const segments = path.toLowerCase().split('/');
  const file = segments.pop() ?? '';
  const names = new Set([...segments, codebase]);
  // A Go file's name is no part of any name.
  if (familyOf(language) !== 'go') names.add(file.replace(/\.[^.]*$/, '')).add(file);
  return names;
}
