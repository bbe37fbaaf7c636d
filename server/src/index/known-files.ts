/** Decides how what the index knows of each file is read from the rows of `files`. */
import type { RecordBatch } from 'apache-arrow';
import type { Generation } from './generation.ts';
import type { KnownFile } from './plan.ts';

/** The columns that a `KnownFile` is made from. */
export const knownColumns = ['hash', 'skipped', 'size_bytes', 'mtime_ms', 'read_at_ms', 'chunks'] as const;

/** Reads `KnownFile`s out of a batch that has the `knownColumns`, by row. */
export function knownFilesOf(batch: RecordBatch): (row: number) => KnownFile {
  const [hash, skipped, size, mtime, readAt, chunks] = knownColumns.map((name) => batch.getChild(name));
  return (row) => ({
    hash: String(hash?.get(row)),
    skipped: String(skipped?.get(row)),
    sizeBytes: Number(size?.get(row)),
    mtimeMs: Number(mtime?.get(row)),
    readAtMs: Number(readAt?.get(row)),
    chunks: Number(chunks?.get(row)),
  });
}

/** What the newest version of the generation knows of each file. */
export async function readKnownFiles(generation: Generation): Promise<Map<string, KnownFile>> {
  const known = new Map<string, KnownFile>();
  for await (const batch of generation.files.query().select(['path', ...knownColumns])) {
    const path = batch.getChild('path');
    const knownAt = knownFilesOf(batch);
    for (let row = 0; row < batch.numRows; row++) known.set(String(path?.get(row)), knownAt(row));
  }
  return known;
}
