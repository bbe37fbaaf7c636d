import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pino from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { chunkerVersion } from '../../../server/src/chunking/chunker.ts';
import { type SourceConfig, serverConfigSchema } from '../../../server/src/contract.ts';
import { loadStaticModel } from '../../../server/src/embedding/static-model.ts';
import { CodebaseStore } from '../../../server/src/index/codebase-store.ts';
import { carryFileList, type FileList, readFileList } from '../../../server/src/index/file-list.ts';
import { type IndexerDeps, indexOnce } from '../../../server/src/index/indexer.ts';
import { openSnapshot, type Snapshot } from '../../../server/src/index/snapshot.ts';
import { Throttle } from '../../../server/src/index/throttle.ts';
import { createWorkerPool } from '../../../server/src/index/worker-pool.ts';
import { MemoryShare } from '../../../server/src/search/memory/share.ts';
import { seeded, whole } from '../../../server/src/search/memory/testing/random.ts';
import { createDirectorySource } from '../../../server/src/sources/source.ts';
import { Cleanups } from './harness.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

const model = loadStaticModel();
const { dimensions } = model;
const recipe = { embedding: model.name, dimensions, chunker: chunkerVersion, chunkLimit: 1500 };
const log = pino({ level: 'silent' });

/** A codebase in a directory, indexed when asked; `tree` writes and deletes files of it. */
function codebaseIn(root: string, directory = cleanups.directory()) {
  const config = serverConfigSchema.parse({ sources: [{ name: 'shop', path: root }] }).sources[0] as SourceConfig;
  const store = new CodebaseStore('shop', directory, () => recipe, new MemoryShare(2048), log);
  const pool = createWorkerPool({ settings: () => ({ model, dimensions }), threads: 2 });
  cleanups.add(() => store.close());
  cleanups.add(() => pool.release());
  const deps: IndexerDeps = {
    ...{ config, store, pool, log, source: createDirectorySource(root), recipe: () => recipe, reindex: '' },
    ...{ incremental: true, throttle: new Throttle(), clock: Date.now, onBatch: () => {}, onSynced: () => {} },
    vectorCache: () => ({ vectorTable: undefined, oldestVectorMs: 0 }),
  };
  const run = async (full = false): Promise<Snapshot> => {
    await indexOnce(deps, { full, onProgress: () => {} });
    if (store.snapshot === undefined) throw new Error('nothing was published');
    return store.snapshot;
  };
  return { store, run };
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const probe = Float32Array.from({ length: dimensions }, (_, i) => Math.sin(i));

/** All that a list says, in a form that does not depend on where a file's row is. */
function saidBy({ byPath, vectors, pathWords, known }: FileList) {
  const files = [...byPath].map(([path, { row, ...file }]) => ({
    path,
    ...file,
    near: vectors.similarity(row, probe),
  }));
  const words = ['file', 'src', 'deep', 'deeper', 'f1', 'f7', 'nothing'].map((word) => pathWords.weight(word));
  return {
    files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
    words,
    known: [...known].sort(([a], [b]) => (a < b ? -1 : 1)),
    rows: new Set([...byPath.values()].map(({ row }) => row)).size,
  };
}

/** What a reader sees who opens the published version from disk. */
async function readAnew(store: CodebaseStore): Promise<Snapshot> {
  const generation = store.published;
  if (generation?.meta.publication === undefined) throw new Error('nothing was published');
  const memory = { share: new MemoryShare(2048), previous: undefined, log };
  return openSnapshot('shop', generation, generation.meta.publication, memory);
}

/** Every chunk that is searched in memory, with the row that it points at. */
function chunksInMemory({ memory }: Snapshot): string[] {
  const chunks: string[] = [];
  for (const { segment, live } of memory?.segments ?? []) {
    for (let chunk = 0; chunk < segment.facts.chunks; chunk++) {
      if (live?.[chunk] === 0) continue;
      const path = segment.paths[segment.sections.chunkFile[chunk] as number];
      chunks.push(`${path}:${segment.sections.chunkStartLine[chunk]}:${segment.rowId(chunk)}`);
    }
  }
  return chunks.sort();
}

async function chunksInTable({ chunksTable }: Snapshot): Promise<string[]> {
  const rows = await chunksTable.query().select(['path', 'start_line']).withRowId().toArray();
  return rows.map((row) => `${row.path}:${row.start_line}:${row._rowid}`).sort();
}

const pathOf = (number: number) =>
  `src/${['deep', 'deeper/still', ''][number % 3]}/file-f${number}.ts`.replace('//', '/');
const textOf = (random: () => number) =>
  `export const v${whole(random, 1e9)} = 1;\n`.repeat(1 + whole(random, 90)) + (random() < 0.1 ? '\0' : '');

describe('[index.incremental] what a version takes over from the one before', () => {
  test.each([1, 2])(
    'is what its tables say, whatever was changed, deleted, added again or made anew (seed %i)',
    async (seed) => {
      const root = cleanups.directory();
      const random = seeded(seed);
      const { store, run } = codebaseIn(root);
      for (let i = 0; i < 60; i++) write(root, pathOf(i), textOf(random));
      let before = await run();
      let carried = 0;
      for (let round = 0; round < 12; round++) {
        for (let change = whole(random, 6); change >= 0; change--) {
          const path = pathOf(whole(random, 75));
          if (random() < 0.35) rmSync(join(root, path), { force: true });
          else write(root, path, textOf(random));
        }
        const after = await run(round === 6);
        const anew = await readAnew(store);
        expect(saidBy(after.list), `round ${round}`).toEqual(saidBy(anew.list));
        expect(chunksInMemory(after)).toEqual(await chunksInTable(anew));
        expect(after.publication.files).toBe(anew.files.size);
        for (const [path, file] of after.files) if (before.files.get(path) === file) carried++;
        await anew.retire();
        before = after;
      }
      // It is about taking over, so most must have been.
      expect(carried).toBeGreaterThan(400);
    },
    120_000,
  );

  test('a file that goes, comes back and changes twice is never an older one of itself', async () => {
    const root = cleanups.directory();
    const { run } = codebaseIn(root);
    write(root, 'kept.ts', 'export const kept = 1;\n');
    const seen: (number | undefined)[] = [];
    for (const lines of [1, 2, 0, 3, 4, 0, 1]) {
      if (lines === 0) rmSync(join(root, 'a.ts'));
      else write(root, 'a.ts', 'export const a = 1;\n'.repeat(lines));
      seen.push((await run()).files.get('a.ts')?.lines);
    }
    expect(seen).toEqual([1, 2, undefined, 3, 4, undefined, 1]);
  });

  test('a version that is read keeps its files while later ones are made from it', async () => {
    const root = cleanups.directory();
    const { run } = codebaseIn(root);
    for (let i = 0; i < 5; i++) write(root, pathOf(i), 'export const one = 1;\n');
    const first = await run();
    const before = saidBy(first.list);
    write(root, pathOf(1), 'weather and rain\n'.repeat(9));
    rmSync(join(root, pathOf(2)));
    write(root, pathOf(9), 'zeppelin\n');
    await run();
    expect(saidBy(first.list)).toEqual(before);
  });

  test('is nothing when the run says something else than the table', async () => {
    const root = cleanups.directory();
    const { store, run } = codebaseIn(root);
    for (const path of ['a.ts', 'b.ts', 'c.ts']) write(root, path, `export const ${path[0]} = 1;\n`);
    await run();
    const table = store.published?.files;
    if (table === undefined) throw new Error('nothing was published');
    const list = await readFileList(table, 3, dimensions);
    const carry = (removed: string[], written: string[]) =>
      carryFileList(table, list, { removed: new Set(removed), written, leftOut: new Map() });
    expect(saidBy((await carry([], [])) as FileList)).toEqual(saidBy(list));
    expect(saidBy((await carry(['c.ts'], ['c.ts'])) as FileList)).toEqual(saidBy(list));
    expect(await carry([], ['c.ts']), 'a row was added for a file that had one').toBeUndefined();
    expect(await carry(['b.ts'], ['b.ts']), 'the last row is of another file').toBeUndefined();
    expect(
      await carry(['a.ts', 'b.ts', 'c.ts'], ['a.ts', 'b.ts', 'c.ts', 'd.ts']),
      'more than all rows',
    ).toBeUndefined();
  });
});
