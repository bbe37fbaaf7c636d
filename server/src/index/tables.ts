/** Decides which columns the tables of format version 2 have, and in which order threads' columns become their rows. */
import { Field, Float64, Int32, type RecordBatch, Schema, Utf8 } from 'apache-arrow';
import { doubleData, intData, recordBatch, textData, vectorData, vectorType } from './columns.ts';
import { packText } from './text-column.ts';
import type { ChunkColumns, FileColumns, ReadFile, SymbolColumns } from './worker-protocol.ts';

const text = (name: string) => new Field(name, new Utf8(), false);
const int = (name: string) => new Field(name, new Int32(), false);
const double = (name: string) => new Field(name, new Float64(), false);

/** Lance leaves long texts as they are unless it is told; zstd makes source text about a third as long. */
const compressedText = (name: string) =>
  new Field(name, new Utf8(), false, new Map([['lance-encoding:compression', 'zstd']]));

/** The `files` table: one row a file that was looked at. `skipped` is empty for indexed files, else the reason. */
export function filesSchema(dimensions: number): Schema {
  return new Schema([
    text('path'),
    text('hash'),
    text('language'),
    text('skipped'),
    double('size_bytes'),
    double('mtime_ms'),
    double('read_at_ms'),
    int('lines'),
    int('chunks'),
    // Mean of the chunks' vectors plus the vector of the file's summary: its product with a query is the sum of both similarities.
    new Field('vector', vectorType(dimensions), false),
    // Empty for skipped files.
    compressedText('text'),
    int('code_lines'),
    int('comment_lines'),
    int('blank_lines'),
    // Why the file has no symbols; empty where nothing was in the way.
    text('syntax_problem'),
  ]);
}

export function filesBatch(rows: readonly ReadFile[], columns: FileColumns, dimensions: number): RecordBatch {
  const words = (pick: (row: ReadFile) => string) => textData(packText(rows.map(pick)));
  const ints = (pick: (row: ReadFile) => number) => intData(Int32Array.from(rows, pick));
  const doubles = (pick: (row: ReadFile) => number) => doubleData(Float64Array.from(rows, pick));
  return recordBatch(filesSchema(dimensions), rows.length, [
    words((row) => row.path),
    words((row) => row.hash),
    words((row) => row.language),
    words((row) => row.reason ?? ''),
    doubles((row) => row.sizeBytes),
    doubles((row) => row.mtimeMs),
    doubles((row) => row.readAtMs),
    ints((row) => row.lines),
    ints((row) => row.chunks),
    vectorData(columns.vectors, dimensions),
    textData(columns.text),
    ints((row) => row.codeLines),
    ints((row) => row.commentLines),
    ints((row) => row.blankLines),
    words((row) => row.syntaxProblem),
  ]);
}

/**
 * The `chunks` table. `definitions` are the names of code that the chunk defines, `kinds` the kinds of all symbols it
 * defines, `scope` the definition that its first line is in; `words` is what full-text search reads.
 */
export function chunksSchema(dimensions: number): Schema {
  return new Schema([
    text('path'),
    text('language'),
    int('start_line'),
    int('end_line'),
    text('definitions'),
    text('kinds'),
    text('scope'),
    text('text'),
    text('words'),
    new Field('vector', vectorType(dimensions), false),
  ]);
}

export function chunksBatch(columns: ChunkColumns, dimensions: number): RecordBatch {
  return recordBatch(chunksSchema(dimensions), columns.count, [
    textData(columns.path),
    textData(columns.language),
    intData(columns.startLine),
    intData(columns.endLine),
    textData(columns.definitions),
    textData(columns.kinds),
    textData(columns.scope),
    textData(columns.text),
    textData(columns.words),
    vectorData(columns.vectors, dimensions),
  ]);
}

/** The `symbols` table: a row a definition, a row a name of each kind that a file refers to, a row an import. See `symbol-rows.ts`. */
export const symbolsSchema = new Schema([
  text('path'),
  text('language'),
  text('role'),
  text('name'),
  text('kind'),
  text('parent'),
  int('ordinal'),
  int('line'),
  int('end_line'),
  int('name_line'),
  int('exported'),
  text('doc'),
  int('doc_line'),
  text('signature'),
  int('complexity'),
  text('uses'),
]);

export function symbolsBatch(columns: SymbolColumns): RecordBatch {
  return recordBatch(symbolsSchema, columns.count, [
    textData(columns.path),
    textData(columns.language),
    textData(columns.role),
    textData(columns.name),
    textData(columns.kind),
    textData(columns.parent),
    intData(columns.ordinal),
    intData(columns.line),
    intData(columns.endLine),
    intData(columns.nameLine),
    intData(columns.exported),
    textData(columns.doc),
    intData(columns.docLine),
    textData(columns.signature),
    intData(columns.complexity),
    textData(columns.uses),
  ]);
}
