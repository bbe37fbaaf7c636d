import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { connect } from '@lancedb/lancedb';
import { afterEach, describe, expect, test } from 'vitest';
import type { IndexProgress } from '../../../server/src/engine.ts';
import { Cleanups, git, makeEngine, paths, settled, writeTree } from './harness.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

type Row = Record<string, unknown> & { path: string };

/** An engine over a directory, its rows, and the run that has just ended. */
async function indexed(root: string, settings: { maxFileSizeBytes?: number } = {}) {
  const dataDir = cleanups.directory();
  const { engine } = makeEngine(cleanups, dataDir, { sources: [{ name: 'shop', path: root, ...settings }] });
  await engine.start();
  const status = await settled(engine);
  const rows = async (table: string): Promise<Row[]> => {
    const database = await connect(join(dataDir, 'index', 'shop', 'g1'));
    const opened = await database.openTable(table);
    const all = (await opened.query().toArray()).map((row) => ({ ...row }) as Row);
    opened.close();
    database.close();
    return all.sort((a, b) => a.path.localeCompare(b.path));
  };
  return { engine, status, rows };
}

const good = { 'good.go': 'package good\n\nfunc Good() {}\n' };
const megabyte = 1 << 20;

describe('[index.nasties] a code base with', () => {
  test('a file of 1 GB skips it by its size, unread', async () => {
    const root = cleanups.directory();
    writeTree(root, good);
    const handle = openSync(join(root, 'dump.sql'), 'w');
    ftruncateSync(handle, 1024 * megabyte);
    closeSync(handle);
    expect(statSync(join(root, 'dump.sql')).size).toBe(1024 * megabyte);
    const startedAt = performance.now();
    const { status } = await indexed(root);
    expect(status).toMatchObject({ state: 'Ready', files: 1, skipped: { tooLarge: 1 } });
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });

  test('lines of 5 MB skips a bundle as minified, and indexes data of that form in chunks of bounded size', async () => {
    const root = cleanups.directory();
    const line = (piece: string) => piece.repeat(Math.ceil((5 * megabyte) / piece.length));
    writeTree(root, {
      ...good,
      'bundle.js': line('function f(a){return g(a)};'),
      'data.json': `[${line('{"key":"value"},')}{}]`,
    });
    const { status, rows } = await indexed(root, { maxFileSizeBytes: 8 * megabyte });
    expect(status).toMatchObject({ state: 'Ready', files: 2, skipped: { minified: 1 } });
    const chunks = (await rows('chunks')).filter(({ path }) => path === 'data.json');
    expect(chunks.length).toBeGreaterThan(3000);
    for (const chunk of chunks) expect(String(chunk.text).length).toBeLessThanOrEqual(1500);
  });

  test('bytes that are no UTF-8 finds what is around them', async () => {
    const root = cleanups.directory();
    writeTree(root, good);
    const latin = Buffer.concat([
      Buffer.from('package latin\n\n// Gr'),
      Buffer.from([0xfc, 0xdf, 0xe9, 0xff, 0xc0]),
      Buffer.from('\nfunc Greeting() {}\n'),
    ]);
    writeFileSync(join(root, 'latin.go'), latin);
    const { engine, status, rows } = await indexed(root);
    expect(status).toMatchObject({ state: 'Ready', files: 2 });
    expect((await paths(engine, 'Greeting'))[0]).toBe('latin.go');
    expect((await rows('symbols')).filter(({ path }) => path === 'latin.go').map(({ name }) => name)).toContain(
      'Greeting',
    );
  });

  test('Windows line ends and byte order marks keeps names and lines', async () => {
    const root = cleanups.directory();
    writeTree(root, {
      'crlf.ts': 'export const one = 1;\r\n\r\n// Says two.\r\nexport function two() {\r\n  return 2;\r\n}\r\n',
      'bom.py': '\ufeffdef first():\n    return 1\n',
    });
    const { rows } = await indexed(root);
    const definitions = (await rows('symbols'))
      .filter(({ role }) => role === 'definition')
      .map(({ path, name, line, end_line, doc }) => [path, name, line, end_line, doc]);
    expect(definitions).toEqual([
      ['bom.py', 'first', 1, 2, ''],
      ['crlf.ts', 'one', 1, 1, ''],
      ['crlf.ts', 'two', 4, 6, 'Says two.'],
    ]);
    const [bom, crlf] = await rows('files');
    expect(bom).toMatchObject({ lines: 2, code_lines: 2, text: 'def first():\n    return 1\n' });
    expect(crlf).toMatchObject({ lines: 6, code_lines: 4, comment_lines: 1, blank_lines: 1 });
  });

  test('links that lead in circles or nowhere ends, and follows none of them', async () => {
    const root = cleanups.directory();
    writeTree(root, { ...good, 'a/b/deep.go': 'package deep\n' });
    symlinkSync('..', join(root, 'a/loop'));
    symlinkSync(root, join(root, 'a/b/all'));
    symlinkSync('self', join(root, 'self'));
    symlinkSync('nowhere', join(root, 'dangling'));
    const { status } = await indexed(root);
    expect(status).toMatchObject({ state: 'Ready', files: 2 });
    expect((status.skipped.symlink ?? 0) + (status.skipped.symlinkOutside ?? 0)).toBe(4);
  });

  test('10,000 files in one folder indexes all of them', async () => {
    const root = cleanups.directory();
    mkdirSync(join(root, 'many'));
    for (let i = 0; i < 10_000; i++) writeFileSync(join(root, 'many', `file${i}.txt`), `number word${i}\n`);
    const { engine, status } = await indexed(root);
    expect(status).toMatchObject({ state: 'Ready', files: 10_000, chunks: 10_000 });
    expect((await paths(engine, 'word7777'))[0]).toBe('many/file7777.txt');
  }, 120_000);

  test('odd names finds, reads, changes and forgets their files', async () => {
    const root = cleanups.directory();
    const names = [
      'new\nline.go',
      'emoji 😀/größe.go',
      'quote\'s "double" `back`.go',
      'back\\slash.go',
      '-- drop table files;.go',
      ' leading and trailing .go',
      '%2e%2e.go',
      '*glob[a-z]?.go',
    ];
    writeTree(root, Object.fromEntries(names.map((name, i) => [name, `package odd\n\nfunc Odd${i}() {}\n`])));
    const { engine, status, rows } = await indexed(root);
    expect(status).toMatchObject({ state: 'Ready', files: names.length });
    for (const [i, name] of names.entries()) {
      expect((await paths(engine, `Odd${i}`))[0], name).toBe(name);
      // A backslash in a path that is asked for separates folders, as on Windows.
      if (!name.includes('\\')) expect((await engine.readFile(name, 'shop')).text).toContain(`Odd${i}`);
      writeFileSync(join(root, name), `package odd\n\nfunc Changed${i}() {}\n`);
    }
    expect(await engine.indexCodebase('shop', { full: false })).toMatchObject({ filesChanged: names.length });
    const definitions = (await rows('symbols')).filter(({ role }) => role === 'definition').map(({ name }) => name);
    expect(definitions.sort()).toEqual(names.map((_, i) => `Changed${i}`));
    for (const name of names) rmSync(join(root, name));
    expect(await engine.indexCodebase('shop', { full: false })).toMatchObject({ files: 0, filesRemoved: names.length });
    for (const table of ['files', 'chunks', 'symbols']) expect(await rows(table), table).toEqual([]);
  });

  test('nothing in it is ready, and answers with nothing', async () => {
    const { engine, status } = await indexed(cleanups.directory());
    expect(status).toMatchObject({ state: 'Ready', files: 0, chunks: 0 });
    expect(await paths(engine, 'anything')).toEqual([]);
    expect(await engine.indexCodebase('shop', { full: false })).toMatchObject({ files: 0, chunksEmbedded: 0 });
  });

  test('no commit in its repository says so, and is indexed once there is one', async () => {
    const repository = cleanups.directory();
    git(repository, 'init', '--quiet');
    const { engine } = makeEngine(cleanups, cleanups.directory(), {
      sources: [{ name: 'shop', git: { url: repository } }],
    });
    await engine.start();
    const status = await settled(engine);
    expect(status).toMatchObject({ state: 'Failed', files: 0, problem: { code: 'GitRefNotFound' } });
    writeTree(repository, good);
    git(repository, 'add', '--all');
    git(repository, 'commit', '--quiet', '-m', 'First');
    expect(await engine.indexCodebase('shop', { full: false })).toMatchObject({ files: 1 });
  });

  test('files that change between the look and the read holds one whole version of each, and the newest after the next run', async () => {
    const root = cleanups.directory();
    const text = (word: string) => `package a\n\nfunc ${word}() {}\n`;
    writeTree(root, {
      'a-changes.go': text('Before'),
      'b-grows.go': text('Small'),
      'c-goes.go': text('Gone'),
      'd-becomes-a-link.go': text('Plain'),
      'e-moves.go': text('Moved'),
    });
    const { engine } = makeEngine(cleanups, cleanups.directory(), {
      sources: [{ name: 'shop', path: root, maxFileSizeBytes: 10_000 }],
    });
    await engine.start();
    await settled(engine);
    // The same files again, all different from what the next scan will see.
    for (const name of ['a-changes', 'b-grows', 'c-goes', 'd-becomes-a-link', 'e-moves']) {
      writeFileSync(join(root, `${name}.go`), text('Scanned'));
    }
    let done = false;
    const change = ({ phase }: IndexProgress) => {
      if (done || phase !== 'indexing') return;
      done = true;
      writeFileSync(join(root, 'a-changes.go'), text('After'));
      writeFileSync(join(root, 'b-grows.go'), text('Large').padEnd(20_000, '\n'));
      rmSync(join(root, 'c-goes.go'));
      rmSync(join(root, 'd-becomes-a-link.go'));
      symlinkSync('/etc/passwd', join(root, 'd-becomes-a-link.go'));
      renameSync(join(root, 'e-moves.go'), join(root, 'f-moved.go'));
    };
    await engine.indexCodebase('shop', { full: false, onProgress: change });
    expect(done).toBe(true);
    const run = await engine.indexCodebase('shop', { full: false });
    expect(run).toMatchObject({ files: 2, skipped: { tooLarge: 1, symlinkOutside: 1 } });
    expect((await paths(engine, 'After'))[0]).toBe('a-changes.go');
    expect((await paths(engine, 'Scanned'))[0]).toBe('f-moved.go');
    const { hits } = await engine.semanticSearch({ query: 'root', codebases: [], topK: 20 });
    expect(hits.map(({ text: found }) => found).join('')).not.toContain('root:');
    expect(await engine.indexCodebase('shop', { full: false })).toMatchObject({ chunksEmbedded: 0, filesChanged: 0 });
  });
});
