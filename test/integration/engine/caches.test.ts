/** Decides whether the caches of a real engine are of use after a restart, and harmless to delete while it runs. */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ServerConfigInput } from '../../../server/src/contract.ts';
import { startMemoryGuard } from '../../../server/src/observability/memory-guard.ts';
import { Cleanups, eventually, makeEngine, settled, writeTree } from './harness.ts';

const cleanups = new Cleanups();
let root: string;
let dataDir: string;
beforeEach(() => {
  root = cleanups.directory();
  dataDir = cleanups.directory();
  writeTree(root, {
    'src/payment.ts':
      'export function retryPayment(attempt: number) {\n  return attempt + 1; // try the payment again\n}\n',
    'src/cart.ts': 'export function addToCart(item: string) {\n  return [item]; // put into the shopping cart\n}\n',
    'src/mail.py': 'def send_mail(to):\n    """Send a message to the customer."""\n    return to\n',
  });
});
afterEach(() => cleanups.run());

async function start(cache: ServerConfigInput['cache'] = {}) {
  const { engine, logs } = makeEngine(cleanups, dataDir, { sources: [{ name: 'shop', path: root }], cache });
  await engine.start();
  await settled(engine);
  const search = (query: string) => engine.semanticSearch({ query, codebases: [], topK: 3 });
  const logged = (message: string) => logs.filter((line) => line.message === message);
  return { engine, search, logged };
}

describe('caches of the engine', () => {
  test('[cache.persistence] a restart asks the frequent queries again, and embeds known text without the model', async () => {
    const first = await start();
    await first.search('try the payment again');
    await first.engine.stop();
    rmSync(join(dataDir, 'index'), { recursive: true });

    const second = await start();
    const { embedding } = second.engine.cacheStatistics();
    expect(embedding.hits).toBe(3);
    await eventually('the warming', () => (second.logged('Search cache warmed').length > 0 ? true : undefined));
    expect(second.engine.cacheStatistics().search).toMatchObject({ hits: 0, misses: 0, size: 1 });
    expect((await second.search('try the payment again')).cached).toBe(true);
  });

  test('[cache.persistence] a new version warms the answers that it made useless', async () => {
    const { engine, search } = await start();
    await search('try the payment again');
    writeFileSync(join(root, 'src/new.ts'), 'export const next = 1;\n');
    await engine.indexCodebase('shop', { full: false });
    await eventually('the warming', () => (engine.cacheStatistics().search.size > 0 ? true : undefined));
    expect((await search('try the payment again')).cached).toBe(true);
  });

  test('[cache.settings] without persistence nothing is saved, and what was saved is deleted', async () => {
    const first = await start();
    await first.search('anything');
    await first.engine.stop();
    expect(readdirSync(join(dataDir, 'cache/saved'))).toHaveLength(2);
    const second = await start({ persistence: false });
    await second.engine.stop();
    expect(readdirSync(join(dataDir, 'cache/saved'))).toEqual([]);
  });

  test('[cache.settings] without warming a restart waits for its callers', async () => {
    const first = await start();
    await first.search('try the payment again');
    await first.engine.stop();
    const second = await start({ warming: false });
    expect((await second.search('put into the shopping cart')).cached).toBe(false);
    expect(second.engine.cacheStatistics().search.size).toBe(1);
    expect(second.logged('Search cache warmed')).toEqual([]);
  });

  test('[cache.similarity] a query like an earlier one gets its answer, which says so; a symbol does not', async () => {
    const { engine, search } = await start({ similarityThreshold: 0.8 });
    const asked = await search('try the payment again');
    expect(asked).toMatchObject({ cached: false });
    const similar = await search('try the payment again!');
    expect(similar).toMatchObject({
      cached: true,
      hits: asked.hits,
      notice: expect.stringMatching(/answer to the similar query "try the payment again" \(similarity 0\.\d+|1\.000/),
    });
    expect(engine.cacheStatistics().search).toMatchObject({ hits: 1, misses: 1 });
    await search('retryPayment');
    expect((await search('retryPayments')).cached).toBe(false);
    expect((await engine.semanticSearch({ query: 'try the payment again!', codebases: [], topK: 2 })).cached).toBe(
      false,
    );
  });

  test('[cache.settings] an answer over the age is made again', async () => {
    const { search } = await start({ maxAgeSeconds: 1 });
    await search('try the payment again');
    expect((await search('try the payment again')).cached).toBe(true);
    await eventually('an answer made anew', async () =>
      (await search('try the payment again')).cached ? undefined : true,
    );
  });

  test('[cache.deletable] emptying the cache directory under the engine is harmless', async () => {
    const { engine, search } = await start();
    await search('try the payment again');
    await engine.exactSearch({
      pattern: 'payment',
      codebases: [],
      regex: false,
      case: 'insensitive',
      fileTypes: [],
      excludePatterns: [],
      limit: 10,
      contextLines: 0,
    });
    for (const name of readdirSync(join(dataDir, 'cache'))) rmSync(join(dataDir, 'cache', name), { recursive: true });
    expect((await search('try the payment again')).cached).toBe(true);
    expect((await search('send a message')).hits.length).toBeGreaterThan(0);
    expect((await engine.readFile('shop/src/cart.ts')).totalLines).toBe(3);
    await engine.indexCodebase('shop', { full: true });
    await engine.stop();
    expect(existsSync(join(dataDir, 'cache/saved/queries.cache'))).toBe(true);
  });

  test('[runbook-4.1-cache-clear] clearing takes effect at once, on disk as well', async () => {
    const { engine, search } = await start({ warming: false });
    await search('try the payment again');
    expect(await engine.clearCaches(['embedding', 'search', 'file'])).toMatchObject({ search: 1 });
    expect((await search('try the payment again')).cached).toBe(false);
    expect(await engine.pruneCaches(3_600_000)).toEqual({ embedding: 0, search: 0, file: 0 });
    expect(await engine.pruneCaches(0)).toMatchObject({ search: 1, file: 0 });
    await engine.stop();
    const again = await start();
    expect(again.engine.cacheStatistics().search.size).toBe(0);
    expect(again.logged('Search cache warmed')).toEqual([]);
  });

  test('[server.memory-guard] high memory shrinks every cache and slows indexing, and both recover when it is low again', async () => {
    const { engine, search } = await start({ search: 40, warming: false });
    for (let i = 0; i < 40; i++) await search(`query number ${i}`);
    const warnings: string[] = [];
    const log = pino({ messageKey: 'message' }, { write: (line) => warnings.push(JSON.parse(line).message) });
    let rss = 500;
    const guard = startMemoryGuard({ engine, maxBytes: 1000, log, rssBytes: () => rss, intervalMs: 3_600_000 });
    cleanups.add(guard.stop);
    const sizeAt = (reading: number) => {
      rss = reading;
      guard.check();
      return engine.cacheStatistics().search.size;
    };
    expect([sizeAt(799), sizeAt(800), sizeAt(750)]).toEqual([40, 10, 10]);
    await search('one more');
    expect(engine.cacheStatistics().search.size).toBe(10);
    writeFileSync(join(root, 'src/new.ts'), 'export const next = 1;\n');
    const slow = (await engine.indexCodebase('shop', { full: false })).seconds;
    expect(slow).toBeGreaterThan(0.3);
    sizeAt(690);
    for (let i = 0; i < 20; i++) await search(`query number ${i}`);
    expect(engine.cacheStatistics().search.size).toBe(20);
    expect(warnings).toEqual(['High memory usage detected', 'Memory usage is back to normal']);
  });
});
