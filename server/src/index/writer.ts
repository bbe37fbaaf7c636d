/**
 * Decides in which order rows reach the tables, so that a crash at any point leaves only what the next run can see and
 * repair: a file's row is taken away before its chunks and added after them. Chunks without a file's row are orphans.
 */
import { Table as ArrowTable, type RecordBatch } from 'apache-arrow';
import {
  chunksSchema,
  doubleData,
  filesSchema,
  intData,
  packText,
  recordBatch,
  textData,
  vectorData,
} from './columns.ts';
import type { Generation } from './generation.ts';
import { sqlList } from './lance.ts';
import type { KnownFile } from './plan.ts';
import type { ChunkColumns, IndexTaskResult, ReadFile } from './worker-protocol.ts';

/** Rows gathered before they are written: fewer make too many versions, more take memory (about 6 kB a row). */
const flushChunks = 2000;
const flushFiles = 2000;
const deletePaths = 500;

/** Writes one run's changes to a generation's newest version. Not for use from two places at once. */
export class GenerationWriter {
  readonly #generation: Generation;
  readonly #dimensions: number;
  readonly #stale: string[] = [];
  #chunkBatches: RecordBatch[] = [];
  #fileBatches: RecordBatch[] = [];
  #chunkRows = 0;
  #fileRows = 0;
  #written = false;

  constructor(generation: Generation) {
    this.#generation = generation;
    this.#dimensions = generation.meta.recipe.dimensions;
  }

  /** True once anything was written. */
  get hasWritten(): boolean {
    return this.#written;
  }

  /** Takes over a batch's rows; writes when enough are gathered. */
  async add(result: IndexTaskResult, known: ReadonlyMap<string, KnownFile>): Promise<void> {
    const rows = result.files.filter(({ outcome }) => outcome === 'indexed' || outcome === 'skipped');
    for (const { path } of result.files.filter(({ outcome }) => outcome !== 'same')) {
      if (known.has(path)) this.#stale.push(path);
    }
    if (rows.length > 0) this.#fileBatches.push(this.#filesBatch(rows, result.fileVectors));
    if (result.chunks.count > 0) this.#chunkBatches.push(this.#chunksBatch(result.chunks));
    this.#fileRows += rows.length;
    this.#chunkRows += result.chunks.count;
    if (this.#chunkRows >= flushChunks || this.#fileRows >= flushFiles) await this.flush();
  }

  /** Writes all that is gathered. */
  async flush(): Promise<void> {
    await this.remove(this.#stale.splice(0));
    const chunkBatches = this.#chunkBatches;
    const fileBatches = this.#fileBatches;
    this.#chunkBatches = [];
    this.#fileBatches = [];
    this.#chunkRows = 0;
    this.#fileRows = 0;
    if (chunkBatches.length > 0) await this.#generation.chunks.add(new ArrowTable(chunkBatches));
    if (fileBatches.length > 0) await this.#generation.files.add(new ArrowTable(fileBatches));
    this.#written ||= fileBatches.length > 0;
  }

  /** Removes files and their chunks. */
  async remove(paths: readonly string[]): Promise<void> {
    for (let at = 0; at < paths.length; at += deletePaths) {
      const where = `path IN ${sqlList(paths.slice(at, at + deletePaths))}`;
      this.#written = true;
      await this.#generation.files.delete(where);
      await this.#generation.chunks.delete(where);
    }
  }

  /** Removes chunks that an interrupted run left without a file's row. */
  async removeOrphans(known: ReadonlyMap<string, KnownFile>): Promise<void> {
    const orphans = new Set<string>();
    for await (const batch of this.#generation.chunks.query().select(['path'])) {
      const paths = batch.getChild('path');
      for (let i = 0; i < batch.numRows; i++) {
        const path = String(paths?.get(i));
        if (!known.has(path)) orphans.add(path);
      }
    }
    await this.remove([...orphans]);
  }

  #filesBatch(rows: readonly ReadFile[], vectors: Float32Array): RecordBatch {
    const text = (pick: (row: ReadFile) => string) => textData(packText(rows.map(pick)));
    return recordBatch(filesSchema(this.#dimensions), rows.length, [
      text((row) => row.path),
      text((row) => row.hash),
      text((row) => row.language),
      text((row) => row.reason ?? ''),
      doubleData(Float64Array.from(rows, (row) => row.sizeBytes)),
      doubleData(Float64Array.from(rows, (row) => row.mtimeMs)),
      doubleData(Float64Array.from(rows, (row) => row.readAtMs)),
      intData(Int32Array.from(rows, (row) => row.lines)),
      intData(Int32Array.from(rows, (row) => row.chunks)),
      vectorData(vectors, this.#dimensions),
    ]);
  }

  #chunksBatch(columns: ChunkColumns): RecordBatch {
    return recordBatch(chunksSchema(this.#dimensions), columns.count, [
      textData(columns.path),
      textData(columns.language),
      intData(columns.startLine),
      intData(columns.endLine),
      textData(columns.definitions),
      textData(columns.text),
      textData(columns.words),
      vectorData(columns.vectors, this.#dimensions),
    ]);
  }
}
