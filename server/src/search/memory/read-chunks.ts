/** Decides how rows of the tables are read for segments: in small batches, only what a segment holds. */
import { type Connection, connect, Session, type Table } from '@lancedb/lancedb';
import type { Data, RecordBatch, Vector } from 'apache-arrow';
import { sqlList } from '../../index/lance.ts';
import type { BuildTask } from './build-protocol.ts';
import { fileState } from './file-state.ts';
import type { PublishedFile } from './plan.ts';
import type { ChunkRow, FileState } from './segment-builder.ts';

/** Every row is read once: caches would only take memory. */
const cacheBytes = 4n << 20n;
/** A row is about 4 kB, and Lance reads several batches ahead. */
const batchRows = 512;
/** Of more files it is not worth looking where their rows are. */
const maxFilesAtEnd = 5000;
/** With more paths a scan of everything is quicker than a filter. */
const maxPathsInFilter = 500;
const columns = ['path', 'language', 'start_line', 'end_line', 'definitions', 'kinds', 'words', 'vector'];

export async function openTables({ database, filesVersion, chunksVersion }: BuildTask) {
  process.env.LANCE_LOG ??= 'error';
  const connection: Connection = await connect(database, { session: new Session(cacheBytes, cacheBytes) });
  const [files, chunks] = await Promise.all([
    connection.openTable('files', undefined, { version: filesVersion }),
    connection.openTable('chunks', undefined, { version: chunksVersion }),
  ]);
  return { connection, files, chunks };
}

/** States of the indexed files by path. */
export async function readStates(files: Table): Promise<Map<string, FileState>> {
  const states = new Map<string, FileState>();
  for await (const batch of files.query().where("skipped = ''").select(['path', 'hash', 'read_at_ms'])) {
    const [path, hash, readAt] = ['path', 'hash', 'read_at_ms'].map((name) => batch.getChild(name));
    for (let i = 0; i < batch.numRows; i++) {
      states.set(String(path?.get(i)), fileState(String(hash?.get(i)), Number(readAt?.get(i))));
    }
  }
  return states;
}

/** Rows of the chunks table, of all files or of those given. */
export async function* readChunks(
  chunks: Table,
  files: ReadonlyMap<string, PublishedFile> | undefined,
): AsyncGenerator<ChunkRow> {
  let query = chunks.query().select(columns).withRowId();
  const end = files === undefined ? undefined : await endOf(chunks, files);
  if (end !== undefined) query = query.offset(end.offset).limit(end.rows);
  else if (files !== undefined && files.size <= maxPathsInFilter)
    query = query.where(`path IN ${sqlList([...files.keys()])}`);
  // LanceDB's own iteration reads 1,024 rows at once and lets nobody say otherwise, though its `execute` takes a limit.
  type Executes = { execute(options: { maxBatchLength: number }): AsyncIterable<RecordBatch> };
  for await (const batch of (query as unknown as Executes).execute({ maxBatchLength: batchRows })) {
    for (const row of rowsOf(batch)) if (files === undefined || files.has(row.path)) yield row;
  }
}

/**
 * Where the rows of these files are, if they are the last ones of the table and nothing is between them. A run adds its
 * rows at the end, so after a small one this spares reading the paths of all rows.
 */
async function endOf(
  chunks: Table,
  files: ReadonlyMap<string, PublishedFile>,
): Promise<{ offset: number; rows: number } | undefined> {
  const left = new Map<string, number>();
  let rows = 0;
  for (const [path, file] of files) {
    left.set(path, file.chunks);
    rows += file.chunks;
  }
  const offset = (await chunks.countRows()) - rows;
  if (offset < 0 || rows === 0 || files.size > maxFilesAtEnd) return undefined;
  for await (const batch of chunks.query().offset(offset).limit(rows).select(['path'])) {
    for (const path of child(batch, 'path')) left.set(String(path), (left.get(String(path)) ?? 0) - 1);
  }
  return [...left.values()].every((count) => count === 0) ? { offset, rows } : undefined;
}

function* rowsOf(batch: RecordBatch): Generator<ChunkRow> {
  const [path, language, start, end, definitions, kinds, words, vector] = columns.map((name) => child(batch, name));
  const rowIds = child(batch, '_rowid');
  const text = dataOf(words);
  const vectors = dataOf(vector).children[0] as Data;
  const dimensions = vectors.length / batch.numRows;
  for (let i = 0; i < batch.numRows; i++) {
    yield {
      path: String(path?.get(i)),
      language: String(language?.get(i)),
      startLine: Number(start?.get(i)),
      endLine: Number(end?.get(i)),
      definitions: String(definitions?.get(i)),
      kinds: String(kinds?.get(i) ?? ''),
      words: { bytes: text.values, from: text.valueOffsets[i] as number, to: text.valueOffsets[i + 1] as number },
      vector: (vectors.values as Float32Array).subarray(i * dimensions, (i + 1) * dimensions),
      rowId: BigInt(rowIds?.get(i) ?? 0),
    };
  }
}

function child(batch: RecordBatch, name: string): Vector {
  const found = batch.getChild(name);
  if (found === null) throw new Error(`the chunks table has no column ${name}`);
  return found;
}

/** The one piece of memory behind a column of a batch. */
function dataOf(vector: Vector | undefined): Data {
  const [data, more] = vector?.data ?? [];
  if (data === undefined || more !== undefined) throw new Error('a column of a batch is not in one piece');
  return data;
}
