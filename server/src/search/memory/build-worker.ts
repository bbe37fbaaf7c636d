/** Decides what the thread that makes segments does: read and cut rows into segments, or join segments. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildAnswer, BuildTask, MergeTask } from './build-protocol.ts';
import { SegmentBuilder } from './segment-builder.ts';
import { unsavedName, writeSegment } from './segment-files.ts';
import { decodeSegment, encodeSegment, maxSegmentChunks } from './segment-format.ts';

/** Writes the chunks as segments; a file's chunks stay together as long as the table has them together. */
export async function build(task: BuildTask): Promise<BuildAnswer> {
  // Loaded only here: the library is large, and joining segments needs none of it.
  const { openTables, readChunks, readStates } = await import('./read-chunks.ts');
  const { connection, files, chunks } = await openTables(task);
  try {
    const states = task.files ?? (await readStates(files));
    const segments: BuildAnswer['segments'] = [];
    let builder = new SegmentBuilder(task.dimensions);
    const write = async () => {
      if (builder.chunks > 0) segments.push(await save(task.directory, builder));
      builder = new SegmentBuilder(task.dimensions);
    };
    let file: string | undefined;
    for await (const row of readChunks(chunks, task.files)) {
      if (row.path !== file && builder.chunks + spare > maxSegmentChunks) await write();
      if (builder.chunks === maxSegmentChunks) await write();
      file = row.path;
      const state = states.get(row.path);
      if (state !== undefined) builder.add(row, state);
    }
    await write();
    return { segments };
  } finally {
    for (const table of [files, chunks]) table.close();
    connection.close();
  }
}

/** A full or read-only volume must not keep a version from being searched: such a segment lives in memory alone. */
async function save(directory: string | undefined, builder: SegmentBuilder): Promise<BuildAnswer['segments'][number]> {
  const parts = encodeSegment(builder.finish());
  const name = directory && (await writeSegment(directory, parts).catch(() => undefined));
  if (name) return { name };
  return { name: unsavedName(randomUUID()), unsaved: new Uint8Array(Buffer.concat(parts)) };
}

/** Room kept for the chunks of one file, so that few files are spread over two segments. */
const spare = 2048;

/** Joins segments. */
export async function merge({ directory, dimensions, segments }: MergeTask): Promise<BuildAnswer> {
  const builder = new SegmentBuilder(dimensions);
  for (const { name, live } of segments) {
    const bytes = await readFile(join(directory, name));
    // A view of Node's pool would not begin at a multiple of 16.
    const buffer = new Uint8Array(bytes).buffer;
    const data = await decodeSegment(buffer, 0, bytes.length, async () => {});
    builder.addSegment(data, live ?? new Uint8Array(data.facts.chunks).fill(1));
  }
  return { segments: builder.chunks === 0 ? [] : [await save(directory, builder)] };
}
