/** Decides how rows of the tables are read for segments: in small batches, only what a segment holds. */
import { type Connection, connect, Session, type Table } from '@lancedb/lancedb';
import type { Data, RecordBatch, Vector } from 'apache-arrow';
import { sqlList } from '../../index/lance.ts';
import type { BuildTask } from './build-protocol.ts';
import { fileState } from './file-state.ts';
import type { ChunkRow, FileState } from './segment-builder.ts';

/** Every row is read once: caches would only take memory. */
const cacheBytes = 4n << 20n;
/** A row is about 4 kB, and Lance reads several batches ahead. */
const batchRows = 512;
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

/** Rows of the chunks table, of all files or of those named. */
export async function* readChunks(chunks: Table, paths: readonly string[] | undefined): AsyncGenerator<ChunkRow> {
  const wanted = paths === undefined ? undefined : new Set(paths);
  let query = chunks.query().select(columns).withRowId();
  if (paths !== undefined && paths.length <= maxPathsInFilter) query = query.where(`path IN ${sqlList(paths)}`);
  // LanceDB's own iteration reads 1,024 rows at once and lets nobody say otherwise, though its `execute` takes a limit.
  type Executes = { execute(options: { maxBatchLength: number }): AsyncIterable<RecordBatch> };
  for await (const batch of (query as unknown as Executes).execute({ maxBatchLength: batchRows })) {
    for (const row of rowsOf(batch)) if (wanted === undefined || wanted.has(row.path)) yield row;
  }
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
