/** Decides how questions about symbols become queries of the published tables. */
import { setImmediate as pause } from 'node:timers/promises';
import type { Table } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';
import { sqlList, sqlText } from '../index/lance.ts';
import type { Snapshot } from '../index/snapshot.ts';
import type { ReferenceKind, SymbolKind } from '../syntax/types.ts';
import { type Definition, type Import, parseSites, type Reference } from './facts.ts';
import type { NameMatch, SymbolStore } from './store.ts';

/** More values than this in one filter make it slower than several queries. */
const valuesInFilter = 1000;
/** Rows read without a pause: a few milliseconds' work. */
const rowsAtOnce = 2000;

type Cells = { text: (column: string) => string; int: (column: string) => number };

const definitionColumns = [
  'path',
  'language',
  'name',
  'kind',
  'parent',
  'ordinal',
  'line',
  'end_line',
  'name_line',
  'exported',
  'doc',
  'doc_line',
  'signature',
  'complexity',
];
const referenceColumns = ['path', 'language', 'name', 'kind', 'uses'];
const importColumns = ['path', 'language', 'name', 'line', 'uses'];

/** Reads over one snapshot; valid as long as the snapshot is held. */
export function lanceSymbolStore(snapshot: Snapshot): SymbolStore {
  const { codebase, version, files, symbolsTable, filesTable } = snapshot;
  const definition = ({ text, int }: Cells): Definition => ({
    codebase,
    path: text('path'),
    language: text('language'),
    name: text('name'),
    kind: text('kind') as SymbolKind,
    parent: text('parent'),
    ordinal: int('ordinal'),
    startLine: int('line'),
    endLine: int('end_line'),
    nameLine: int('name_line'),
    exported: int('exported') < 0 ? undefined : int('exported') === 1,
    doc: text('doc'),
    docLine: int('doc_line'),
    signature: text('signature'),
    complexity: int('complexity'),
  });
  const reference = ({ text }: Cells): Reference => ({
    codebase,
    path: text('path'),
    language: text('language'),
    name: text('name'),
    kind: text('kind') as ReferenceKind,
    sites: parseSites(text('uses')),
  });
  const imported = ({ text, int }: Cells): Import => ({
    codebase,
    path: text('path'),
    language: text('language'),
    module: text('name'),
    names: text('uses')
      .split(' ')
      .filter((name) => name !== ''),
    line: int('line'),
  });
  const inFiles = <T>(role: string, columns: string[], paths: readonly string[], read: (cells: Cells) => T) =>
    inParts(paths, (part) => rows(symbolsTable, `role = '${role}' AND path IN ${sqlList(part)}`, columns, read));
  return {
    codebase,
    version,
    file: (path) => files.get(path),
    paths: () => files.keys(),
    definitionsNamed: (names) =>
      inParts(names, (part) =>
        rows(symbolsTable, `role = 'definition' AND name IN ${sqlList(part)}`, definitionColumns, definition),
      ),
    definitionsLike: (text, match, limit) =>
      rows(symbolsTable, `role = 'definition' AND ${nameFilter(text, match)}`, definitionColumns, definition, limit),
    definitionsIn: async (paths) => inOrder(await inFiles('definition', definitionColumns, paths, definition)),
    allDefinitions: () => pieces(symbolsTable, "role = 'definition'", definitionColumns, definition),
    definedNames: () => pieces(symbolsTable, "role = 'definition'", ['name'], ({ text }) => text('name')),
    referencesTo: (names) =>
      inParts(names, (part) =>
        rows(symbolsTable, `role = 'reference' AND name IN ${sqlList(part)}`, referenceColumns, reference),
      ),
    referencesIn: (paths) => inFiles('reference', referenceColumns, paths, reference),
    importsIn: (paths) => inFiles('import', importColumns, paths, imported),
    texts: async (paths) => {
      const read = ({ text }: Cells) => [text('path'), text('text')] as const;
      const pairs = await inParts(paths, (part) =>
        rows(filesTable, `path IN ${sqlList(part)}`, ['path', 'text'], read),
      );
      return new Map(pairs);
    },
    syntaxProblem: async (path) => {
      const found = await rows(filesTable, `path = ${sqlText(path)}`, ['syntax_problem'], ({ text }) =>
        text('syntax_problem'),
      );
      return found[0] ?? '';
    },
  };
}

function nameFilter(text: string, match: NameMatch): string {
  const literal = sqlText(text.toLowerCase());
  if (match === 'exact') return `lower(name) = ${literal}`;
  return match === 'prefix' ? `starts_with(lower(name), ${literal})` : `contains(lower(name), ${literal})`;
}

/** Definitions are written file by file, but an index that was changed often may give them otherwise. */
function inOrder(definitions: Definition[]): Definition[] {
  return definitions.sort((a, b) => a.ordinal - b.ordinal);
}

async function inParts<T>(values: readonly string[], read: (part: string[]) => Promise<T[]>): Promise<T[]> {
  const unique = [...new Set(values)];
  const found: T[] = [];
  for (let at = 0; at < unique.length; at += valuesInFilter) {
    for (const one of await read(unique.slice(at, at + valuesInFilter))) found.push(one);
  }
  return found;
}

async function rows<T>(
  table: Table,
  where: string,
  columns: readonly string[],
  read: (cells: Cells) => T,
  limit?: number,
): Promise<T[]> {
  const found: T[] = [];
  for await (const piece of pieces(table, where, columns, read, limit)) for (const one of piece) found.push(one);
  return found;
}

async function* pieces<T>(
  table: Table,
  where: string,
  columns: readonly string[],
  read: (cells: Cells) => T,
  limit?: number,
): AsyncGenerator<T[]> {
  const query = table
    .query()
    .where(where)
    .select([...columns]);
  if (limit !== undefined) query.limit(limit);
  for await (const batch of query) yield* piecesOf(batch, columns, read);
}

/** A batch's rows, with pauses for whoever else waits: a batch may have a hundred thousand. */
async function* piecesOf<T>(
  batch: RecordBatch,
  columns: readonly string[],
  read: (cells: Cells) => T,
): AsyncGenerator<T[]> {
  const vectors = new Map(columns.map((name) => [name, batch.getChild(name)]));
  let row = 0;
  const cells: Cells = {
    text: (column) => String(vectors.get(column)?.get(row) ?? ''),
    int: (column) => Number(vectors.get(column)?.get(row) ?? 0),
  };
  while (row < batch.numRows) {
    const found: T[] = [];
    const end = Math.min(batch.numRows, row + rowsAtOnce);
    for (; row < end; row++) found.push(read(cells));
    yield found;
    if (row < batch.numRows) await pause();
  }
}
