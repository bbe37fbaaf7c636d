/** Decides which definitions want a doc comment and have none. */
import type { SymbolKind } from '../syntax/types.ts';
import { type Definition, qualifiedName } from './facts.ts';
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

/** Constructors, which their types' comments speak for. */
const constructors = new Set(['constructor', '__init__', '__new__', '__construct', 'initialize', 'init', 'deinit']);

/** What was looked at, and what of it has no doc comment. */
export type Documentation = { considered: number; missing: Definition[] };

/** Judges the definitions of one file, which must be all of them and in file order. */
export function undocumentedIn(definitions: readonly Definition[], exportedOnly: boolean): Documentation {
  const byName = new Map(definitions.map((one) => [qualifiedName(one), one]));
  const locals = localsIn(definitions);
  const wanted = definitions.filter(
    (one) =>
      documentable.has(one.kind) &&
      !isConstructor(one) &&
      !isOtherName(one) &&
      !locals.has(one) &&
      // An alias that only its own file knows is no more than a shorter word.
      (isUsableElsewhere(one, byName) || (!exportedOnly && one.kind !== 'type')),
  );
  // One comment serves all overloads, and a declaration's serves its definition.
  const documented = new Set(wanted.filter(({ docLine }) => docLine > 0).map(qualifiedName));
  return { considered: wanted.length, missing: wanted.filter((one) => !documented.has(qualifiedName(one))) };
}

function isConstructor({ name, parent }: Definition): boolean {
  return parent !== '' && (constructors.has(name) || name === parent.split('.').at(-1));
}

/** Ruby's `alias` and `delegate` name what is documented where it is defined. */
function isOtherName({ language, kind, complexity }: Definition): boolean {
  return language === 'ruby' && (kind === 'method' || kind === 'function') && complexity === 0;
}

/** A public method of a private class is as private as the class. */
function isUsableElsewhere(one: Definition, byName: ReadonlyMap<string, Definition>): boolean {
  if (one.exported === false) return false;
  const container = byName.get(one.parent);
  return container === undefined || container === one || isUsableElsewhere(container, byName);
}

/** Helpers inside of functions, which are nobody's interface. In one pass: a file may have many thousand definitions. */
function localsIn(definitions: readonly Definition[]): ReadonlySet<Definition> {
  const locals = new Set<Definition>();
  /** Those before that may not have ended. */
  const open: Definition[] = [];
  for (const inner of definitions) {
    while ((open.at(-1)?.endLine ?? Number.POSITIVE_INFINITY) < inner.startLine) open.pop();
    if (inner.parent !== '' && isInFunction(inner, open)) locals.add(inner);
    open.push(inner);
  }
  return locals;
}

function isInFunction(inner: Definition, before: readonly Definition[]): boolean {
  for (let at = before.length - 1; at >= 0; at--) {
    const outer = before[at] as Definition;
    if (outer.endLine < inner.startLine) continue;
    const isFunction = outer.kind === 'function' || outer.kind === 'method' || outer.kind === 'test';
    if (isFunction && outer.endLine >= inner.endLine && outer.startLine <= inner.startLine) return true;
    if (outer.parent === '') return false;
  }
  return false;
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
