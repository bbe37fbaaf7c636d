import { copyFileSync, readdirSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import type { Engine, ExactSearchRequest } from '../../../server/src/engine.ts';
import { CodebaseStore } from '../../../server/src/index/codebase-store.ts';
import { MemoryShare } from '../../../server/src/search/memory/share.ts';
import type { FindDefinitionsRequest } from '../../../server/src/symbols/port.ts';
import { Cleanups, eventually, makeEngine, writeTree } from './harness.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

const names = ['one', 'two', 'three'];

/** Three codebases that were indexed by a server that ended. */
async function indexed() {
  const dataDir = cleanups.directory();
  const sources = names.map((name) => {
    const path = cleanups.directory();
    writeTree(path, { 'a.ts': `export function paginator${name}() {\n  return 'paginator';\n}\n` });
    return { name, path };
  });
  const { engine } = makeEngine(cleanups, dataDir, { sources });
  await engine.start();
  await allReady(engine);
  await engine.stop();
  return { dataDir, sources };
}

function allReady(engine: Engine): Promise<true> {
  return eventually('all codebases', async () =>
    (await engine.status()).codebases.every(({ state }) => state === 'Ready') ? true : undefined,
  );
}

const exactly = (codebases: string[]): ExactSearchRequest => ({
  pattern: 'paginator',
  codebases,
  regex: false,
  case: 'sensitive',
  fileTypes: [],
  excludePatterns: [],
  report: 'files',
  limit: 10,
  contextLines: 0,
});
const definitions: FindDefinitionsRequest = {
  codebases: [],
  pathGlobs: [],
  languages: [],
  includeTests: true,
  name: 'paginator',
  match: 'prefix',
  caseSensitive: false,
  kinds: [],
  bodyLines: 0,
  limit: 10,
  offset: 0,
};

describe('a restart', () => {
  test('[index.restart-answers] is answered from the first moment on, whole and without a problem', async () => {
    const { dataDir, sources } = await indexed();
    const { engine } = makeEngine(cleanups, dataDir, { sources });
    let isStarted = false;
    const ask = async () => {
      do {
        const [all, one, semantic, symbols, file] = await Promise.all([
          engine.exactSearch(exactly([])),
          engine.exactSearch(exactly(['two'])),
          engine.semanticSearch({ query: 'paginator', codebases: [], topK: 10 }),
          engine.symbols.findDefinitions(definitions),
          engine.readFile('three/a.ts'),
        ]);
        expect([all.files.length, one.files.length, symbols.total]).toEqual([3, 1, 3]);
        expect(new Set(semantic.hits.map(({ codebase }) => codebase))).toEqual(new Set(names));
        expect([all.notice, semantic.notice, symbols.notice]).toEqual([undefined, undefined, undefined]);
        expect(file.totalLines).toBe(3);
      } while (!isStarted);
    };
    const asking = ask();
    await engine.start();
    isStarted = true;
    await asking;
    const { codebases, index } = await engine.status();
    expect(codebases.flatMap(({ problem }) => problem ?? [])).toEqual([]);
    expect(index.problem).toBeUndefined();
  });

  test('[index.restart-answers] a codebase without an index is named by answers about all', async () => {
    const { dataDir, sources } = await indexed();
    const missing = join(cleanups.directory(), 'nowhere');
    const { engine } = makeEngine(cleanups, dataDir, { sources: [...sources, { name: 'fresh', path: missing }] });
    await engine.start();
    const notice = 'Not searched: fresh (it has no index yet). See get_index_status.';
    expect(await engine.exactSearch(exactly([]))).toMatchObject({ notice, totals: { files: 3 } });
    expect(await engine.symbols.findDefinitions(definitions)).toMatchObject({ notice, total: 3 });
    const { notice: told } = await engine.semanticSearch({ query: 'paginator', codebases: [], topK: 10 });
    expect(told).toContain(notice);
    expect((await engine.exactSearch(exactly(['one']))).notice).toBeUndefined();
  });

  test('[index.crash-safe] an index that is opened a second time, as after a failed start, stays', async () => {
    const { dataDir } = await indexed();
    const recipe = () => ({ embedding: 'x', dimensions: 1, chunker: 'x', chunkLimit: 1 });
    const log = pino({ enabled: false });
    const store = new CodebaseStore('one', join(dataDir, 'index', 'one'), recipe, new MemoryShare(512), log);
    cleanups.add(() => store.close());
    await store.open();
    const { version } = store.snapshot ?? {};
    await store.open();
    expect(store.failure).toBeUndefined();
    expect(store.snapshot?.version).toBe(version);
    expect(version).toContain('one@');
  });
});

/** The largest data file of a codebase's table. */
function dataFile(dataDir: string, codebase: string, table: string): string {
  const directory = join(dataDir, 'index', codebase, 'g1', `${table}.lance`, 'data');
  const files = readdirSync(directory).map((name) => join(directory, name));
  return files.sort((a, b) => statSync(b).size - statSync(a).size)[0] as string;
}

describe('damage that a question about all codebases meets', () => {
  test('[index.crash-safe] is that of one codebase, and is over once its data can be read again', async () => {
    const { dataDir, sources } = await indexed();
    const { engine } = makeEngine(cleanups, dataDir, { sources });
    await engine.start();
    await allReady(engine);
    const file = dataFile(dataDir, 'two', 'symbols');
    const saved = join(cleanups.directory(), 'saved');
    copyFileSync(file, saved);
    truncateSync(file, 10);
    await expect(engine.symbols.findDefinitions(definitions)).rejects.toMatchObject({ code: 'IndexCorrupted' });
    const states = async () => (await engine.status()).codebases.map(({ state }) => state);
    expect(await states()).toEqual(['Ready', 'Failed', 'Ready']);
    const rest = await engine.symbols.findDefinitions(definitions);
    expect(rest).toMatchObject({ total: 2, notice: expect.stringContaining('two (its index failed: IndexCorrupted)') });
    await expect(engine.indexCodebase('two', { full: false })).rejects.toMatchObject({ code: 'IndexCorrupted' });

    copyFileSync(saved, file);
    await engine.indexCodebase('two', { full: false });
    expect(await states()).toEqual(['Ready', 'Ready', 'Ready']);
    expect((await engine.symbols.findDefinitions(definitions)).total).toBe(3);
  });

  test('[index.crash-safe] of a deleted data folder is told to whoever reads a file, without paths of this machine', async () => {
    const { dataDir, sources } = await indexed();
    // So much text that it is read from the disk when it is asked for.
    const line = (n: number) => `const word${Math.imul(n, 2_654_435_761).toString(36)} = ${n};\n`;
    writeTree(sources[0]?.path ?? '', { 'large.txt': Array.from({ length: 20_000 }, (_, n) => line(n)).join('') });
    const { engine } = makeEngine(cleanups, dataDir, { sources });
    await engine.start();
    await allReady(engine);
    await engine.indexCodebase('one', { full: false });
    renameSync(join(dataDir, 'index'), join(dataDir, 'gone'));
    rmSync(join(dataDir, 'gone'), { recursive: true });
    const problem = await engine.readFile('one/large.txt').catch((error: unknown) => error);
    expect(problem).toMatchObject({ code: 'IndexCorrupted', message: expect.not.stringContaining('index/one') });
    await expect(engine.readFile('one/a.ts')).rejects.toMatchObject({ code: 'IndexCorrupted' });
  });

  test('[index.atomic-publish] an index made anew after its data was deleted has a version that none had before', async () => {
    const { dataDir, sources } = await indexed();
    const { engine } = makeEngine(cleanups, dataDir, { sources });
    await engine.start();
    await allReady(engine);
    const question = { query: 'paginator', codebases: ['one'], topK: 5 };
    const before = await engine.semanticSearch(question);
    rmSync(join(dataDir, 'index', 'one'), { recursive: true });
    writeTree(sources[0]?.path ?? '', { 'a.ts': 'export function pages() {\n  return "paginator anew";\n}\n' });
    await engine.indexCodebase('one', { full: true });
    const after = await engine.semanticSearch(question);
    expect(after).toMatchObject({ cached: false, hits: [{ text: expect.stringContaining('anew') }] });
    expect(after.version).not.toBe(before.version);
    expect(before.version).toMatch(/^one@g1-[0-9a-f]{8}\.1$/);
  });
});
