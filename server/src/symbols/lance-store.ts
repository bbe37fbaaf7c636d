/** Decides how questions about symbols become queries of the published tables. */
import { sqlList, sqlText } from '../index/lance.ts';
import { piecesOf, type RowCells, rowsOf } from '../index/published-rows.ts';
import type { Snapshot } from '../index/snapshot.ts';
import type { ReferenceKind, SymbolKind } from '../syntax/types.ts';
import type { Turns } from '../turns.ts';
import { type Definition, type Import, parseRenames, parseSites, type Reference } from './facts.ts';
import type { NameMatch, SymbolStore } from './store.ts';

/** More values than this in one filter make it slower than several queries. */
const valuesInFilter = 1000;

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
const importColumns = ['path', 'language', 'name', 'line', 'uses', 'signature'];

/**
 * Reads over one snapshot; valid as long as the snapshot is held.
 * @param turns when rows are decoded, and which signal ends that
 */
export function lanceSymbolStore(snapshot: Snapshot, turns: Turns): SymbolStore {
  const { codebase, version, files, symbolsTable, filesTable } = snapshot;
  const definition = ({ text, int }: RowCells): Definition => ({
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
  const reference = ({ text }: RowCells): Reference => ({
    codebase,
    path: text('path'),
    language: text('language'),
    name: text('name'),
    kind: text('kind') as ReferenceKind,
    sites: parseSites(text('uses')),
  });
  const imported = ({ text, int }: RowCells): Import => ({
    codebase,
    path: text('path'),
    language: text('language'),
    module: text('name'),
    names: text('uses')
      .split(' ')
      .filter((name) => name !== ''),
    renames: parseRenames(text('signature')),
    line: int('line'),
  });
  const symbolsWhere = <T>(
    where: string,
    columns: readonly string[],
    read: (cells: RowCells) => T,
    limit?: number,
  ): Promise<T[]> => rowsOf({ table: symbolsTable, where, columns, limit }, read, turns);
  const inFiles = <T>(role: string, columns: string[], paths: readonly string[], read: (cells: RowCells) => T) =>
    inParts(paths, (part) => symbolsWhere(`role = '${role}' AND path IN ${sqlList(part)}`, columns, read));
  const allSymbols = <T>(columns: readonly string[], read: (cells: RowCells) => T) =>
    piecesOf({ table: symbolsTable, where: "role = 'definition'", columns }, read, turns);
  const textOf = ({ text }: RowCells) => [text('path'), text('text')] as const;
  return {
    codebase,
    version,
    file: (path) => files.get(path),
    paths: () => files.keys(),
    definitionsNamed: (names) =>
      inParts(names, (part) =>
        symbolsWhere(`role = 'definition' AND name IN ${sqlList(part)}`, definitionColumns, definition),
      ),
    definitionsLike: (text, match, limit) =>
      symbolsWhere(`role = 'definition' AND ${nameFilter(text, match)}`, definitionColumns, definition, limit),
    definitionsIn: async (paths) => inOrder(await inFiles('definition', definitionColumns, paths, definition)),
    allDefinitions: () => allSymbols(definitionColumns, definition),
    definedNames: () => allSymbols(['name'], ({ text }) => text('name')),
    referencesTo: (names) =>
      inParts(names, (part) =>
        symbolsWhere(`role = 'reference' AND name IN ${sqlList(part)}`, referenceColumns, reference),
      ),
    referencesIn: (paths) => inFiles('reference', referenceColumns, paths, reference),
    importsIn: (paths) => inFiles('import', importColumns, paths, imported),
    texts: async (paths) => {
      const columns = ['path', 'text'];
      const pairs = await inParts(paths, (part) =>
        rowsOf({ table: filesTable, where: `path IN ${sqlList(part)}`, columns }, textOf, turns),
      );
      return new Map(pairs);
    },
    syntaxProblem: async (path) => {
      const query = { table: filesTable, where: `path = ${sqlText(path)}`, columns: ['syntax_problem'] };
      const [problem] = await rowsOf(query, ({ text }) => text('syntax_problem'), turns);
      return problem ?? '';
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
