import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@lancedb/lancedb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { indexFormatVersion } from '../../../server/src/contract.ts';
import { Cleanups, EngineProcess, eventually, makeEngine, paths, settled, writeTree } from './harness.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

/** Enough text that a run takes a while and writes several times. */
function bigTree(word: string): Record<string, string> {
  // Each line has words of its own, so that neither caches nor compression make the work small.
  const odd = (i: number, n: number) => Math.imul(i * 1009 + n, 2_654_435_761).toString(36);
  const line = (i: number, n: number) =>
    `${word} ${odd(i, n)} stays in every line ${odd(n, i)} of files with many chunks\n`;
  const text = (i: number) => Array.from({ length: 260 }, (_, n) => line(i, n)).join('');
  return Object.fromEntries(Array.from({ length: 240 }, (_, i) => [`dir${i % 7}/file${i}.txt`, text(i)]));
}

const sourcesOf = (root: string) => ({ sources: [{ name: 'shop', path: root }] });

describe('a crash', () => {
  test.each([
    { when: 'while the first files are written', phase: 'indexing', filesDone: 48 },
    { when: 'when most files are written', phase: 'indexing', filesDone: 200 },
    { when: 'while the new version is published', phase: 'publishing', filesDone: 0 },
  ])(
    '[index.crash-safe] $when leaves the published version, and the next start finishes the work',
    async ({ phase, filesDone }) => {
      const root = cleanups.directory();
      const dataDir = cleanups.directory();
      writeTree(root, bigTree('before'));
      const first = new EngineProcess(cleanups, dataDir, sourcesOf(root));
      await first.start();
      await settled(first);
      writeTree(root, bigTree('after'));
      const reached = new Promise<void>((resolve) => {
        first.onProgress((progress) => {
          if (progress.phase === phase && progress.filesDone >= filesDone) resolve();
        });
      });
      const run = first.index('shop').catch(() => {});
      await reached;
      await first.kill();
      await run;

      const second = new EngineProcess(cleanups, dataDir, sourcesOf(root));
      await second.start();
      const { hits } = await second.search('stays in every line');
      const words = new Set(hits.map(({ text }) => /before|after/.exec(text)?.[0]));
      expect([...words], 'one whole version').toHaveLength(1);
      await eventually('the new version', async () => {
        const answer = await second.search('stays in every line');
        return answer.hits.every(({ text }) => text.includes('after')) ? true : undefined;
      });
      const codebase = await settled(second);
      expect(codebase).toMatchObject({ state: 'Ready', files: 240 });
      // Each file's chunks are there once: nothing was lost, nothing doubled.
      const fresh = makeEngine(cleanups, cleanups.directory(), sourcesOf(root));
      await fresh.engine.start();
      expect(codebase.chunks).toBe((await settled(fresh.engine)).chunks);
    },
    180_000,
  );

  test('[index.crash-safe] in the first run of all keeps what was done, and the next start embeds only the rest', async () => {
    const root = cleanups.directory();
    const dataDir = cleanups.directory();
    writeTree(root, bigTree('first'));
    const first = new EngineProcess(cleanups, dataDir, sourcesOf(root));
    const reached = eventually('some progress', async () => {
      const [codebase] = (await first.status()).codebases;
      return (codebase?.progress?.chunksDone ?? 0) > 2100 ? true : undefined;
    });
    await first.start();
    await reached;
    await first.kill();

    const second = new EngineProcess(cleanups, dataDir, sourcesOf(root));
    await second.start();
    const codebase = await settled(second);
    expect(codebase).toMatchObject({ state: 'Ready', files: 240 });
    const { embeddedChunks } = await second.status();
    expect(embeddedChunks).toBeGreaterThan(0);
    expect(embeddedChunks).toBeLessThan(codebase.chunks);
  });
});

/** Data files of a table, largest first. */
function dataFiles(dataDir: string, table: string): string[] {
  const directory = join(dataDir, 'index', 'shop', 'g1', `${table}.lance`, 'data');
  return readdirSync(directory)
    .map((name) => join(directory, name))
    .sort((a, b) => statSync(b).size - statSync(a).size);
}

async function indexedDirectory() {
  const root = cleanups.directory();
  const dataDir = cleanups.directory();
  writeTree(root, { 'a.txt': 'alpha\n', 'b.txt': 'beta\n' });
  const { engine } = makeEngine(cleanups, dataDir, sourcesOf(root));
  await engine.start();
  await settled(engine);
  await engine.stop();
  return { root, dataDir };
}

describe('a damaged index', () => {
  test.each([
    {
      what: 'a chunk file cut short',
      damage: (dataDir: string) => {
        for (const file of dataFiles(dataDir, 'chunks')) truncateSync(file, 100);
      },
    },
    {
      what: 'a file table overwritten',
      damage: (dataDir: string) => {
        for (const file of dataFiles(dataDir, 'files')) writeFileSync(file, 'garbage'.repeat(50));
      },
    },
    {
      what: 'a manifest overwritten',
      damage: (dataDir: string) => {
        const directory = join(dataDir, 'index', 'shop', 'g1', 'chunks.lance', '_versions');
        for (const name of readdirSync(directory)) writeFileSync(join(directory, name), 'garbage');
      },
    },
  ])('[runbook-4.2] ($what) is told as such, answers an error, and a full run makes it anew', async ({ damage }) => {
    const { root, dataDir } = await indexedDirectory();
    damage(dataDir);
    const { engine, logs } = makeEngine(cleanups, dataDir, sourcesOf(root));
    await engine.start();
    const status = await settled(engine);
    expect(status).toMatchObject({ state: 'Failed', problem: { code: 'IndexCorrupted' } });
    expect((await engine.status()).index.problem?.code).toBe('IndexCorrupted');
    expect(logs.filter(({ message }) => message === 'Index corruption detected')).toHaveLength(1);
    expect(engine.isServing()).toBe(true);
    await expect(engine.semanticSearch({ query: 'alpha', codebases: [], topK: 1 })).rejects.toMatchObject({
      code: 'IndexCorrupted',
    });
    await expect(engine.indexCodebase('shop', { full: false })).rejects.toMatchObject({ code: 'IndexCorrupted' });

    expect(await engine.indexCodebase('shop', { full: true })).toMatchObject({ files: 2, chunksEmbedded: 2 });
    expect((await paths(engine, 'alpha'))[0]).toBe('a.txt');
    expect((await engine.status()).index.problem).toBeUndefined();
    expect((await engine.status()).codebases[0]).toMatchObject({ state: 'Ready' });
  });

  test('damage that a search meets first is told then', async () => {
    const { root, dataDir } = await indexedDirectory();
    const { engine, logs } = makeEngine(cleanups, dataDir, sourcesOf(root));
    await engine.start();
    await settled(engine);
    // Texts that are laid out for exact search would answer without the damaged table.
    const texts = join(dataDir, 'cache', 'texts');
    await vi.waitFor(() => expect(readdirSync(texts, { recursive: true }).length).toBeGreaterThan(2), 30_000);
    rmSync(texts, { recursive: true });
    for (const file of dataFiles(dataDir, 'chunks')) truncateSync(file, 10);
    await expect(engine.semanticSearch({ query: 'alpha beta', codebases: [], topK: 2 })).rejects.toMatchObject({
      code: 'IndexCorrupted',
    });
    expect((await engine.status()).codebases[0]).toMatchObject({
      state: 'Failed',
      problem: { code: 'IndexCorrupted' },
    });
    expect(logs.filter(({ message }) => message === 'Index corruption detected')).toHaveLength(1);
  });

  test('[index.format-change] an index of a newer format is refused, kept as it is, and told', async () => {
    const { root, dataDir } = await indexedDirectory();
    const directory = join(dataDir, 'index', 'shop', 'g1');
    await rewriteMeta(directory, (meta) => ({ format: 99, future: meta }));
    const { engine } = makeEngine(cleanups, dataDir, sourcesOf(root));
    await engine.start();
    const status = await settled(engine);
    expect(status.problem).toMatchObject({ code: 'IndexFormatUnsupported' });
    expect(status.problem?.message).toMatch(/format 99.*format 2.*Run the server version/s);
    await expect(engine.indexCodebase('shop', { full: true })).rejects.toMatchObject({
      code: 'IndexFormatUnsupported',
    });
    expect(readdirSync(directory)).toEqual(expect.arrayContaining(['chunks.lance', 'files.lance', 'meta.lance']));
  });

  test('[index.format-change] an index of an older format is made anew and its data deleted', async () => {
    const { root, dataDir } = await indexedDirectory();
    await rewriteMeta(join(dataDir, 'index', 'shop', 'g1'), (meta) => ({ ...meta, format: 0 }));
    const { engine } = makeEngine(cleanups, dataDir, sourcesOf(root));
    await engine.start();
    expect(await settled(engine)).toMatchObject({ state: 'Ready', files: 2 });
    expect((await paths(engine, 'alpha'))[0]).toBe('a.txt');
    const directory = join(dataDir, 'index', 'shop');
    expect(readdirSync(directory)).toHaveLength(1);
    // Told by what is written into the row that says how it was made.
    let format: unknown;
    await rewriteMeta(join(directory, readdirSync(directory)[0] ?? ''), (meta) => {
      format = meta.format;
      return meta;
    });
    expect(format).toBe(indexFormatVersion);
  });

  test('[index.format-change] vectors of another model are made anew', async () => {
    const { root, dataDir } = await indexedDirectory();
    await rewriteMeta(join(dataDir, 'index', 'shop', 'g1'), (meta) => ({
      ...meta,
      recipe: { ...(meta.recipe as object), embedding: 'other' },
    }));
    const { engine } = makeEngine(cleanups, dataDir, sourcesOf(root));
    await engine.start();
    await eventually('the new index', async () => ((await engine.status()).embeddedChunks === 2 ? true : undefined));
    await settled(engine);
    const answer = await engine.semanticSearch({ query: 'alpha', codebases: [], topK: 5 });
    expect(answer).toMatchObject({ ranking: 'fused', hits: [{ path: 'a.txt' }, { path: 'b.txt' }] });
  });
});

async function rewriteMeta(directory: string, change: (meta: Record<string, unknown>) => object): Promise<void> {
  const database = await connect(directory);
  const table = await database.openTable('meta');
  const [row] = (await table.query().toArray()) as { value: string }[];
  await table.add([{ value: JSON.stringify(change(JSON.parse(row?.value ?? ''))) }], { mode: 'overwrite' });
  table.close();
  database.close();
}

describe('a full volume', () => {
  /** An engine whose data directory is a small file system of its own, seen by no other process. */
  function onSmallVolume(config: ConstructorParameters<typeof EngineProcess>[2], size: string): EngineProcess {
    const dataDir = cleanups.directory();
    const script = `mount -t tmpfs -o size=${size} tmpfs ${dataDir} && exec "$@"`;
    const asUser = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
    return new EngineProcess(cleanups, dataDir, config, (command) => [
      'unshare',
      ...asUser,
      '--mount',
      'sh',
      '-c',
      script,
      'sh',
      ...command,
    ]);
  }

  test('[index.volume-full] is told with what to do, the published index keeps serving, and room lets the run end', async () => {
    const root = cleanups.directory();
    writeTree(root, { 'a.txt': 'alpha\n' });
    const engine = onSmallVolume(sourcesOf(root), '6m');
    await engine.start();
    await settled(engine);
    writeTree(root, bigTree('much'));
    await expect(engine.index('shop')).rejects.toMatchObject({ code: 'VolumeFull' });
    const [codebase] = (await engine.status()).codebases;
    expect(codebase).toMatchObject({ state: 'Failed', files: 1, problem: { code: 'VolumeFull' } });
    expect(codebase?.problem?.message).toMatch(/Enlarge the volume/);
    expect((await engine.search('alpha')).hits[0]?.path).toBe('a.txt');
    expect((await engine.status()).volume?.usedPercent).toBeGreaterThan(50);

    const mounts = readFileSync('/proc/self/mounts', 'utf8');
    expect(mounts, 'the small volume is private').not.toContain('size=6144k');
    await engine.exec(
      'sh',
      '-c',
      `awk '$3 == "tmpfs" && $4 ~ /size=6144k/ {print $2}' /proc/self/mounts | xargs -n1 mount -o remount,size=400m`,
    );
    expect(await engine.index('shop')).toMatchObject({ files: 241 });
    expect((await engine.status()).codebases[0]).toMatchObject({ state: 'Ready' });
  });
});
