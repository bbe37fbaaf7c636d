/** Decides whether caches come back after a restart, and whether damaged files cost a log line and nothing else. */
import { hash as digest } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serverConfigSchema } from '../contract.ts';
import { EngineCaches } from '../search/engine-caches.ts';
import { CachePersistence } from './persistence.ts';
import { SharedVectors } from './shared-vectors.ts';

let root: string;
let directory: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'codesage-cache-'));
  directory = join(root, 'cache/saved');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function open(model = { name: 'm1', dimensions: 4 }, settings = {}, clock = () => 1000) {
  const lines: { level: number; msg: string }[] = [];
  const caches = new EngineCaches(serverConfigSchema.parse({ cache: settings }).cache, clock);
  caches.useDimensions(model.dimensions);
  const log = pino({ base: undefined }, { write: (line) => lines.push(JSON.parse(line)) });
  return { caches, lines, persistence: new CachePersistence({ directory, caches, model: () => model, log }) };
}

const chunk = digest('sha256', 'text of a chunk', 'buffer');
const request = { query: 'retry a payment', codebases: ['shop'], topK: 150, languages: ['go'], kinds: ['class'] };

/** Fills the caches and saves them. */
async function save() {
  const opened = open();
  const table = opened.caches.vectorTable();
  if (table !== undefined) new SharedVectors(table).write(chunk, Float32Array.of(1, 2, 3, 4), 0, 900);
  opened.caches.queryVectors.set('m1\n\nretry', Float32Array.of(0.5, 0, 0, 0.5));
  opened.caches.queries.add(request);
  await opened.persistence.save();
  return opened;
}

describe('saved caches', () => {
  test('[cache.persistence] leave nothing of a write that was killed', async () => {
    await save();
    const whole = readdirSync(directory);
    writeFileSync(join(directory, 'embeddings.cache.0b9f6a52-3f0e-4f55-8f0b-7f8d3c1f5c11.tmp'), 'half');
    await open().persistence.load();
    expect(readdirSync(directory)).toEqual(whole);
  });

  test('[cache.persistence] a save that began earlier does not bring back what was cleared since', async () => {
    const { caches, persistence } = await save();
    caches.queries.add({ ...request, query: 'another' });
    const slow = persistence.save();
    caches.clear(['embedding', 'search', 'file']);
    await Promise.all([slow, persistence.save()]);
    const later = open();
    await later.persistence.load();
    expect(later.caches.chunkVectors()).toEqual([]);
  });

  test('[cache.persistence] bring back vectors by content and model, and the queries that were asked', async () => {
    await save();
    const { caches, persistence, lines } = open();
    await persistence.load();
    expect(caches.chunkVectors()).toMatchObject([{ storedAtMs: 900, vector: Float32Array.of(1, 2, 3, 4) }]);
    expect(Buffer.from(caches.chunkVectors()[0]?.key ?? [])).toEqual(Buffer.from(chunk.subarray(0, 16)));
    expect(caches.queryVectors.peek('m1\n\nretry')).toEqual(Float32Array.of(0.5, 0, 0, 0.5));
    expect(caches.queries.top(5)).toEqual([request]);
    expect(lines).toEqual([]);
  });

  test.each([
    ['another model', { name: 'm2', dimensions: 4 }],
    ['vectors of another length', { name: 'm1', dimensions: 8 }],
  ])('[cache.persistence] vectors are of no use to %s, queries are', async (_, model) => {
    await save();
    const { caches, persistence } = open(model);
    await persistence.load();
    expect(caches.chunkVectors()).toEqual([]);
    expect(caches.queryVectors.entries()).toEqual([]);
    expect(caches.queries.top(5)).toEqual([request]);
  });

  test('[cache.settings] vectors over the age stay behind', async () => {
    await save();
    const { caches, persistence } = open(undefined, { maxAgeSeconds: 1 }, () => 1950);
    await persistence.load();
    expect(caches.chunkVectors()).toEqual([]);
    expect(caches.queryVectors.entries()).toHaveLength(1);
  });

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 3)],
    ['changed in one bit', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([255])])],
    ['empty', () => Buffer.alloc(0)],
    ['something else', () => Buffer.from('hello\nworld')],
    [
      'of a later format',
      (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('"format":1', '"format":2'), 'latin1'),
    ],
  ])('[cache.persistence] a file that is %s is told in one line and ignored', async (_, damage) => {
    await save();
    const file = join(directory, 'embeddings.cache');
    writeFileSync(file, damage(readFileSync(file)));
    const { caches, persistence, lines } = open();
    await persistence.load();
    expect(caches.chunkVectors()).toEqual([]);
    expect(caches.queries.top(5)).toEqual([request]);
    expect(lines).toMatchObject([{ level: 40, msg: 'A cache file cannot be used and is ignored' }]);
  });

  test('[cache.deletable] files that somebody deleted are written again, and no draft is left', async () => {
    const { persistence } = await save();
    rmSync(join(root, 'cache'), { recursive: true });
    await persistence.save();
    expect(readdirSync(directory).sort()).toEqual(['embeddings.cache', 'queries.cache']);
  });

  test('nothing is written when nothing changed', async () => {
    const { persistence } = await save();
    writeFileSync(join(directory, 'queries.cache'), 'untouched');
    await persistence.save();
    expect(readFileSync(join(directory, 'queries.cache'), 'utf8')).toBe('untouched');
  });

  test('a directory that cannot be written costs a line in the log', async () => {
    mkdirSync(join(root, 'cache'));
    writeFileSync(directory, 'a file in the way');
    const { lines } = await save();
    expect(lines).toMatchObject([{ level: 40, msg: 'The caches could not be saved; the next save may go better' }]);
  });
});
