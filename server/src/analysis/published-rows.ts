/** Decides how a few rows of a published table are read where they are needed, on the event loop. */
import type { Table } from '@lancedb/lancedb';

type RowCells = { text: (column: string) => string; int: (column: string) => number };

/** The rows that fit a condition, read one by one. For a few thousand rows at most: more belong into the analysis thread. */
export async function rowsOf<T>(
  table: Table,
  where: string,
  columns: readonly string[],
  read: (cells: RowCells) => T,
): Promise<T[]> {
  const found: T[] = [];
  for await (const batch of table
    .query()
    .where(where)
    .select([...columns])) {
    const vectors = new Map(columns.map((name) => [name, batch.getChild(name)]));
    let row = 0;
    const cells: RowCells = {
      text: (column) => String(vectors.get(column)?.get(row) ?? ''),
      int: (column) => Number(vectors.get(column)?.get(row) ?? 0),
    };
    for (; row < batch.numRows; row++) found.push(read(cells));
  }
  return found;
}

/** Lines of a text, 1-based, both ends included. */
export function linesOf(text: string, startLine: number, endLine: number): string {
  return text
    .split('\n')
    .slice(startLine - 1, endLine)
    .join('\n');
}
