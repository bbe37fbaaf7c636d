/** Decides how rows of a published table are read where they are needed, on the event loop: decoded fast, and in turns. */
import type { Table } from '@lancedb/lancedb';
import type { Data, RecordBatch } from 'apache-arrow';
import { Turns } from '../turns.ts';

export type RowCells = { text: (column: string) => string; int: (column: string) => number };

export type RowQuery = {
  table: Table;
  where: string;
  columns: readonly string[];
  /** Most rows; all when left out. */
  limit?: number | undefined;
};

/** The rows that fit a condition, all at once. */
export async function rowsOf<T>(query: RowQuery, read: (cells: RowCells) => T, turns = new Turns()): Promise<T[]> {
  const found: T[] = [];
  for await (const piece of piecesOf(query, read, turns)) for (const one of piece) found.push(one);
  return found;
}

/** The same piece by piece, for what is too much to be kept: a batch may have a hundred thousand rows. */
export async function* piecesOf<T>(
  { table, where, columns, limit }: RowQuery,
  read: (cells: RowCells) => T,
  turns = new Turns(),
): AsyncGenerator<T[]> {
  const query = table
    .query()
    .where(where)
    .select([...columns]);
  if (limit !== undefined) query.limit(limit);
  for await (const batch of query) {
    const cells = new BatchCells(batch, columns);
    let piece: T[] = [];
    for (; cells.row < batch.numRows; cells.row++) {
      if (turns.isOver()) {
        yield piece;
        piece = [];
        await turns.rest();
      }
      piece.push(read(cells));
    }
    yield piece;
  }
}

type TextColumn = { bytes: Buffer; offsets: Int32Array; start: number; end: number; last: string };
type NumberColumn = ArrayLike<number>;

/** One row of a batch after the other. Reads Arrow's bytes itself: its vectors take several times as long for a cell. */
class BatchCells implements RowCells {
  row = 0;
  readonly #texts = new Map<string, TextColumn>();
  readonly #numbers = new Map<string, NumberColumn>();

  constructor(batch: RecordBatch, columns: readonly string[]) {
    for (const name of columns) {
      const data: Data | undefined = batch.getChild(name)?.data[0];
      // A batch without rows has no data.
      if (data === undefined) continue;
      if (data.valueOffsets === undefined) this.#numbers.set(name, data.values as NumberColumn);
      else this.#texts.set(name, textColumn(data));
    }
  }

  readonly text = (name: string): string => {
    const column = this.#texts.get(name);
    if (column === undefined) throw new Error(`There is no text column ${name}.`);
    const { bytes, offsets } = column;
    const start = offsets[this.row] as number;
    const end = offsets[this.row + 1] as number;
    if (start === end) return '';
    // Rows of a file stand together: path, language and container mostly are those of the row before.
    if (!isSame(bytes, start, end, column.start, column.end)) column.last = bytes.toString('utf8', start, end);
    column.start = start;
    column.end = end;
    return column.last;
  };

  readonly int = (name: string): number => {
    const column = this.#numbers.get(name);
    if (column === undefined) throw new Error(`There is no column of numbers ${name}.`);
    return Number(column[this.row]);
  };
}

function textColumn(data: Data): TextColumn {
  const { buffer, byteOffset, byteLength } = data.values as Uint8Array;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  return { bytes, offsets: data.valueOffsets as Int32Array, start: 0, end: 0, last: '' };
}

/** Longer texts are decoded rather than compared. */
const longestCompared = 256;

function isSame(bytes: Buffer, start: number, end: number, otherStart: number, otherEnd: number): boolean {
  const length = end - start;
  if (length !== otherEnd - otherStart || length > longestCompared) return false;
  // Paths differ at their ends.
  for (let i = length - 1; i >= 0; i--) if (bytes[start + i] !== bytes[otherStart + i]) return false;
  return true;
}
