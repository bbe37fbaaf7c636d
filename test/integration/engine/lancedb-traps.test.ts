import { readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Table } from '@lancedb/lancedb';
import { makeArrowTable } from '@lancedb/lancedb';
import { afterEach, describe, expect, test } from 'vitest';
import { directorySize } from '../../../server/src/index/disk.ts';
import {
  createGeneration,
  type Generation,
  openGeneration,
  type Publication,
} from '../../../server/src/index/generation.ts';
import { createSymbolIndex, createWordIndex, indexedColumns, wordsQuery } from '../../../server/src/index/lance.ts';
import { copyRowsInto, publish } from '../../../server/src/index/publish.ts';
import { chunksSchema, symbolsSchema } from '../../../server/src/index/tables.ts';
import { Cleanups, EngineProcess, makeEngine, settled, writeTree } from './harness.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

const dimensions = 4;
const recipe = { embedding: 'm', dimensions, chunker: 'c', chunkLimit: 100 };
const newGeneration = (): Promise<Generation> => createGeneration(cleanups.directory(), 1, recipe, '');

const chunk = (path: string, words: string) => ({
  path,
  language: 'text',
  start_line: 1,
  end_line: 1,
  definitions: '',
  kinds: '',
  scope: '',
  text: words,
  words,
  vector: [1, 0, 0, 0],
});
const symbol = (path: string, name: string) => ({
  ...{ path, name, language: 'go', role: 'definition', kind: 'function', parent: '', ordinal: 0, line: 1, end_line: 1 },
  ...{ name_line: 1, exported: 1, doc: '', doc_line: 0, signature: '', complexity: 1, uses: '' },
});
const addChunks = (table: Table, rows: ReturnType<typeof chunk>[]) =>
  table.add(makeArrowTable(rows, { schema: chunksSchema(dimensions) }));
const addSymbols = (table: Table, rows: ReturnType<typeof symbol>[]) =>
  table.add(makeArrowTable(rows, { schema: symbolsSchema }));

async function found(chunks: Table, words: string): Promise<string[]> {
  const rows = await chunks.query().fullTextSearch(wordsQuery(words)).select(['path', '_score']).limit(50).toArray();
  return rows.map(({ path }) => String(path)).sort();
}

const facts: Pick<Publication, 'rules' | 'skipped' | 'indexedAt'> = {
  rules: 'r',
  skipped: {},
  indexedAt: '2026-01-01T00:00:00.000Z',
};

describe('[index.lancedb-traps] full-text index', () => {
  test('positions crashed optimize (lance#7653): ours has none, and both go on after optimize', async () => {
    const { chunks } = await newGeneration();
    await addChunks(chunks, [chunk('a', 'alpha beta'), chunk('b', 'beta')]);
    await createWordIndex(chunks);
    await addChunks(chunks, [chunk('c', 'alpha')]);
    await chunks.optimize();
    await addChunks(chunks, [chunk('d', 'alpha')]);
    await chunks.optimize();
    expect(await found(chunks, 'alpha')).toEqual(['a', 'c', 'd']);
  });

  test('stemming, stop words, case and length limits lose identifiers: every word is found as it was split', async () => {
    const { chunks } = await newGeneration();
    const long = 'x'.repeat(100);
    await addChunks(chunks, [chunk('a', `the running ${long} def:name größe`), chunk('b', 'run')]);
    await createWordIndex(chunks);
    for (const word of ['the', 'running', long, 'def:name', 'größe'])
      expect(await found(chunks, word), word).toEqual(['a']);
    expect(await found(chunks, 'run')).toEqual(['b']);
  });

  test('an index made on an empty table covers nothing: none is made before there are rows', async () => {
    const generation = await newGeneration();
    await publish(generation, facts, () => true);
    expect([...(await indexedColumns(generation.chunks)).keys()]).toEqual([]);
    await addChunks(generation.chunks, [chunk('a', 'alpha')]);
    await publish(generation, facts, () => true);
    const name = (await indexedColumns(generation.chunks)).get('words') ?? '';
    expect(await generation.chunks.indexStats(name)).toMatchObject({ numIndexedRows: 1, numUnindexedRows: 0 });
  });

  test('rows that come after the index are counted as outside of it, and found all the same', async () => {
    const { chunks } = await newGeneration();
    await addChunks(chunks, [chunk('a', 'alpha')]);
    await createWordIndex(chunks);
    await addChunks(chunks, [chunk('b', 'alpha')]);
    const name = (await indexedColumns(chunks)).get('words') ?? '';
    expect((await chunks.indexStats(name))?.numUnindexedRows).toBe(1);
    expect(await found(chunks, 'alpha')).toEqual(['a', 'b']);
    await chunks.delete("path IN ('a')");
    expect(await found(chunks, 'alpha')).toEqual(['b']);
  });
});

describe('[index.lancedb-traps] scalar index', () => {
  test('after optimize a merge by an indexed key matched nothing (lancedb#3177): deleting and adding by path and name stays exact', async () => {
    const { symbols } = await newGeneration();
    const many = (file: number) => Array.from({ length: 50 }, (_, i) => symbol(`f${file}.go`, `name${i}`));
    for (let file = 0; file < 20; file++) await addSymbols(symbols, many(file));
    for (const column of ['name', 'path'] as const) await createSymbolIndex(symbols, column);
    for (let round = 0; round < 3; round++) {
      await symbols.delete("path IN ('f3.go','f4.go')");
      expect(await symbols.countRows()).toBe(18 * 50);
      expect(await symbols.countRows("name = 'name7'")).toBe(18);
      expect(await symbols.countRows("path = 'f3.go'")).toBe(0);
      await addSymbols(symbols, [...many(3), ...many(4)]);
      expect(await symbols.countRows("name = 'name7'")).toBe(20);
      await symbols.optimize();
      expect(await symbols.countRows("path = 'f3.go' AND name = 'name7'")).toBe(1);
    }
  });
});

describe('[index.lancedb-traps] versions', () => {
  test('a write a file made 13,125 versions: a run makes a few, however many files it has', async () => {
    const root = cleanups.directory();
    const dataDir = cleanups.directory();
    const text = (i: number, word: string) => `package a\n\nfunc ${word}${i}() {}\n`;
    const tree = (word: string) =>
      Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`f${i}.go`, text(i, word)]));
    writeTree(root, tree('first'));
    const { engine } = makeEngine(cleanups, dataDir, { sources: [{ name: 'shop', path: root }] });
    await engine.start();
    await settled(engine);
    const versions = (table: string) =>
      readdirSync(join(dataDir, 'index', 'shop', 'g1', `${table}.lance`, '_versions')).length;
    const before = Object.fromEntries(['files', 'chunks', 'symbols'].map((table) => [table, versions(table)]));
    writeTree(root, tree('second'));
    await engine.indexCodebase('shop', { full: false });
    for (const [table, count] of Object.entries(before)) {
      expect(count, table).toBeLessThan(8);
      expect(versions(table) - count, table).toBeLessThan(8);
    }
  });

  test('what is read at a version stays as it was while rows come and go', async () => {
    const generation = await newGeneration();
    await addChunks(generation.chunks, [chunk('a', 'alpha'), chunk('b', 'beta')]);
    const version = await generation.chunks.version();
    const reader = await generation.database.openTable('chunks', undefined, { version });
    await generation.chunks.delete("path = 'a'");
    await addChunks(generation.chunks, [chunk('c', 'gamma')]);
    expect((await reader.query().select(['path']).toArray()).map(({ path }) => path)).toEqual(['a', 'b']);
    reader.close();
  });

  test('a writer in another handle is seen when a generation is opened again, at its newest version', async () => {
    const directory = cleanups.directory();
    const first = await createGeneration(directory, 1, recipe, '');
    const second = await openGeneration(directory, 1);
    await addChunks(first.chunks, [chunk('a', 'alpha')]);
    const third = await openGeneration(directory, 1);
    expect(third?.newest.chunks).toBe(await first.chunks.version());
    expect(await third?.chunks.countRows()).toBe(1);
    expect(second?.newest.chunks).toBeLessThan(third?.newest.chunks ?? 0);
  });

  test('concurrent writers double rows (lancedb#3377): runs of one code base come one after another', async () => {
    const root = cleanups.directory();
    const dataDir = cleanups.directory();
    writeTree(root, Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`f${i}.txt`, `word${i}\n`])));
    const { engine } = makeEngine(cleanups, dataDir, { sources: [{ name: 'shop', path: root }] });
    await engine.start();
    await Promise.all(Array.from({ length: 4 }, () => engine.indexCodebase('shop', { full: false })));
    writeTree(root, Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`f${i}.txt`, `other${i}\n`])));
    await Promise.all(Array.from({ length: 4 }, () => engine.indexCodebase('shop', { full: false })));
    expect((await settled(engine)).chunks).toBe(60);
  });
});

describe('[index.lancedb-traps] disk and memory', () => {
  test('old versions stay for 7 days unless told otherwise: what changes again and again takes a bounded multiple of a fresh index', async () => {
    const root = cleanups.directory();
    const dataDir = cleanups.directory();
    const tree = (run: number) => {
      // Numbers without order, so that compression makes little of them.
      const line = (i: number, n: number) => `${Math.imul(run * 7919 + i * 104_729 + n, 2_654_435_761)} `;
      const text = (i: number) =>
        Array.from({ length: 9000 }, (_, n) => `${line(i, n)}${n % 20 === 0 ? '\n' : ''}`).join('');
      writeTree(root, Object.fromEntries(Array.from({ length: 18 }, (_, i) => [`f${i}.txt`, text(i)])));
    };
    tree(0);
    const { engine } = makeEngine(cleanups, dataDir, { sources: [{ name: 'shop', path: root }] });
    await engine.start();
    const { chunks } = await settled(engine);
    const index = join(dataDir, 'index', 'shop');
    const fresh = await directorySize(index);
    const sizes: number[] = [];
    for (let run = 1; run <= 8; run++) {
      tree(run);
      await engine.indexCodebase('shop', { full: false });
      sizes.push(await directorySize(index));
    }
    expect(fresh, 'large enough to show').toBeGreaterThan(4_000_000);
    // A rewrite stands beside what it replaces for a moment.
    expect(Math.max(...sizes)).toBeLessThan(6 * fresh + 20_000_000);
    expect(readdirSync(index), 'rewritten beside').not.toContain('g1');
    const status = await settled(engine);
    expect(Math.abs(status.chunks - chunks)).toBeLessThan(chunks / 10);
  }, 180_000);

  test('optimize has no bound of memory: a rewrite copies every row in small batches instead', async () => {
    const from = await newGeneration();
    for (let i = 0; i < 40; i++) {
      await addChunks(
        from.chunks,
        Array.from({ length: 25 }, (_, n) => chunk(`f${i}`, `word${n}`)),
      );
      await addSymbols(from.symbols, [symbol(`f${i}`, `name${i}`)]);
    }
    const to = await newGeneration();
    await copyRowsInto(from, to);
    expect(await to.chunks.countRows()).toBe(1000);
    expect(await to.symbols.countRows()).toBe(40);
    expect((await to.chunks.stats()).fragmentStats.numFragments).toBe(1);
    expect(await to.chunks.countRows("path = 'f7'")).toBe(25);
  });
});

/** An index of one file, made by another process: this one has nothing of it in its caches. */
async function indexOfAnotherProcess() {
  const root = cleanups.directory();
  const dataDir = cleanups.directory();
  writeTree(root, { 'a.go': 'package a\n\nfunc Alpha() {}\n' });
  const sources = { sources: [{ name: 'shop', path: root }] };
  const process = new EngineProcess(cleanups, dataDir, sources);
  await process.start();
  await settled(process);
  await process.stop();
  await process.kill();
  return { dataDir, sources, symbols: join(dataDir, 'index', 'shop', 'g1', 'symbols.lance') };
}

describe('[runbook-4.2] damage of the table of symbols', () => {
  test.each([
    {
      what: 'cut short',
      damage: (table: string) => {
        for (const name of readdirSync(join(table, 'data'))) truncateSync(join(table, 'data', name), 10);
      },
    },
    { what: 'gone', damage: (table: string) => rmSync(table, { recursive: true }) },
  ])('($what) is told at the start, and a full run makes it anew', async ({ damage }) => {
    const { dataDir, sources, symbols } = await indexOfAnotherProcess();
    damage(symbols);
    const { engine, logs } = makeEngine(cleanups, dataDir, sources);
    await engine.start();
    expect(await settled(engine)).toMatchObject({ state: 'Failed', problem: { code: 'IndexCorrupted' } });
    expect(logs.filter(({ message }) => message === 'Index corruption detected')).toHaveLength(1);
    expect(await engine.indexCodebase('shop', { full: true })).toMatchObject({ files: 1 });
    expect((await engine.status()).codebases[0]).toMatchObject({ state: 'Ready' });
  });
});
