/** Decides what a process serves whose index another one keeps: new versions, what is missing, damaged, gone or from the future. */
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@lancedb/lancedb';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ServerConfigInput, serverConfigSchema } from '../../../server/src/contract.ts';
import type { Engine } from '../../../server/src/engine.ts';
import { FollowingStore } from '../../../server/src/replicas/following-store.ts';
import { createSearchEngine } from '../../../server/src/replicas/search-engine.ts';
import { MemoryShare } from '../../../server/src/search/memory/share.ts';
import {
  Cleanups,
  commit,
  createRepository,
  eventually,
  type LogLine,
  makeEngine,
  paths,
  settled,
  writeTree,
} from '../engine/harness.ts';

const cleanups = new Cleanups();
let dataDir: string;
let shop: string;
let index: string;
let now: number;

beforeEach(() => {
  dataDir = cleanups.directory();
  shop = cleanups.directory();
  index = join(dataDir, 'index', 'shop');
  now = Date.now();
  writeTree(shop, {
    'src/payment.ts': 'export function retryPayment() {}\n',
    'src/cart.ts': 'export const cart = [];\n',
  });
});
afterEach(() => cleanups.run());

const config = (more: ServerConfigInput = {}): ServerConfigInput => ({
  sources: [{ name: 'shop', path: shop }],
  ...more,
});

/** The process that keeps the index, with what it has seen so far. */
async function startIndexer(graceSeconds = 60): Promise<Engine> {
  const { engine } = makeEngine(cleanups, dataDir, config({ replication: { role: 'Indexer', graceSeconds } }));
  await engine.start();
  expect(await settled(engine)).toMatchObject({ state: 'Ready' });
  return engine;
}

function follow(): { store: FollowingStore; logs: LogLine[] } {
  const logs: LogLine[] = [];
  const log = pino(
    { base: undefined, messageKey: 'message' },
    { write: (line: string) => void logs.push(JSON.parse(line)) },
  );
  const store = new FollowingStore({
    name: 'shop',
    directory: index,
    share: new MemoryShare(2048),
    log,
    clock: () => now,
  });
  cleanups.add(() => store.close());
  return { store, logs };
}

const segmentNames = (store: FollowingStore) =>
  store.snapshot?.memory?.segments.map(({ segment }) => segment.name) ?? [];

describe('what is followed', () => {
  test('[replicas.follow] appears when it is published, then version by version', async () => {
    const { store } = follow();
    expect(await store.look()).toBe(false);
    expect([store.snapshot, store.problem]).toEqual([undefined, undefined]);
    const indexer = await startIndexer();
    expect(await store.look()).toBe(true);
    const first = store.snapshot?.version;
    expect((await indexer.status()).codebases[0]?.version).toBe(first);
    expect(await store.look()).toBe(false);
    writeTree(shop, { 'src/new.ts': 'export const somethingNew = 1;\n' });
    await indexer.indexCodebase('shop', { full: false });
    expect(await store.look()).toBe(true);
    expect(store.snapshot?.files.has('src/new.ts')).toBe(true);
    await indexer.indexCodebase('shop', { full: true });
    expect(await store.look()).toBe(true);
    expect((await indexer.status()).codebases[0]?.version).toBe(store.snapshot?.version);
    expect(store.snapshot?.version).not.toBe(first);
  });

  test('[replicas.follow] is searched in the segments of the indexer, and in some of its own where they are missing', async () => {
    await startIndexer();
    const { store } = follow();
    await store.look();
    expect(segmentNames(store)).toEqual(readdirSync(join(index, 'g1/segments')));
    renameSync(join(index, 'g1/segments'), join(dataDir, 'segments-elsewhere'));
    const { store: alone } = follow();
    await alone.look();
    expect(segmentNames(alone)).toEqual([expect.stringMatching(/^unsaved-/)]);
    expect(alone.snapshot?.memory?.chunks).toBe(store.snapshot?.memory?.chunks);
    expect(existsSync(join(index, 'g1/segments'))).toBe(false);
  });

  test('[replicas.follow] waits a while for the indexer to have its segments written, unless it is urgent', async () => {
    const indexer = await startIndexer();
    const { store } = follow();
    await store.look();
    writeTree(shop, { 'src/new.ts': 'export const somethingNew = 1;\n' });
    await indexer.indexCodebase('shop', { full: false });
    writeFileSync(join(index, 'served'), 'shop@g1-other.1');
    expect(await store.look()).toBe(false);
    now += 19_000;
    expect(await store.look()).toBe(false);
    now += 2000;
    expect(await store.look()).toBe(true);
    await indexer.indexCodebase('shop', { full: true });
    writeFileSync(join(index, 'served'), 'shop@g1-other.1');
    expect(await store.look()).toBe(false);
    expect(await store.look(true)).toBe(true);
  });

  test('[replicas.survive] that was deleted goes on from memory, and an index of the same number is not taken for it', async () => {
    const indexer = await startIndexer();
    const { store, logs } = follow();
    await store.look();
    const before = store.snapshot;
    await indexer.stop();
    rmSync(index, { recursive: true });
    expect(await store.look()).toBe(false);
    expect([store.snapshot, store.problem]).toEqual([before, undefined]);
    expect(logs.at(-1)?.message).toMatch(/^The published index is gone/);
    writeTree(shop, { 'src/reborn.ts': 'export const reborn = 1;\n' });
    await startIndexer();
    expect(existsSync(join(index, 'g1'))).toBe(true);
    expect(await store.look()).toBe(true);
    expect([...(store.snapshot?.files.keys() ?? [])].sort()).toEqual([
      'src/cart.ts',
      'src/payment.ts',
      'src/reborn.ts',
    ]);
    expect(await store.snapshot?.filesTable.countRows()).toBe(3);
  });

  test.each([
    ['newer', 99, 'The indexer is newer than this server: update this one to the same version.'],
    ['older', 1, 'The indexer is older than this server: update it to the same version; it then makes the index anew.'],
  ])(
    '[replicas.survive] that a %s indexer made is told at once, and nobody is told to delete it',
    async (_age, format, remedy) => {
      const indexer = await startIndexer();
      await indexer.stop();
      const database = await connect(join(index, 'g1'));
      await (await database.openTable('meta')).update({ values: { value: JSON.stringify({ format }) } });
      database.close();
      const { store, logs } = follow();
      await store.look();
      expect(store.failure).toMatchObject({ code: 'IndexFormatUnsupported', remedy });
      expect(logs.at(-1)).toMatchObject({ level: 50, code: 'IndexFormatUnsupported', remedy });
    },
  );

  test('[replicas.survive] that is damaged is told after three looks, while what was open before goes on', async () => {
    const indexer = await startIndexer();
    const { store, logs } = follow();
    await store.look();
    const before = store.snapshot;
    await indexer.indexCodebase('shop', { full: true });
    await indexer.stop();
    const versions = join(index, 'g2/chunks.lance/_versions');
    for (const name of readdirSync(versions)) writeFileSync(join(versions, name), 'damaged');
    const { store: late } = follow();
    for (const problem of [undefined, undefined, 'IndexCorrupted']) {
      await Promise.all([store.look(true), late.look(true)]);
      expect([store.problem?.code, late.failure?.code]).toEqual([problem, problem]);
    }
    expect([store.snapshot, store.failure]).toEqual([before, undefined]);
    expect(logs.filter(({ level }) => level >= 50)).toHaveLength(1);
    // Nor does the indexer take the generation before it, which it keeps for others, for the one that counts.
    const { engine: again } = makeEngine(cleanups, dataDir, config({ replication: { role: 'Indexer' } }));
    await again.start();
    expect(await settled(again)).toMatchObject({ state: 'Failed', problem: { code: 'IndexCorrupted' } });
  });
});

describe('an engine that only searches', () => {
  function startSearch(more: ServerConfigInput = {}) {
    const scratchDir = join(cleanups.directory(), 'scratch');
    const parsed = serverConfigSchema.parse(config({ replication: { role: 'Search', pollSeconds: 0.1 }, ...more }));
    const engine = createSearchEngine({
      config: parsed,
      dataDir,
      scratchDir,
      readInternalToken: () => undefined,
      log: pino({ level: 'silent' }),
      clock: Date.now,
    });
    cleanups.add(() => engine.stop());
    return { engine, config: parsed };
  }

  test('[replicas.follow] answers as the indexer does', async () => {
    const indexer = await startIndexer();
    const { engine } = startSearch();
    await engine.start();
    expect(engine.isServing()).toBe(true);
    expect(await paths(engine, 'retry a payment')).toEqual(await paths(indexer, 'retry a payment'));
    const { codebases } = await engine.status();
    expect(codebases).toEqual((await indexer.status()).codebases);
    expect(await engine.readFile('shop/src/cart.ts')).toEqual(await indexer.readFile('shop/src/cart.ts'));
  });

  test('[replicas.follow] is ready before there is an index, and says that there is none', async () => {
    const { engine } = startSearch();
    await engine.start();
    expect(engine.isServing()).toBe(true);
    expect((await engine.status()).codebases).toMatchObject([{ name: 'shop', state: 'Pending' }]);
    await expect(engine.semanticSearch({ query: 'x', codebases: ['shop'], topK: 5 })).rejects.toMatchObject({
      code: 'NotIndexedYet',
    });
    expect(existsSync(join(dataDir, 'index'))).toBe(false);
    await startIndexer();
    await eventually('the index to appear', async () =>
      (await engine.status()).codebases[0]?.state === 'Ready' ? true : undefined,
    );
    expect(await paths(engine, 'retry a payment')).toContain('src/payment.ts');
  });

  test('[replicas.survive] takes no calls while the index is of another version, and takes them once it was made anew', async () => {
    await (await startIndexer()).stop();
    const database = await connect(join(index, 'g1'));
    await (await database.openTable('meta')).update({ values: { value: JSON.stringify({ format: 1 }) } });
    database.close();
    const { engine } = startSearch();
    await engine.start();
    expect(engine.isServing()).toBe(false);
    await startIndexer();
    await eventually('the new index', async () =>
      (await engine.status()).codebases[0]?.state === 'Ready' ? true : undefined,
    );
    expect(engine.isServing()).toBe(true);
    expect(await paths(engine, 'retry a payment')).toContain('src/payment.ts');
  });

  test('[server.reload] takes sources in and gives them up while it answers', async () => {
    const till = cleanups.directory();
    createRepository(till, {});
    commit(till, { 'till.ts': 'export const till = 1;\n' });
    const both = [
      { name: 'shop', path: shop },
      { name: 'till', git: { url: till, depth: 0 } },
    ];
    const { engine: indexer } = makeEngine(cleanups, dataDir, { sources: both, replication: { role: 'Indexer' } });
    await indexer.start();
    for (const name of ['shop', 'till']) await indexer.indexCodebase(name, { full: false });
    const { engine, config: running } = startSearch();
    await engine.start();
    running.sources = serverConfigSchema.parse({ sources: both }).sources;
    await engine.reconfigure?.(running);
    expect(await paths(engine, 'till')).toContain('till.ts');
    // The history is read in the indexer's checkout.
    const { commits } = await engine.history.commits({ codebase: 'till', limit: 5 } as never);
    expect(commits).toHaveLength(2);
    running.sources = running.sources.slice(1);
    await engine.reconfigure?.(running);
    await expect(engine.semanticSearch({ query: 'cart', codebases: ['shop'], topK: 5 })).rejects.toMatchObject({
      code: 'UnknownCodebase',
    });
    expect(await paths(engine, 'till')).toEqual(['till.ts']);
  });
});
