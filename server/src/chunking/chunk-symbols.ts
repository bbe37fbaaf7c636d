/** Decides which symbols a chunk defines, and which definition it lies in. */
import type { SymbolDefinition, SymbolKind } from '../syntax/types.ts';
import type { Chunk } from './chunker.ts';

export type ChunkSymbols = {
  /** Distinct names of the code that the chunk defines, in file order. */
  definitions: string[];
  /** Distinct kinds of all symbols that it defines. */
  kinds: SymbolKind[];
  /** Qualified name of the definition that its first line is in the middle of; '' at the outer level. */
  scope: string;
};

/** Kinds whose names people ask for as symbols: fields and the parts of data and prose are found by their words. */
const codeKinds: ReadonlySet<SymbolKind> = new Set([
  'function',
  'method',
  'class',
  'struct',
  'interface',
  'trait',
  'enum',
  'member',
  'type',
  'module',
  'constant',
  'variable',
  'macro',
  'table',
]);
const maxDefinitions = 40;

const startOf = ({ startLine, docComment }: SymbolDefinition) =>
  Math.min(startLine, docComment?.startLine ?? startLine);
const qualified = ({ name, parent }: SymbolDefinition) => (parent === undefined ? name : `${parent}.${name}`);

/** What each chunk, in file order, defines. A name counts for the chunk that holds its line. */
export function symbolsOfChunks(chunks: readonly Chunk[], symbols: readonly SymbolDefinition[]): ChunkSymbols[] {
  const byName = symbols.toSorted((a, b) => a.nameLine - b.nameLine);
  const scopes = scopesOfChunks(chunks, symbols);
  let next = 0;
  return chunks.map((chunk, i) => {
    while ((byName[next]?.nameLine ?? Number.POSITIVE_INFINITY) < chunk.startLine) next++;
    // Pieces of one line share its symbols: there the text decides.
    const shared = chunks[i - 1]?.endLine === chunk.startLine || chunks[i + 1]?.startLine === chunk.endLine;
    const definitions = new Set<string>();
    const kinds = new Set<SymbolKind>();
    for (let at = next; at < byName.length; at++) {
      const { name, kind, nameLine } = byName[at] as SymbolDefinition;
      if (nameLine > chunk.endLine) break;
      if (shared && !chunk.text.includes(name)) continue;
      kinds.add(kind);
      if (codeKinds.has(kind) && definitions.size < maxDefinitions && !name.includes(' ')) definitions.add(name);
    }
    return { definitions: [...definitions], kinds: [...kinds], scope: scopes[i] ?? '' };
  });
}

/** The innermost definition that starts before each chunk and does not end before it. */
function scopesOfChunks(chunks: readonly Chunk[], symbols: readonly SymbolDefinition[]): string[] {
  const starts = symbols.toSorted((a, b) => startOf(a) - startOf(b) || b.endLine - a.endLine);
  const open: SymbolDefinition[] = [];
  const closeBefore = (line: number) => {
    while (open.length > 0 && (open.at(-1)?.endLine ?? 0) < line) open.pop();
  };
  let next = 0;
  return chunks.map(({ startLine }) => {
    for (let symbol = starts[next]; symbol !== undefined && startOf(symbol) < startLine; symbol = starts[++next]) {
      closeBefore(startOf(symbol));
      open.push(symbol);
    }
    closeBefore(startLine);
    const innermost = open.at(-1);
    return innermost === undefined ? '' : qualified(innermost);
  });
}
