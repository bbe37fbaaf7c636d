/** Decides which definitions want a doc comment and have none. */
import type { SymbolKind } from '../syntax/types.ts';
import type { Definition } from './facts.ts';
import { familyOf } from './families.ts';

/** Kinds that people document. Values and fields mostly speak for themselves. */
const documentable: ReadonlySet<SymbolKind> = new Set([
  'function',
  'method',
  'class',
  'struct',
  'interface',
  'trait',
  'enum',
  'type',
]);

/** Definitions that the type's own comment speaks for, by name. */
const spokenFor = new Set(['constructor', '__init__', '__new__', '__construct', 'init', 'deinit']);

/** What was looked at, and what of it has no doc comment. */
export type Documentation = { considered: number; missing: Definition[] };

/** Judges the definitions of one file, which must be all of them and in file order. */
export function undocumentedIn(definitions: readonly Definition[]): Documentation {
  const wanted = definitions.filter((one) => documentable.has(one.kind) && !isLocal(one, definitions));
  // One comment serves all overloads, and a declaration's serves its definition.
  const documented = new Set(wanted.filter(({ docLine }) => docLine > 0).map(nameKey));
  const missing = wanted.filter((one) => !documented.has(nameKey(one)) && !isSpokenFor(one, wanted));
  return { considered: wanted.length, missing };
}

function nameKey({ parent, name }: Definition): string {
  return `${parent}\n${name}`;
}

/** A helper inside of a function is nobody's interface. */
function isLocal(inner: Definition, definitions: readonly Definition[]): boolean {
  for (let at = inner.ordinal - 1; at >= 0 && inner.parent !== ''; at--) {
    const outer = definitions[at];
    if (outer === undefined || outer.endLine < inner.startLine) continue;
    const isFunction = outer.kind === 'function' || outer.kind === 'method' || outer.kind === 'test';
    if (isFunction && outer.endLine >= inner.endLine && outer.startLine <= inner.startLine) return true;
    if (outer.parent === '') return false;
  }
  return false;
}

/** A constructor is documented with its type. */
function isSpokenFor({ name, parent }: Definition, wanted: readonly Definition[]): boolean {
  const type = parent.split('.').at(-1) ?? '';
  if (!spokenFor.has(name) && (name !== type || type === '')) return false;
  return wanted.some((one) => one.name === type && one.docLine > 0);
}

/** C and C++ document a function where it is declared, mostly in a header. */
export function isDocumentedElsewhere(one: Definition, sameName: readonly Definition[]): boolean {
  return (
    familyOf(one.language) === 'c' &&
    sameName.some(
      (other) =>
        other.docLine > 0 && familyOf(other.language) === 'c' && lastPart(other.parent) === lastPart(one.parent),
    )
  );
}

function lastPart(parent: string): string {
  return parent.split('.').at(-1) ?? '';
}
