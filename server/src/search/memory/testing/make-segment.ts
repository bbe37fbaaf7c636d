/** Decides how tests get segments: built from made-up chunks, written to a file and read again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Segment } from '../segment.ts';
import { type ChunkRow, SegmentBuilder } from '../segment-builder.ts';
import { writeSegment } from '../segment-files.ts';
import { encodeSegment } from '../segment-format.ts';
import { leaningVector, seeded, whole } from './random.ts';

const encoder = new TextEncoder();

/** A chunk row from words and defaults. */
export function chunkRow(words: string, more: Partial<ChunkRow> = {}): ChunkRow {
  const bytes = encoder.encode(words);
  return {
    path: 'a.ts',
    language: 'typescript',
    startLine: 1,
    endLine: 2,
    definitions: '',
    kinds: '',
    vector: new Float32Array(64),
    rowId: 0n,
    ...more,
    words: { bytes, from: 0, to: bytes.length },
  };
}

/** Words as in code: few that are everywhere, many that are rare. */
export function madeUpText(random: () => number, vocabulary = 500): string {
  const length = 5 + whole(random, 60);
  return Array.from({ length }, () => `w${Math.floor(vocabulary * random() ** 4)}`).join(' ');
}

export type MadeUp = { texts: string[]; vectors: Float32Array[]; rows: ChunkRow[] };

/** `count` chunks, five a file, in three languages. */
export function madeUpChunks(seed: number, count: number, dimensions = 64): MadeUp {
  const random = seeded(seed);
  const texts = Array.from({ length: count }, () => madeUpText(random));
  const vectors = texts.map(() => leaningVector(random, dimensions));
  const rows = texts.map((text, i) =>
    chunkRow(text, {
      path: `s${seed}/file${Math.floor(i / 5)}.x`,
      language: ['go', 'python', 'rust'][Math.floor(i / 5) % 3] as string,
      startLine: (i % 5) * 10 + 1,
      endLine: (i % 5) * 10 + 10,
      definitions: i % 4 === 0 ? `Name${i} other${i}` : '',
      kinds: i % 2 === 0 ? 'function' : i % 3 === 0 ? 'class method' : '',
      vector: vectors[i] as Float32Array,
      rowId: (BigInt(seed) << 32n) | BigInt(i),
    }),
  );
  return { texts, vectors, rows };
}

export function built(rows: readonly ChunkRow[], dimensions = 64): SegmentBuilder {
  const builder = new SegmentBuilder(dimensions);
  for (const row of rows) builder.add(row, { hash: row.path.length, readAt: 1000.25 });
  return builder;
}

/** A directory that goes away with the test. */
export async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'segments-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A segment of these chunks, read from its file. */
export async function madeSegment(rows: readonly ChunkRow[], dimensions = 64): Promise<Segment> {
  const directory = await newDirectory();
  const name = await writeSegment(directory, encodeSegment(built(rows, dimensions).finish()));
  return Segment.load(join(directory, name), name);
}
