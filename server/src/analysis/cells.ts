/** Decides how rows are read from a batch's bytes, in the thread that works on them. */
import type { Batch, IntCells, TextCells } from './worker-protocol.ts';

const decoder = new TextDecoder();

/** One batch, read row by row. */
export class Cells {
  readonly rows: number;
  readonly #columns: Batch['columns'];

  constructor(batch: Batch) {
    this.rows = batch.rows;
    this.#columns = batch.columns;
  }

  text(column: string, row: number): string {
    const { bytes, from, to } = this.bytes(column, row);
    return from === to ? '' : decoder.decode(bytes.subarray(from, to));
  }

  /** Where a text lies, without copying it. */
  bytes(column: string, row: number): { bytes: Uint8Array; from: number; to: number } {
    const { bytes, offsets } = this.#columns[column] as TextCells;
    return { bytes, from: offsets[row] as number, to: offsets[row + 1] as number };
  }

  int(column: string, row: number): number {
    return (this.#columns[column] as IntCells).values[row] as number;
  }
}
