/**
 * Decides in which order rows reach the tables, so that a crash at any point leaves only what the next run can see and
 * repair: a file's row is taken away before its chunks and symbols and added after them. Those without a file's row are
 * orphans.
 */
import { Table as ArrowTable, type RecordBatch } from 'apache-arrow';
import type { FileChanges } from './file-list.ts';
import type { Generation } from './generation.ts';
import { sqlList } from './lance.ts';
import type { KnownFile } from './plan.ts';
import { chunksBatch, filesBatch, symbolsBatch } from './tables.ts';
import type { IndexTaskResult } from './worker-protocol.ts';

/** Rows gathered before they are written: fewer make too many versions, more take memory (about 6 kB a chunk, 0.2 kB a symbol). */
const flushRows = { chunks: 1000, symbols: 20_000, files: 2000 };
/** As many bytes of file texts. */
const flushTextBytes = 4 << 20;
const deletePaths = 500;
/** Beyond so many changes nobody takes over what was known before. */
const tellPaths = 5000;

/** Batches of one table that wait to be written. */
type Gathered = { batches: RecordBatch[]; rows: number };
const nothing = (): Record<keyof typeof flushRows, Gathered> => ({
  files: { batches: [], rows: 0 },
  chunks: { batches: [], rows: 0 },
  symbols: { batches: [], rows: 0 },
});

/** Writes one run's changes to a generation's newest version. Not for use from two places at once. */
export class GenerationWriter {
  readonly #generation: Generation;
  readonly #stale: string[] = [];
  readonly #removed = new Set<string>();
  readonly #added: string[] = [];
  readonly #leftOut = new Map<string, string>();
  #gathered = nothing();
  #textBytes = 0;
  #written = false;

  constructor(generation: Generation) {
    this.#generation = generation;
  }

  /** True once anything was written. */
  get hasWritten(): boolean {
    return this.#written;
  }

  /** All that was done to the table of files so far; undefined when it was much. */
  get fileChanges(): FileChanges | undefined {
    if (this.#removed.size + this.#added.length > tellPaths) return undefined;
    return { removed: this.#removed, written: this.#added, leftOut: this.#leftOut };
  }

  /** Takes over a batch's rows; writes when enough are gathered. */
  async add(result: IndexTaskResult, known: ReadonlyMap<string, KnownFile>): Promise<void> {
    const { dimensions } = this.#generation.meta.recipe;
    const rows = result.files.filter(({ outcome }) => outcome === 'indexed' || outcome === 'skipped');
    for (const { path } of result.files.filter(({ outcome }) => outcome !== 'same')) {
      if (known.has(path)) this.#stale.push(path);
    }
    if (this.#added.length <= tellPaths) {
      this.#added.push(...rows.map(({ path }) => path));
      for (const { path, reason } of rows) if (reason !== undefined) this.#leftOut.set(path, reason);
    }
    if (rows.length > 0) this.#gather('files', filesBatch(rows, result.fileColumns, dimensions));
    if (result.chunks.count > 0) this.#gather('chunks', chunksBatch(result.chunks, dimensions));
    if (result.symbols.count > 0) this.#gather('symbols', symbolsBatch(result.symbols));
    this.#textBytes += result.fileColumns.text.bytes.byteLength;
    if (this.#isFull()) await this.flush();
  }

  #gather(table: keyof typeof flushRows, batch: RecordBatch): void {
    this.#gathered[table].batches.push(batch);
    this.#gathered[table].rows += batch.numRows;
  }

  #isFull(): boolean {
    const { files, chunks, symbols } = this.#gathered;
    return (
      files.rows >= flushRows.files ||
      chunks.rows >= flushRows.chunks ||
      symbols.rows >= flushRows.symbols ||
      this.#textBytes >= flushTextBytes
    );
  }

  /** Writes all that is gathered. */
  async flush(): Promise<void> {
    await this.remove(this.#stale.splice(0));
    const gathered = this.#gathered;
    this.#gathered = nothing();
    this.#textBytes = 0;
    const write = async (table: keyof typeof flushRows) => {
      const { batches } = gathered[table];
      if (batches.length > 0) await this.#generation[table].add(new ArrowTable(batches));
    };
    await allDone([write('chunks'), write('symbols')]);
    await write('files');
    this.#written ||= gathered.files.rows > 0;
  }

  /** Removes files with their chunks and symbols. */
  async remove(paths: readonly string[]): Promise<void> {
    for (let at = 0; at < paths.length; at += deletePaths) {
      const some = paths.slice(at, at + deletePaths);
      const where = `path IN ${sqlList(some)}`;
      this.#written = true;
      if (this.#removed.size <= tellPaths) for (const path of some) this.#removed.add(path);
      await this.#generation.files.delete(where);
      await allDone([this.#generation.chunks.delete(where), this.#generation.symbols.delete(where)]);
    }
  }

  /** Removes chunks and symbols that an interrupted run left without a file's row. */
  async removeOrphans(known: ReadonlyMap<string, KnownFile>): Promise<void> {
    const orphans = new Set<string>();
    for (const table of [this.#generation.chunks, this.#generation.symbols]) {
      for await (const batch of table.query().select(['path'])) {
        const paths = batch.getChild('path');
        for (let i = 0; i < batch.numRows; i++) {
          const path = String(paths?.get(i));
          if (!known.has(path)) orphans.add(path);
        }
      }
    }
    await this.remove([...orphans]);
  }
}

/** Waits for all, so that nothing is being written any more when one failed. Rejects with the first failure. */
async function allDone(works: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(works)) if (outcome.status === 'rejected') throw outcome.reason;
}
