import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Cleanups, commit, createRepository, makeEngine, paths, settled, writeTree } from './harness.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

const files = {
  'src/payment.ts': 'export function retryPayment(attempt: number) {\n  return attempt + 1;\n}\n',
  'src/cart.ts': 'export const shoppingCart: string[] = [];\n',
  'README.md': '# Weather\n\nRain tomorrow, apples today.\n',
};

function directoryEngine(root: string, dataDir: string, indexing = {}) {
  return makeEngine(cleanups, dataDir, { sources: [{ name: 'shop', path: root }], indexing });
}

/** Names, sizes and times of all files below a directory. */
function fingerprint(directory: string): string[] {
  const entries = readdirSync(directory, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path} ${statSync(path).size} ${statSync(path).mtimeMs}`)
    .sort();
}

describe('a directory', () => {
  test('[search.fused] is found by words and by meaning once it is indexed', async () => {
    const root = cleanups.directory();
    writeTree(root, files);
    const { engine } = directoryEngine(root, cleanups.directory());
    await engine.start();
    expect(await settled(engine)).toMatchObject({ state: 'Ready', files: 3 });
    expect((await paths(engine, 'retryPayment'))[0]).toBe('src/payment.ts');
    // No word of the query is in the file: only the vectors can find it.
    expect((await paths(engine, 'basket purchase'))[0]).toBe('src/cart.ts');
    const { hits } = await engine.semanticSearch({ query: 'retry a payment', codebases: ['shop'], topK: 1 });
    expect(hits).toMatchObject([
      { codebase: 'shop', startLine: 1, endLine: 3, language: 'typescript', text: files['src/payment.ts'].trimEnd() },
    ]);
  });

  test('[index.incremental] a second run writes no byte and embeds nothing', async () => {
    const root = cleanups.directory();
    const dataDir = cleanups.directory();
    writeTree(root, files);
    const { engine } = directoryEngine(root, dataDir);
    await engine.start();
    await settled(engine);
    const before = fingerprint(join(dataDir, 'index'));
    const { version } = await engine.semanticSearch({ query: 'cart', codebases: [], topK: 1 });
    const outcome = await engine.indexCodebase('shop', { full: false });
    expect(outcome).toMatchObject({ filesAdded: 0, filesChanged: 0, filesRemoved: 0, chunksEmbedded: 0, files: 3 });
    expect(fingerprint(join(dataDir, 'index'))).toEqual(before);
    expect((await engine.semanticSearch({ query: 'cart', codebases: [], topK: 1 })).version).toBe(version);
  });

  test('[index.incremental] changed, renamed and deleted files are what the next run says, and only they are embedded', async () => {
    const root = cleanups.directory();
    writeTree(root, files);
    const { engine } = directoryEngine(root, cleanups.directory());
    await engine.start();
    await settled(engine);
    writeFileSync(join(root, 'README.md'), '# Shop\n\nSells zeppelins.\n');
    renameSync(join(root, 'src/cart.ts'), join(root, 'src/basket.ts'));
    rmSync(join(root, 'src/payment.ts'));
    const outcome = await engine.indexCodebase('shop', { full: false });
    expect(outcome).toMatchObject({
      filesAdded: 1,
      filesChanged: 1,
      filesRemoved: 2,
      chunksEmbedded: 2,
      files: 2,
      chunks: 2,
    });
    expect(await paths(engine, 'retryPayment')).not.toContain('src/payment.ts');
    expect(await paths(engine, 'shoppingCart')).toEqual(expect.arrayContaining(['src/basket.ts']));
    expect(await paths(engine, 'shoppingCart')).not.toContain('src/cart.ts');
    const { hits } = await engine.semanticSearch({ query: 'zeppelins', codebases: [], topK: 1 });
    expect(hits[0]?.text).toContain('zeppelins');
  });

  test('[runbook-8.1-drift] a restart over unchanged files serves at once and embeds nothing', async () => {
    const root = cleanups.directory();
    const dataDir = cleanups.directory();
    writeTree(root, files);
    const first = directoryEngine(root, dataDir);
    await first.engine.start();
    await settled(first.engine);
    await first.engine.stop();
    const before = fingerprint(join(dataDir, 'index'));
    const second = directoryEngine(root, dataDir);
    await second.engine.start();
    expect((await paths(second.engine, 'retryPayment'))[0]).toBe('src/payment.ts');
    await second.engine.indexCodebase('shop', { full: false });
    expect((await second.engine.status()).embeddedChunks).toBe(0);
    expect(fingerprint(join(dataDir, 'index'))).toEqual(before);
  });

  test('[runbook-5.2] a reindex token not seen before embeds everything once, beside what serves', async () => {
    const root = cleanups.directory();
    const dataDir = cleanups.directory();
    writeTree(root, files);
    for (const [token, embedded] of [
      ['', 3],
      ['now', 3],
      ['now', 0],
      ['', 0],
    ] as const) {
      const { engine } = directoryEngine(root, dataDir, { reindex: token });
      await engine.start();
      // Before the rebuild is over: the index of the run before answers.
      if (token !== '' || embedded === 0) expect(await paths(engine, 'retryPayment')).toContain('src/payment.ts');
      await settled(engine);
      await engine.indexCodebase('shop', { full: false });
      expect((await engine.status()).embeddedChunks, `token "${token}"`).toBe(embedded);
      await engine.stop();
    }
    expect(readdirSync(join(dataDir, 'index', 'shop'))).toHaveLength(1);
  });

  test('another chunk size cuts all files anew', async () => {
    const root = cleanups.directory();
    const dataDir = cleanups.directory();
    writeTree(root, { 'long.txt': 'all work and no play\n'.repeat(60) });
    const chunks: number[] = [];
    for (const chunkSizeTokens of [750, 200]) {
      const { engine } = directoryEngine(root, dataDir, { chunkSizeTokens });
      await engine.start();
      await settled(engine);
      chunks.push((await engine.indexCodebase('shop', { full: false })).chunks);
      await engine.stop();
    }
    expect(chunks).toEqual([1, 4]);
  });

  test('without incremental indexing any change embeds all files', async () => {
    const root = cleanups.directory();
    writeTree(root, files);
    const { engine } = directoryEngine(root, cleanups.directory(), { incremental: false });
    await engine.start();
    await settled(engine);
    expect(await engine.indexCodebase('shop', { full: false })).toMatchObject({ chunksEmbedded: 0 });
    writeFileSync(join(root, 'README.md'), '# Shop\n\nSells pears.\n');
    expect(await engine.indexCodebase('shop', { full: false })).toMatchObject({ files: 3, chunksEmbedded: 3 });
    expect((await paths(engine, 'pears'))[0]).toBe('README.md');
  });

  test('[index.skips] what is left out is counted by reason and not found', async () => {
    const root = cleanups.directory();
    writeTree(root, {
      ...files,
      '.gitignore': 'build/\n',
      '.codesageignore': 'notes.txt\n',
      'build/out.js': 'const needle = 1;\n',
      'notes.txt': 'needle\n',
      '.env': 'PASSWORD=needle\n',
      'server.key': 'needle\n',
      'big.txt': 'needle '.repeat(300),
      'blob.bin': 'needle\0',
      'gen.go': '// Code generated by mockgen. DO NOT EDIT.\n\npackage needle\n',
      'lib.min.js': 'var needle=1;\n',
      'package-lock.json': '{"needle":1}\n',
    });
    const { engine } = makeEngine(cleanups, cleanups.directory(), {
      sources: [{ name: 'shop', path: root, exclude: ['src/cart.ts'], maxFileSizeBytes: 1024 }],
    });
    await engine.start();
    const status = await settled(engine);
    expect(status.skipped).toEqual({
      ignored: 2,
      secret: 2,
      tooLarge: 1,
      binary: 1,
      generated: 2,
      minified: 1,
      excluded: 1,
    });
    // Counted anew without reading the table: from what the run knew and did.
    writeTree(root, { 'gen.go': 'package shop\n', 'more.bin': '\0', 'blob.bin': 'another\0' });
    const later = await engine.indexCodebase('shop', { full: false });
    expect(later.skipped).toEqual({ ...status.skipped, binary: 2, generated: 1 });
    const { skipped } = await engine.indexCodebase('shop', { full: true });
    expect(skipped).toEqual(later.skipped);
    expect(status.files).toBe(4);
    expect(
      (await engine.semanticSearch({ query: 'needle', codebases: [], topK: 20 })).hits.filter(({ text }) =>
        text.includes('needle'),
      ),
    ).toEqual([]);
    const exact = await engine.exactSearch({
      pattern: 'needle',
      codebases: ['shop'],
      regex: false,
      case: 'sensitive',
      fileTypes: [],
      excludePatterns: [],
      limit: 10,
      contextLines: 0,
    });
    expect(exact.matches).toEqual([]);
  });

  test('a codebase that is no longer configured is forgotten on disk', async () => {
    const root = cleanups.directory();
    const dataDir = cleanups.directory();
    writeTree(root, files);
    const first = directoryEngine(root, dataDir);
    await first.engine.start();
    await settled(first.engine);
    await first.engine.stop();
    const second = makeEngine(cleanups, dataDir, { sources: [{ name: 'other', path: root }] });
    await second.engine.start();
    await settled(second.engine);
    expect(existsSync(join(dataDir, 'index', 'shop'))).toBe(false);
  });

  test('a missing directory is told, and its codebase is not found by a search', async () => {
    const { engine } = directoryEngine(join(cleanups.directory(), 'missing'), cleanups.directory());
    await engine.start();
    expect((await settled(engine)).problem).toMatchObject({ code: 'PathNotFound' });
    await expect(engine.semanticSearch({ query: 'x', codebases: ['shop'], topK: 1 })).rejects.toMatchObject({
      code: 'NotIndexedYet',
    });
    await expect(engine.semanticSearch({ query: 'x', codebases: ['nope'], topK: 1 })).rejects.toMatchObject({
      code: 'UnknownCodebase',
    });
  });
});

describe('readers', () => {
  test('[index.atomic-publish] a reader sees the old version, whole, until the new one is published', async () => {
    const root = cleanups.directory();
    const many = (word: string) =>
      Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`f${i}.txt`, `${word} ${i}\n`]));
    writeTree(root, many('alpha'));
    const { engine } = directoryEngine(root, cleanups.directory());
    await engine.start();
    await settled(engine);
    writeTree(root, many('omega'));
    let running = true;
    const seen = new Set<string>();
    const run = engine.indexCodebase('shop', { full: false }).finally(() => {
      running = false;
    });
    for (let asked = 0; running; asked++) {
      // Another question each time, so that no answer comes from the cache.
      const query = `alpha omega ${asked}`;
      const { hits, version } = await engine.semanticSearch({ query, codebases: [], topK: 100 });
      const words = [...new Set(hits.map(({ text }) => text.split(' ')[0]))];
      expect(words, version).toHaveLength(1);
      seen.add(`${version} ${words[0]}`);
    }
    await run;
    const { version, hits } = await engine.semanticSearch({ query: 'alpha omega', codebases: [], topK: 100 });
    expect(hits.every(({ text }) => text.startsWith('omega'))).toBe(true);
    expect([...seen].filter((entry) => entry.startsWith(version)).every((entry) => entry.endsWith('omega'))).toBe(true);
    expect([...seen][0]).toMatch(/alpha$/);
  });

  test('[cache.published-version] the same question is answered from the cache until another version is published', async () => {
    const root = cleanups.directory();
    writeTree(root, files);
    const { engine, logs } = directoryEngine(root, cleanups.directory());
    await engine.start();
    await settled(engine);
    const ask = () => engine.semanticSearch({ query: 'apples', codebases: [], topK: 3 });
    expect((await ask()).cached).toBe(false);
    expect((await ask()).cached).toBe(true);
    expect(logs.map(({ message }) => message)).toContain('Cache hit for search query');
    writeFileSync(join(root, 'README.md'), '# Shop\n\nSells pears only, no apples any more.\n');
    await engine.indexCodebase('shop', { full: false });
    const after = await ask();
    expect(after.cached).toBe(false);
    expect(after.hits.find(({ path }) => path === 'README.md')?.text).toContain('pears');
    expect(engine.cacheStatistics().search).toMatchObject({ hits: 1, misses: 2, invalidations: 1 });
  });

  test('[runbook-4.2] a run tells how many files it indexed in the words of the runbook', async () => {
    const root = cleanups.directory();
    createRepository(root, files);
    const { engine, logs } = directoryEngine(root, cleanups.directory());
    await engine.start();
    await settled(engine);
    expect(logs.some(({ message }) => /^Indexed 3 files in [\d.]+ seconds$/.test(message))).toBe(true);
    commit(root, { 'a.txt': 'a' });
  });
});
