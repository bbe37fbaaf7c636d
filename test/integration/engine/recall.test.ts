/** Decides when a search's answer is given again without a search: only while everything that it came from is as it was. */
import { afterEach, expect, test } from 'vitest';
import { testServices, testSettings } from '../../../server/src/testing/assemble.ts';
import { createToolRunner } from '../../../server/src/tools/run.ts';
import { semanticSearchCodebase } from '../../../server/src/tools/semantic-search-codebase.ts';
import { Cleanups, makeEngine, settled, writeTree } from './harness.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

const files = {
  'src/payment.ts': 'export function retryPayment(attempt: number) {\n  return attempt + 1;\n}\n',
  'src/cart.ts': 'export const shoppingCart: string[] = [];\n',
};
const args = { query: 'retry a payment', top_k: 2 };

/** A server over two codebases, a search that was answered twice, and how to ask once more. */
async function asked() {
  const root = cleanups.directory();
  const other = cleanups.directory();
  writeTree(root, files);
  writeTree(other, { 'other.ts': 'export const other = 1;\n' });
  const sources = [
    { name: 'shop', path: root },
    { name: 'till', path: other },
  ];
  const { engine } = makeEngine(cleanups, cleanups.directory(), { sources });
  await engine.start();
  await settled(engine);
  for (const { name } of sources) await engine.indexCodebase(name, { full: false });
  let searches = 0;
  const counted = {
    ...engine,
    semanticSearch: (...given: Parameters<typeof engine.semanticSearch>) => {
      searches++;
      return engine.semanticSearch(...given);
    },
  };
  const services = testServices(counted, testSettings({ sources }));
  const run = createToolRunner(services, () => {});
  const ask = async (given: object = args) => {
    const before = searches;
    const { structuredContent, content } = await run(semanticSearchCodebase, given, {
      signal: new AbortController().signal,
    });
    if (structuredContent !== undefined) expect(JSON.parse(content[0].text)).toEqual(structuredContent);
    return { answer: structuredContent ?? {}, text: content[0].text, searched: searches > before };
  };
  await ask();
  const second = await ask();
  expect(second).toMatchObject({ searched: true, answer: { cached: true } });
  return { engine, ask, second, root, other };
}

const withoutTime = ({ took_ms: _, ...rest }: Record<string, unknown>) => rest;

test('[mcp.speed] the same call is answered from memory alone, with the same answer, and counts as a hit', async () => {
  const { engine, ask, second } = await asked();
  const before = engine.cacheStatistics().search;
  const third = await ask();
  expect(third.searched).toBe(false);
  expect(withoutTime(third.answer)).toEqual(withoutTime(second.answer));
  expect(third.answer.took_ms).toBeGreaterThanOrEqual(0);
  expect(engine.cacheStatistics().search).toMatchObject({ hits: before.hits + 1, misses: before.misses });
  expect((await ask({ ...args, top_k: 1 })).searched).toBe(true);
});

test.each<[string, (made: Awaited<ReturnType<typeof asked>>) => unknown]>([
  [
    'a new version of a codebase',
    ({ engine, root }) => {
      writeTree(root, { 'src/payment.ts': 'export function retryPayment() {\n  return "changed";\n}\n' });
      return engine.indexCodebase('shop', { full: false });
    },
  ],
  [
    'a new version of another codebase that was searched',
    ({ engine, other }) => {
      writeTree(other, { 'other.ts': 'export function retryPayment() {\n  return "elsewhere";\n}\n' });
      return engine.indexCodebase('till', { full: false });
    },
  ],
  ['caches that were cleared', ({ engine }) => engine.clearCaches(['search'])],
  ['caches that were pruned', ({ engine }) => engine.pruneCaches(0)],
  ['short memory', ({ engine }) => engine.relieveMemory(0)],
])('[mcp.speed] after %s the codebases are searched again', async (_what, change) => {
  const made = await asked();
  await change(made);
  expect((await made.ask()).searched).toBe(true);
});

test('[mcp.speed] an engine that stops gives no answer from memory', async () => {
  const { engine, ask } = await asked();
  await engine.stop();
  expect((await ask()).text).toMatch(/^Cancelled: /);
});
