/** Decides whether a published version is searched in memory, and checks that its segments still point at the right rows. */
import { rm } from 'node:fs/promises';
import type { Table } from '@lancedb/lancedb';
import type { Logger } from 'pino';
import type { MemoryIndex } from '../search/memory/memory-index.ts';
import { openMemory } from '../search/memory/open-memory.ts';
import type { PublishedFile } from '../search/memory/plan.ts';
import { segmentDirectory } from '../search/memory/segment-files.ts';
import type { MemoryShare } from '../search/memory/share.ts';
import type { Publication, ReadableGeneration } from './generation.ts';
import { indexedColumns, wordsColumn } from './lance.ts';

/** What searching in memory needs beside the version itself. */
export type MemoryOptions = {
  share: MemoryShare;
  /** Segments of the version before of the same generation. */
  previous: MemoryIndex | undefined;
  log: Logger;
  /** True: another process keeps the segments on disk; what they lack is made in memory alone. */
  readOnly?: boolean;
};

const sampledRows = 8;

/** The version's segments, or undefined when LanceDB's own indexes serve. Throws when the tables are not what was published. */
export async function openSnapshotMemory(
  codebase: string,
  { directory, meta }: ReadableGeneration,
  publication: Publication,
  chunks: Table,
  files: ReadonlyMap<string, PublishedFile>,
  { share, previous, log, readOnly = false }: MemoryOptions,
): Promise<MemoryIndex | undefined> {
  const { dimensions } = meta.recipe;
  const fits = share.fits(codebase, publication.chunks, dimensions);
  const hasIndexes = (await indexedColumns(chunks)).has(wordsColumn);
  if (!fits && hasIndexes) {
    share.take(codebase, 0);
    return undefined;
  }
  if (!fits) log.warn({ codebase, chunks: publication.chunks }, 'The index takes more memory than its share');
  const segments = segmentDirectory(directory);
  const { filesVersion, chunksVersion } = publication;
  const input = { codebase, database: directory, filesVersion, chunksVersion, dimensions, readOnly };
  const open = (earlier: MemoryIndex | undefined, onDisk: string | undefined) =>
    openMemory({ ...input, directory: onDisk, files, chunks: publication.chunks, previous: earlier, log });
  let memory = await open(previous, segments);
  if (!(await pointsAtRows(memory, chunks))) {
    log.warn({ codebase }, 'The segments of the index point at other rows; they are made again');
    if (!readOnly) await rm(segments, { recursive: true, force: true });
    memory = await open(undefined, readOnly ? undefined : segments);
    if (!(await pointsAtRows(memory, chunks))) throw new Error('corrupt: rows are not where the table says');
  }
  share.take(codebase, memory.bytes);
  return memory;
}

/** True when some rows, the first and the last one of each segment among them, are those that the segments mean. Their texts are read, too. */
async function pointsAtRows({ segments }: MemoryIndex, chunks: Table): Promise<boolean> {
  const expected = new Map<bigint, string>();
  for (const { segment, live } of segments) {
    const count = segment.facts.chunks;
    for (let i = 0; i < sampledRows; i++) {
      const chunk = Math.round((i / (sampledRows - 1)) * (count - 1));
      if (live !== undefined && live[chunk] === 0) continue;
      const path = segment.paths[segment.sections.chunkFile[chunk] as number];
      expected.set(segment.rowId(chunk), `${path}:${segment.sections.chunkStartLine[chunk]}`);
    }
  }
  if (expected.size === 0) return true;
  let found = 0;
  for await (const batch of chunks
    .takeRowIds([...expected.keys()])
    .select(['path', 'start_line', 'text'])
    .withRowId()) {
    const [path, startLine, rowId] = ['path', 'start_line', '_rowid'].map((name) => batch.getChild(name));
    for (let i = 0; i < batch.numRows; i++) {
      if (expected.get(BigInt(rowId?.get(i) ?? -1)) !== `${path?.get(i)}:${startLine?.get(i)}`) return false;
      found++;
    }
  }
  return found === expected.size;
}
