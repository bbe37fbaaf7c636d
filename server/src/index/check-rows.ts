/** Decides whether all that a published version holds can be read. */
import type { Table } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';
import type { Snapshot } from './snapshot.ts';

/** Rows that are in memory at once: a row of `files` may hold a text of a megabyte. */
const rowsAtOnce = 128;

/** The number of rows a batch is a setting that the library's types hide. */
type Executes = { execute(options: { maxBatchLength: number }): AsyncIterable<RecordBatch> };

/** Reads every column of every row. Rejects with what LanceDB says of the first that cannot be read, or that is missing. */
export async function readAllRows({ filesTable, chunksTable, symbolsTable }: Snapshot): Promise<void> {
  for (const table of [filesTable, chunksTable, symbolsTable]) await readTable(table);
}

async function readTable(table: Table): Promise<void> {
  let rows = 0;
  const batches = (table.query() as unknown as Executes).execute({ maxBatchLength: rowsAtOnce });
  for await (const batch of batches) rows += batch.numRows;
  const expected = await table.countRows();
  if (rows !== expected) throw new Error(`corrupt: ${rows} rows of ${table.name} where there should be ${expected}`);
}
