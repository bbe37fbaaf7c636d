/** Decides what an index run has to do: pure comparison of a scan with what the index holds. */
import type { ScannedFile } from '../sources/scan.ts';
import type { FileToRead } from './worker-protocol.ts';

/** What the index knows of a file that it looked at before. */
export type KnownFile = {
  hash: string;
  skipped: string;
  sizeBytes: number;
  mtimeMs: number;
  readAtMs: number;
  chunks: number;
};

export type IndexPlan = { toRead: FileToRead[]; removed: string[] };

/** A file written this shortly before it was read may have been written again within its time stamp's resolution. */
const racyMs = 2000;

/** True when size and time say that the file is as it was when it was read. */
export function looksUnchanged(file: ScannedFile, known: KnownFile): boolean {
  return (
    file.sizeBytes === known.sizeBytes && file.mtimeMs === known.mtimeMs && known.mtimeMs + racyMs < known.readAtMs
  );
}

/** Files to read (new, or not surely unchanged) and indexed paths that are gone. */
export function planRun(scanned: readonly ScannedFile[], known: ReadonlyMap<string, KnownFile>): IndexPlan {
  const seen = new Set<string>();
  const toRead: FileToRead[] = [];
  for (const file of scanned) {
    seen.add(file.path);
    const before = known.get(file.path);
    if (before === undefined) toRead.push(file);
    else if (!looksUnchanged(file, before)) toRead.push({ ...file, knownHash: before.hash });
  }
  return { toRead, removed: [...known.keys()].filter((path) => !seen.has(path)) };
}

export type BatchLimits = { files: number; bytes: number };

/** Groups files, in order, so that no batch has more than `files` files or, unless it is a single file, `bytes` bytes. */
export function* inBatches(files: readonly FileToRead[], limits: BatchLimits): Generator<FileToRead[]> {
  let batch: FileToRead[] = [];
  let bytes = 0;
  for (const file of files) {
    if (batch.length > 0 && (batch.length >= limits.files || bytes + file.sizeBytes > limits.bytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(file);
    bytes += file.sizeBytes;
  }
  if (batch.length > 0) yield batch;
}
