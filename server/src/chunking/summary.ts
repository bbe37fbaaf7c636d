/** Decides what speaks for a file as a whole where it is compared with a question: what it defines, and what is said of that. */
import type { SymbolDefinition, SymbolKind } from '../syntax/types.ts';

/** Variables, members and fields are many and say little of what a file is for. Measured: with the first two it gains less. */
const toldKinds: ReadonlySet<SymbolKind> = new Set([
  'function',
  'method',
  'class',
  'struct',
  'interface',
  'trait',
  'enum',
  'type',
  'module',
  'constant',
  'macro',
  'table',
]);
/** UTF-16 units. Beyond, files are tables of names. */
const maxLength = 8000;

/**
 * The distinct names of a file's definitions, then the first sentences of their comments, each on a line; empty for a file
 * without any. Embedded like a chunk it is the file's summary: a file's chunks say how it does a thing, this says which.
 */
export function summaryOf(symbols: readonly SymbolDefinition[]): string {
  const told = symbols.filter(({ kind }) => toldKinds.has(kind));
  const sentences = told.flatMap(({ docComment }) => docComment?.sentence ?? []);
  return [...new Set(told.map(({ name }) => name)), ...sentences].join('\n').slice(0, maxLength);
}
