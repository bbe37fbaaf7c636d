import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { expect, test } from 'vitest';
import { merge } from './build-worker.ts';
import type { MemoryIndex } from './memory-index.ts';
import { openMemory, type ThreadRunner } from './open-memory.ts';
import type { PublishedFile } from './plan.ts';
import { type ChunkRow, SegmentBuilder } from './segment-builder.ts';
import { writeSegment } from './segment-files.ts';
import { encodeSegment } from './segment-format.ts';
import { madeUpChunks, newDirectory } from './testing/make-segment.ts';
import { seeded, whole } from './testing/random.ts';

const bm25 = { k1: 1.2, b: 0.75 };
const log = pino({ level: 'silent' });

/** Stands for the tables: rows by path with the state of their file. */
class Tables {
  readonly rows = new Map<string, ChunkRow[]>();
  readonly files = new Map<string, PublishedFile>();
  readonly builds: (string[] | 'everything')[] = [];

  put(path: string, rows: readonly ChunkRow[], readAt: number): void {
    this.rows.set(
      path,
      rows.map((row) => ({ ...row, path })),
    );
    this.files.set(path, { hash: rows.length, readAt, chunks: rows.length });
  }

  remove(path: string): void {
    this.rows.delete(path);
    this.files.delete(path);
  }

  get chunks(): number {
    return [...this.files.values()].reduce((sum, { chunks }) => sum + chunks, 0);
  }

  /** Makes segments of these tables in the thread of the test. */
  readonly thread: ThreadRunner = (work) =>
    work({
      build: async ({ directory, files }) => {
        const paths = files === undefined ? undefined : [...files.keys()];
        this.builds.push(paths ?? 'everything');
        const builder = new SegmentBuilder(64);
        for (const path of paths ?? this.rows.keys()) {
          const state = this.files.get(path);
          for (const row of this.rows.get(path) ?? []) if (state !== undefined) builder.add(row, state);
        }
        return { segments: [{ name: await writeSegment(directory ?? '', encodeSegment(builder.finish())) }] };
      },
      merge,
    });

  open(directory: string, previous?: MemoryIndex): Promise<MemoryIndex> {
    const versions = { database: '', filesVersion: 1, chunksVersion: 1, dimensions: 64 };
    const input = { ...versions, directory, codebase: 'shop', files: this.files, chunks: this.chunks, previous, log };
    return openMemory(input, () => this.thread);
  }
}

/** What a search over everything finds, by path and line. */
function contents(index: MemoryIndex): string[] {
  const words = Array.from({ length: 500 }, (_, i) => ({ word: `w${i}`, weight: 1 }));
  const vector = new Float32Array(64).fill(0.125);
  const found = index.search({ words, vector, filter: undefined, limit: 100_000, bm25 });
  return found.map(({ path, startLine, rowId }) => `${path}:${startLine}:${rowId}`).sort();
}

function expectedContents(tables: Tables): string[] {
  const all = [...tables.rows].flatMap(([path, rows]) => rows.map((row) => `${path}:${row.startLine}:${row.rowId}`));
  return all.sort();
}

function filled(seed: number, files: number): Tables {
  const tables = new Tables();
  for (let i = 0; i < files; i++) tables.put(`file${i}.x`, madeUpChunks(seed * 1000 + i, 3).rows, i);
  return tables;
}

test('a version without segments gets them from the tables, and a second opening finds them', async () => {
  const directory = await newDirectory();
  const tables = filled(1, 20);
  expect(contents(await tables.open(directory))).toEqual(expectedContents(tables));
  expect(contents(await tables.open(directory))).toEqual(expectedContents(tables));
  expect(tables.builds).toEqual(['everything']);
});

test('of a changed version only the changed files are read', async () => {
  const directory = await newDirectory();
  const tables = filled(2, 30);
  const before = await tables.open(directory);
  const old = contents(before);
  tables.put('file3.x', madeUpChunks(9999, 2).rows, 100);
  tables.remove('file4.x');
  tables.put('new.x', madeUpChunks(8888, 4).rows, 101);
  const after = await tables.open(directory, before);
  expect(tables.builds.at(-1)).toEqual(['file3.x', 'new.x']);
  expect(contents(after)).toEqual(expectedContents(tables));
  expect(contents(before), 'a version stays what it was').toEqual(old);
});

test.each([1, 2, 3])('after many changes at random the index is what the tables say (seed %i)', async (seed) => {
  const directory = await newDirectory();
  const random = seeded(seed);
  const tables = filled(seed + 10, 40);
  let index = await tables.open(directory);
  for (let round = 1; round <= 15; round++) {
    for (let change = whole(random, 4); change >= 0; change--) {
      const path = `file${whole(random, 50)}.x`;
      if (random() < 0.3) tables.remove(path);
      else tables.put(path, madeUpChunks(whole(random, 1e6), 1 + whole(random, 6)).rows, round * 100 + change);
    }
    // Now and then the process starts again and knows no segments.
    index = await tables.open(directory, random() < 0.3 ? undefined : index);
    expect(contents(index)).toEqual(expectedContents(tables));
  }
  expect((await readdir(directory)).length).toBe(index.segments.length);
});

test.each([
  { what: 'deleted', damage: (directory: string) => rm(directory, { recursive: true }) },
  {
    what: 'overwritten',
    damage: async (directory: string) => {
      for (const name of await readdir(directory)) await writeFile(join(directory, name), 'garbage'.repeat(100));
    },
  },
  {
    what: 'replaced by a directory',
    damage: async (directory: string) => {
      for (const name of await readdir(directory)) {
        await rm(join(directory, name));
        await mkdir(join(directory, name));
      }
    },
  },
])('segments that were $what are made again', async ({ damage }) => {
  const directory = await newDirectory();
  const tables = filled(5, 10);
  await tables.open(directory);
  await damage(directory);
  expect(contents(await tables.open(directory))).toEqual(expectedContents(tables));
  expect(tables.builds).toEqual(['everything', 'everything']);
});

test('tables that lack published chunks are told as damaged', async () => {
  const directory = await newDirectory();
  const tables = filled(6, 5);
  tables.rows.set('file2.x', []);
  tables.files.set('other.x', { hash: 1, readAt: 1, chunks: 3 });
  await expect(tables.open(directory)).rejects.toThrow(/corrupt: /);
});

test('a segment that cannot be written serves from memory, also the versions after it', async () => {
  const directory = await newDirectory();
  const tables = filled(7, 5);
  const before = await tables.open(directory);
  const onDisk = await readdir(directory);
  tables.put('new.x', madeUpChunks(7777, 4).rows, 200);
  const { thread } = tables;
  const fullVolume: ThreadRunner = (work) =>
    thread((made) =>
      work({
        ...made,
        build: async ({ files }) => {
          const builder = new SegmentBuilder(64);
          const state = tables.files.get('new.x');
          for (const row of tables.rows.get([...(files?.keys() ?? [])][0] ?? '') ?? [])
            if (state !== undefined) builder.add(row, state);
          const unsaved = new Uint8Array(Buffer.concat(encodeSegment(builder.finish())));
          return { segments: [{ name: 'unsaved-1', unsaved }] };
        },
      }),
    );
  const versions = { database: '', filesVersion: 1, chunksVersion: 1, dimensions: 64 };
  const input = { ...versions, directory, codebase: 'shop', files: tables.files, log };
  const after = await openMemory({ ...input, chunks: tables.chunks, previous: before }, () => fullVolume);
  expect(contents(after)).toEqual(expectedContents(tables));
  expect(await readdir(directory)).toEqual(onDisk);
  const builds = tables.builds.length;
  expect(contents(await tables.open(directory, after))).toEqual(expectedContents(tables));
  expect(tables.builds).toHaveLength(builds);
});
