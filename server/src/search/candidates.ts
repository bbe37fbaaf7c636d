/** Decides which chunks of a codebase are candidates: the best of the vector search and of the full-text search. */
import type { RecordBatch } from 'apache-arrow';
import { sqlList, vectorSearch, wordsQuery } from '../index/lance.ts';
import type { Snapshot } from '../index/snapshot.ts';
import type { WeightedWord } from './memory/bm25.ts';
import type { ChunkFilter } from './memory/memory-index.ts';
import type { Candidate } from './rank.ts';
import { weights } from './weights.ts';

/** Which files may be found; undefined is all. `sql` and `narrow` are for LanceDB's indexes, `memory` for the segments. */
export type FileSelection = {
  sql: string | undefined;
  accepts: (path: string) => boolean;
  narrow: boolean;
  memory?: ChunkFilter;
};

/** More paths than this make the filter slower than looking at more candidates and dropping the others. */
const maxPathsInFilter = 2000;
const overfetch = 10;
const columns = ['path', 'start_line', 'end_line', 'language', 'definitions'];

/** What a caller may narrow a search to; what is empty or undefined narrows nothing. */
export type Narrowing = {
  languages?: readonly string[] | undefined;
  matches?: ((path: string) => boolean) | undefined;
  /** Chunks that define a symbol of one of these kinds. */
  kinds?: readonly string[] | undefined;
};

/** Turns what a search is narrowed to into a filter, over the snapshot's own list of files. */
export function selectFiles(snapshot: Snapshot, { languages = [], matches, kinds = [] }: Narrowing): FileSelection {
  if (snapshot.memory !== undefined) return { ...everything, ...memoryFilter(languages, matches, kinds) };
  const conditions = [
    ...(languages.length === 0 ? [] : [`language IN ${sqlList(languages)}`]),
    ...(kinds.length === 0 ? [] : [`(${kinds.map(hasKind).join(' OR ')})`]),
  ];
  const paths = matches === undefined ? [] : [...snapshot.files.keys()].filter(matches);
  const isFew = matches !== undefined && paths.length <= maxPathsInFilter;
  if (isFew) conditions.push(`path IN ${sqlList(paths.length > 0 ? paths : [''])}`);
  const sql = conditions.length === 0 ? undefined : conditions.join(' AND ');
  if (matches === undefined || isFew) return { sql, accepts: () => true, narrow: false };
  return { sql, accepts: matches, narrow: true };
}

const everything: FileSelection = { sql: undefined, accepts: () => true, narrow: false };

/** The column holds words with spaces between them. */
const hasKind = (kind: string) => `concat(' ', kinds, ' ') LIKE '% ${kind.replaceAll("'", "''")} %'`;

function memoryFilter(
  languages: readonly string[],
  matches: ((path: string) => boolean) | undefined,
  kinds: readonly string[],
): Pick<FileSelection, 'memory'> {
  const wanted = new Set(languages);
  const accepts = (path: string, language: string) =>
    (wanted.size === 0 || wanted.has(language)) && (matches === undefined || matches(path));
  const file = languages.length === 0 && matches === undefined ? undefined : accepts;
  if (file === undefined && kinds.length === 0) return {};
  return { memory: { file, kinds: kinds.length === 0 ? undefined : kinds } };
}

/** What is asked of one codebase's chunks. */
export type CandidateQuery = {
  /** Words of the full text, as `words` has them: identifiers whole and in parts, lower-cased, `def:` for definitions. */
  terms: readonly WeightedWord[];
  /** Undefined: full text alone. */
  vector: Float32Array | undefined;
  selection: FileSelection;
  /** Chunks wanted from each of the two searches. */
  limit: number;
  /** True: a chunk that one search found gets its value of the other one, too. Only in memory. */
  complete?: boolean;
};

/** Candidates of both searches, each chunk once: from memory where the version is there, else from LanceDB's indexes. */
export async function candidatesFor(snapshot: Snapshot, query: CandidateQuery): Promise<Candidate[]> {
  const { codebase, memory } = snapshot;
  if (snapshot.publication.chunks === 0) return [];
  const vector = query.vector?.some((component) => component !== 0) ? query.vector : undefined;
  if (memory === undefined) return candidatesFromTables(snapshot, { ...query, vector });
  const { terms: words, limit, complete = false } = query;
  return memory.search({
    codebase,
    words,
    vector,
    filter: query.selection.memory,
    limit,
    bm25: weights.bm25,
    complete,
  });
}

/** From LanceDB's indexes, which know no weights of words. */
async function candidatesFromTables(snapshot: Snapshot, query: CandidateQuery): Promise<Candidate[]> {
  const { terms, vector, selection, limit } = query;
  const words = terms.map(({ word }) => word).join(' ');
  const [dense, text] = await Promise.all([
    vector === undefined ? [] : nearest(snapshot, vector, limit, selection),
    matching(snapshot, words, limit, selection),
  ]);
  const found = new Map<bigint, Candidate>();
  for (const { candidate, value } of dense) found.set(candidate.rowId, { ...candidate, similarity: 1 - value });
  for (const { candidate, value } of text) {
    found.set(candidate.rowId, { ...candidate, ...found.get(candidate.rowId), bm25: value });
  }
  return [...found.values()];
}

type Found = { candidate: Candidate; value: number };

/** Rows to ask for so that `limit` of them are left by what the filter in SQL cannot say. */
const rowsFor = (limit: number, { narrow }: FileSelection) => limit * (narrow ? overfetch : 1);

async function nearest(
  snapshot: Snapshot,
  vector: Float32Array,
  limit: number,
  selection: FileSelection,
): Promise<Found[]> {
  let query = snapshot.chunksTable
    .query()
    .nearestTo(vector)
    .distanceType('cosine')
    .nprobes(vectorSearch.maxProbes)
    .refineFactor(vectorSearch.refineFactor);
  if (selection.sql !== undefined) query = query.where(selection.sql);
  return collect(
    snapshot.codebase,
    query
      .select([...columns, '_distance'])
      .withRowId()
      .limit(rowsFor(limit, selection)),
    '_distance',
    selection,
    limit,
  );
}

async function matching(snapshot: Snapshot, words: string, limit: number, selection: FileSelection): Promise<Found[]> {
  if (words === '') return [];
  let query = snapshot.chunksTable.query().fullTextSearch(wordsQuery(words));
  if (selection.sql !== undefined) query = query.where(selection.sql);
  return collect(
    snapshot.codebase,
    query
      .select([...columns, '_score'])
      .withRowId()
      .limit(rowsFor(limit, selection)),
    '_score',
    selection,
    limit,
  );
}

async function collect(
  codebase: string,
  batches: AsyncIterable<RecordBatch>,
  valueColumn: string,
  selection: FileSelection,
  limit: number,
): Promise<Found[]> {
  const found: Found[] = [];
  for await (const batch of batches) {
    const [path, start, end, language, definitions] = columns.map((name) => batch.getChild(name));
    const rowIds = batch.getChild('_rowid');
    const values = batch.getChild(valueColumn);
    for (let i = 0; i < batch.numRows && found.length < limit; i++) {
      const candidate: Candidate = {
        codebase,
        path: String(path?.get(i)),
        rowId: BigInt(rowIds?.get(i) ?? 0),
        startLine: Number(start?.get(i)),
        endLine: Number(end?.get(i)),
        language: String(language?.get(i)),
        definitions: String(definitions?.get(i)),
      };
      if (selection.accepts(candidate.path)) found.push({ candidate, value: Number(values?.get(i)) });
    }
  }
  return found;
}

/** Mean similarity to the query of all chunks of a file; undefined when there is no such file. */
export function fileMean(snapshot: Snapshot | undefined, path: string, vector: Float32Array): number | undefined {
  const file = snapshot?.files.get(path);
  return file && snapshot?.fileVectors.similarity(file.row, vector);
}

/** Texts of chunks by row. */
export async function chunkTexts(snapshot: Snapshot, rowIds: readonly bigint[]): Promise<Map<bigint, string>> {
  const texts = new Map<bigint, string>();
  if (rowIds.length === 0) return texts;
  for await (const batch of snapshot.chunksTable.takeRowIds(rowIds).select(['text']).withRowId()) {
    const text = batch.getChild('text');
    const ids = batch.getChild('_rowid');
    for (let i = 0; i < batch.numRows; i++) texts.set(BigInt(ids?.get(i) ?? 0), String(text?.get(i)));
  }
  return texts;
}
