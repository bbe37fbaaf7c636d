/**
 * Decides what a reader knows of each file of a published version, and what of that is taken over from the version
 * before: a run of a few changes must not cost a reading of all rows.
 */
import { setImmediate as pause } from 'node:timers/promises';
import type { Query, Table } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';
import { FileVectors } from '../search/file-vectors.ts';
import { fileState } from '../search/memory/file-state.ts';
import type { PublishedFile } from '../search/memory/plan.ts';
import { PathWordStatistics } from '../search/path-words.ts';
import { knownColumns, knownFilesOf } from './known-files.ts';
import type { KnownFile } from './plan.ts';

/** `row` is the file's place in `FileList.vectors`. */
export type SnapshotFile = PublishedFile & { row: number; language: string; lines: number; sizeBytes: number };

/** The indexed files of one version. Nothing in it is ever changed: searches of an older version read the same objects. */
export type FileList = {
  byPath: ReadonlyMap<string, SnapshotFile>;
  /** Mean of each file's chunk vectors, and of what the file says of itself. */
  vectors: FileVectors;
  pathWords: PathWordStatistics;
  /** All files that were looked at, those that were left out among them, as the next run wants to know them. */
  known: ReadonlyMap<string, KnownFile>;
};

/** All that one run did to the table of files. */
export type FileChanges = {
  /** Paths whose rows were taken away, whether they were written again or not. */
  removed: ReadonlySet<string>;
  /** Paths whose rows were added, in the order of the table, after all other rows. */
  written: readonly string[];
  /** Of those the ones that are not indexed, and why. */
  leftOut: ReadonlyMap<string, string>;
};

/** Rows taken in before others get their turn: a few milliseconds' work. */
const rowsAtOnce = 1000;
const columns = ['path', 'language', 'lines', 'vector', ...knownColumns];

/** `vector` is made when asked for: a file that was left out needs none. */
type FileRow = { path: string; language: string; lines: number; known: KnownFile; vector: () => Float32Array };

const isIndexed = ({ known }: FileRow) => known.skipped === '';

function asFile({ language, lines, known }: FileRow, row: number): SnapshotFile {
  const { sizeBytes, hash, readAtMs, chunks } = known;
  return { row, language, lines, sizeBytes, ...fileState(hash, readAtMs), chunks };
}

/** Reads all rows. */
export async function readFileList(table: Table, files: number, dimensions: number): Promise<FileList> {
  const byPath = new Map<string, SnapshotFile>();
  const known = new Map<string, KnownFile>();
  const vectors = new FileVectors(dimensions, files);
  for await (const file of readRows(table.query())) {
    known.set(file.path, file.known);
    if (!isIndexed(file)) continue;
    const row = byPath.size;
    vectors.set(row, file.vector());
    byPath.set(file.path, asFile(file, row));
  }
  return { byPath, vectors, known, pathWords: await PathWordStatistics.gather(byPath.keys()) };
}

/**
 * The files of a version, given those of the version that it was made from: only rows that were added are read. Returns
 * undefined when the table does not end in exactly the rows that the run says it added: then all must be read.
 */
export async function carryFileList(
  table: Table,
  before: FileList,
  { removed, written }: FileChanges,
): Promise<FileList | undefined> {
  const byPath = new Map(before.byPath);
  const known = new Map(before.known);
  const free: number[] = [];
  for (const path of removed) {
    const file = byPath.get(path);
    if (file !== undefined) free.push(file.row);
    byPath.delete(path);
    known.delete(path);
  }
  if ((await table.countRows()) !== known.size + written.length) return undefined;
  const vectors = before.vectors.copy(before.vectors.rows + Math.max(0, written.length - free.length));
  let next = before.vectors.rows;
  let read = 0;
  for await (const file of readLast(table, known.size, written.length)) {
    if (file.path !== written[read++] || known.has(file.path)) return undefined;
    known.set(file.path, file.known);
    if (!isIndexed(file)) continue;
    const row = free.pop() ?? next++;
    vectors.set(row, file.vector());
    byPath.set(file.path, asFile(file, row));
  }
  if (read !== written.length) return undefined;
  const gone = [...removed].filter((path) => before.byPath.has(path) && !byPath.has(path));
  const fresh = written.filter((path) => byPath.has(path) && !before.byPath.has(path));
  return { byPath, vectors, known, pathWords: before.pathWords.with(fresh, gone) };
}

function readLast(table: Table, rest: number, rows: number): AsyncIterable<FileRow> | [] {
  return rows === 0 ? [] : readRows(table.query().offset(rest).limit(rows));
}

async function* readRows(query: Query): AsyncGenerator<FileRow> {
  let taken = 0;
  for await (const batch of query.select(columns)) {
    for (const row of rowsOf(batch)) {
      if (++taken % rowsAtOnce === 0) await pause();
      yield row;
    }
  }
}

function* rowsOf(batch: RecordBatch): Generator<FileRow> {
  const [path, language, lines, vector] = ['path', 'language', 'lines', 'vector'].map((name) => batch.getChild(name));
  const knownAt = knownFilesOf(batch);
  for (let i = 0; i < batch.numRows; i++) {
    yield {
      path: String(path?.get(i)),
      language: String(language?.get(i)),
      lines: Number(lines?.get(i)),
      known: knownAt(i),
      vector: () => (vector?.get(i) as { toArray(): Float32Array } | null)?.toArray() ?? new Float32Array(),
    };
  }
}
