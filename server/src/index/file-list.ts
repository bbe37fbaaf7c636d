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

/** `row` is the file's place in `FileList.vectors`. */
export type SnapshotFile = PublishedFile & { row: number; language: string; lines: number; sizeBytes: number };

/** The indexed files of one version. Nothing in it is ever changed: searches of an older version read the same objects. */
export type FileList = {
  byPath: ReadonlyMap<string, SnapshotFile>;
  /** Mean of each file's chunk vectors. */
  vectors: FileVectors;
  pathWords: PathWordStatistics;
};

/** All that one run did to the table of files. */
export type FileChanges = {
  /** Paths whose rows were taken away, whether they were written again or not. */
  removed: ReadonlySet<string>;
  /** Paths whose rows were added, in the order of the table, after all other rows. */
  written: readonly string[];
};

/** Rows taken in before others get their turn: a few milliseconds' work. */
const rowsAtOnce = 1000;
const columns = ['path', 'skipped', 'language', 'lines', 'size_bytes', 'vector', 'hash', 'read_at_ms', 'chunks'];

type FileRow = { path: string; isIndexed: boolean; file: Omit<SnapshotFile, 'row'>; vector: Float32Array | undefined };

/** Reads all rows. */
export async function readFileList(table: Table, files: number, dimensions: number): Promise<FileList> {
  const byPath = new Map<string, SnapshotFile>();
  const vectors = new FileVectors(dimensions, files);
  for await (const { path, file, vector } of readRows(table.query().where("skipped = ''"))) {
    const row = byPath.size;
    if (vector !== undefined) vectors.set(row, vector);
    byPath.set(path, { ...file, row });
  }
  return { byPath, vectors, pathWords: await PathWordStatistics.gather(byPath.keys()) };
}

/**
 * The files of a version, given those of the version that it was made from: only rows that were added are read. Returns
 * undefined when the table does not end in exactly the rows that the run says it added: then all must be read.
 */
export async function carryFileList(
  table: Table,
  before: FileList,
  { removed, written }: FileChanges,
  dimensions: number,
): Promise<FileList | undefined> {
  const byPath = new Map(before.byPath);
  const free: number[] = [];
  for (const path of removed) {
    const file = byPath.get(path);
    if (file !== undefined) free.push(file.row);
    byPath.delete(path);
  }
  const rest = (await table.countRows()) - written.length;
  if (rest < 0) return undefined;
  const vectors = before.vectors.copy(before.vectors.rows + Math.max(0, written.length - free.length));
  let next = before.vectors.rows;
  let read = 0;
  for await (const { path, isIndexed, file, vector } of readLast(table, rest, written.length)) {
    if (path !== written[read++] || byPath.has(path)) return undefined;
    if (!isIndexed) continue;
    const row = free.pop() ?? next++;
    vectors.set(row, vector ?? new Float32Array(dimensions));
    byPath.set(path, { ...file, row });
  }
  if (read !== written.length) return undefined;
  const gone = [...removed].filter((path) => before.byPath.has(path) && !byPath.has(path));
  const fresh = written.filter((path) => byPath.has(path) && !before.byPath.has(path));
  return { byPath, vectors, pathWords: before.pathWords.with(fresh, gone) };
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
  const [path, skipped, language, lines, size, vector, hash, readAt, chunks] = columns.map((name) =>
    batch.getChild(name),
  );
  for (let i = 0; i < batch.numRows; i++) {
    const mean = vector?.get(i) as { toArray(): Float32Array } | null | undefined;
    yield {
      path: String(path?.get(i)),
      isIndexed: skipped?.get(i) === '',
      file: {
        language: String(language?.get(i)),
        lines: Number(lines?.get(i)),
        sizeBytes: Number(size?.get(i)),
        ...fileState(String(hash?.get(i)), Number(readAt?.get(i))),
        chunks: Number(chunks?.get(i)),
      },
      vector: mean?.toArray(),
    };
  }
}
