/** Decides which of several definitions comes first: the one that people most likely mean by the name. */

import { isExamplePath, isTestPath } from '../search/penalties.ts';
import type { SymbolKind } from '../syntax/types.ts';
import { type Definition, dataKinds } from './facts.ts';
import { qualifierFit, type SymbolName } from './symbol-name.ts';

/** What is looked up by name most often comes first. */
const kindOrder: readonly SymbolKind[] = [
  'class',
  'struct',
  'interface',
  'trait',
  'type',
  'enum',
  'function',
  'method',
  'macro',
  'module',
  'table',
  'constant',
  'variable',
  'member',
  'field',
  'test',
];

const kindRank = new Map(kindOrder.map((kind, index) => [kind, index]));

/** Smaller is better, compared part by part. */
function orderOf(definition: Definition, wanted: SymbolName): number[] {
  const { name, path, kind, exported, parent, endLine, startLine, complexity } = definition;
  const matchesWhole = name === wanted.name || name === wanted.whole;
  const matchesAnyCase = name.toLowerCase() === wanted.name.toLowerCase() || name === wanted.whole;
  const isDeclarationOnly = complexity === 0 && endLine === startLine && (kind === 'function' || kind === 'method');
  return [
    matchesWhole ? 0 : matchesAnyCase ? 1 : name.toLowerCase().startsWith(wanted.name.toLowerCase()) ? 2 : 3,
    -qualifierFit(wanted, definition),
    dataKinds.has(kind) ? 1 : 0,
    isTestPath(path) ? 2 : isExamplePath(path) ? 1 : 0,
    matchesAnyCase ? 0 : name.length,
    exported === false ? 1 : 0,
    isDeclarationOnly ? 1 : 0,
    parent === '' ? 0 : 1,
    kindRank.get(kind) ?? kindOrder.length,
    path.split('/').length,
    path.length,
  ];
}

/**
 * Best first: exact case, then the qualifiers, code before data files, sources before examples and tests, exported,
 * with a body, at the outer level, types before functions before values, shallow before deep.
 */
export function sortDefinitions(definitions: readonly Definition[], wanted: SymbolName): Definition[] {
  const keyed = definitions.map((definition) => ({ definition, order: orderOf(definition, wanted) }));
  keyed.sort((a, b) => compareOrders(a.order, b.order) || comparePlaces(a.definition, b.definition));
  return keyed.map(({ definition }) => definition);
}

function compareOrders(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** By codebase, path and line: an order that never depends on how rows are stored. */
export function comparePlaces(
  a: { codebase: string; path: string; startLine: number },
  b: { codebase: string; path: string; startLine: number },
): number {
  return compareText(a.codebase, b.codebase) || compareText(a.path, b.path) || a.startLine - b.startLine;
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
