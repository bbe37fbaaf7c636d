/** Decides how published tables are handed to the analysis thread: small batches of plain bytes, which are moved, not read. */
import type { Query, Table } from '@lancedb/lancedb';
import type { Data, RecordBatch } from 'apache-arrow';
import type { Batch, IntCells, TextCells } from './worker-protocol.ts';

/** Rows of one batch of texts and of small cells: about 2 MB each, copied in a millisecond. */
const textRows = 128;
const smallRows = 8192;

export type TableQuery = { part: string; table: Table; where: string; columns: readonly string[] };

/** The rows of a query as batches. Nothing of them is decoded here: this runs on the event loop. */
export async function* tableBatches({ part, table, where, columns }: TableQuery): AsyncGenerator<Batch> {
  const maxBatchLength = columns.includes('text') ? textRows : smallRows;
  const query = table
    .query()
    .where(where)
    .select([...columns]);
  for await (const batch of batchesOf(query, maxBatchLength)) yield batchOf(part, batch, columns);
}

/** Iterating takes no options, and `toArrow`, which does, gathers all rows; `execute`, which both call, is not declared public. */
function batchesOf(query: Query, maxBatchLength: number): AsyncIterable<RecordBatch> {
  type Executing = { execute(options: { maxBatchLength: number }): AsyncIterable<RecordBatch> };
  return (query as unknown as Executing).execute({ maxBatchLength });
}

function batchOf(part: string, batch: RecordBatch, columns: readonly string[]): Batch {
  const cells = columns.map((name) => {
    const data = batch.getChild(name)?.data[0];
    if (data === undefined) throw new Error(`The table has no column ${name}.`);
    return [
      name,
      data.valueOffsets === undefined ? intCells(data, batch.numRows) : textCells(data, batch.numRows),
    ] as const;
  });
  return { part, rows: batch.numRows, columns: Object.fromEntries(cells) };
}

/** Copies, since what LanceDB gives shares one buffer among all columns. */
function textCells(data: Data, rows: number): TextCells {
  const offsets = new Int32Array(rows + 1);
  const source = data.valueOffsets as Int32Array;
  const start = source[0] ?? 0;
  for (let i = 0; i <= rows; i++) offsets[i] = (source[i] ?? start) - start;
  const bytes = new Uint8Array((data.values as Uint8Array).subarray(start, source[rows] ?? start));
  return { kind: 'text', bytes, offsets };
}

function intCells(data: Data, rows: number): IntCells {
  return { kind: 'int', values: new Int32Array((data.values as Int32Array).subarray(0, rows)) };
}

/** The buffers of a batch, to be moved to another thread. */
export function buffersOf({ columns }: Batch): ArrayBuffer[] {
  return Object.values(columns).flatMap((column) =>
    column.kind === 'text'
      ? [column.bytes.buffer as ArrayBuffer, column.offsets.buffer as ArrayBuffer]
      : [column.values.buffer as ArrayBuffer],
  );
}
