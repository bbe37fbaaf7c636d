import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, SearchHit, SemanticSearchRequest } from '../../../server/src/engine.ts';
import { openGeneration } from '../../../server/src/index/generation.ts';
import { createWordIndex } from '../../../server/src/index/lance.ts';
import { openSnapshot } from '../../../server/src/index/snapshot.ts';
import { MemoryShare } from '../../../server/src/search/memory/share.ts';
import { searchSnapshots } from '../../../server/src/search/ranked-search.ts';
import { Cleanups, makeEngine, settled, writeTree } from './harness.ts';

const cleanups = new Cleanups();
let engine: Engine;
let generation: string;

const filler = (name: string) =>
  Array.from({ length: 40 }, (_, i) => `  const ${name}${i} = compute(${i});`).join('\n');
const files = {
  'src/payment.ts': `/** Charges a card. */\nexport function chargeCard() {\n${filler('card')}\n}\n\n/** Tries a failed payment again. */\nexport function retryPayment() {\n${filler('attempt')}\n}\n\nexport class PaymentError extends Error {}\n`,
  'src/weather.ts': 'export function readWeather() {\n  return "sunny";\n}\n',
  'src/index.ts': "export * from './payment.ts';\nexport * from './weather.ts';\n",
  'docs/payments.md':
    '# Payments\n\nA failed payment is tried again: retry a failed payment, then retry the failed payment.\n',
};

beforeAll(async () => {
  const root = cleanups.directory();
  const dataDir = cleanups.directory();
  writeTree(root, files);
  engine = makeEngine(cleanups, dataDir, { sources: [{ name: 'shop', path: root }] }).engine;
  await engine.start();
  await settled(engine);
  generation = join(dataDir, 'index', 'shop', 'g1');
});
afterAll(() => cleanups.run());

const search = async (query: string, more: Partial<SemanticSearchRequest> = {}): Promise<SearchHit[]> =>
  (await engine.semanticSearch({ query, codebases: [], topK: 10, ...more })).hits;

describe('a search', () => {
  test('[search.ranking] finds the code before the document that speaks of it', async () => {
    const [first] = await search('retry a failed payment');
    expect(first).toMatchObject({ path: 'src/payment.ts' });
    expect(first?.symbols).toContain('retryPayment');
    expect((await search('what does the documentation say of a failed payment'))[0]?.path).toBe('docs/payments.md');
  });

  test('[search.ranking] shows passages that end where symbols end, with their lines', async () => {
    const [first] = await search('retryPayment');
    const lines = files['src/payment.ts'].split('\n');
    expect(first?.text.startsWith('/** Tries a failed payment again. */\nexport function retryPayment() {')).toBe(true);
    expect(first?.text.split('\n')).toEqual(lines.slice((first?.startLine ?? 0) - 1, first?.endLine));
  });

  test('[search.explain] tells what made each score, only when asked', async () => {
    expect((await search('retry a failed payment'))[0]).not.toHaveProperty('explanation');
    const hits = await search('retry a failed payment', { explain: true });
    expect(hits[0]?.explanation?.map(({ signal }) => signal)).toContain('names');
    for (const { score, explanation = [] } of hits) {
      const added = explanation.reduce((sum, part) => sum + ('adds' in part ? part.adds : 0), 0);
      const factor = explanation.reduce((product, part) => product * ('multiplies' in part ? part.multiplies : 1), 1);
      expect(added * factor).toBeCloseTo(score, 6);
    }
  });

  test.each(['bm25', 'vector'] as const)(
    '[search.modes] by %s alone says so, and uses nothing of the other',
    async (mode) => {
      const answer = await engine.semanticSearch({
        query: 'failed payment',
        codebases: [],
        topK: 10,
        mode,
        explain: true,
      });
      expect(answer.ranking).toBe(mode);
      expect(answer.hits[0]?.path).toMatch(/payment/);
      const signals = answer.hits.flatMap(({ explanation = [] }) => explanation.map(({ signal }) => signal));
      expect(signals).toContain(mode);
      expect(signals).not.toContain(mode === 'bm25' ? 'vector' : 'bm25');
    },
  );

  test('[search.modes] in raw order has no other signal', async () => {
    const hits = await search('retry a failed payment', { mode: 'bm25', raw: true, explain: true });
    expect(hits[0]?.path).toBe('docs/payments.md');
    expect(new Set(hits.flatMap(({ explanation = [] }) => explanation.map(({ signal }) => signal)))).toEqual(
      new Set(['vector', 'bm25']),
    );
  });
});

describe('[search.filters] a filter on kinds of symbols', () => {
  test('lets in only passages that define one', async () => {
    const hits = await search('payment', { kinds: ['class'] });
    expect(hits.map(({ symbols = [] }) => symbols.includes('PaymentError'))).toEqual([true]);
    expect(await search('payment', { kinds: ['enum'] })).toEqual([]);
  });

  test("finds the same by LanceDB's indexes as in memory", async () => {
    const opened = await openGeneration(join(generation, '..'), 1);
    if (opened?.meta.publication === undefined) throw new Error('nothing was published');
    await createWordIndex(opened.chunks);
    const publication = { ...opened.meta.publication, chunksVersion: await opened.chunks.version() };
    const options = { share: new MemoryShare(0), previous: undefined, log: pino({ level: 'silent' }) };
    const snapshot = await openSnapshot('shop', opened, publication, options);
    expect(snapshot.memory).toBeUndefined();
    for (const kinds of [['class'], ['function'], ['enum', 'interface']]) {
      const request = { query: 'payment', codebases: [], topK: 10, kinds };
      const inTables = await searchSnapshots([snapshot], request, undefined, async () => undefined);
      const inMemory = await search('payment', { kinds, mode: 'bm25' });
      expect(inTables.map(({ path, startLine }) => [path, startLine])).toEqual(
        inMemory.map(({ path, startLine }) => [path, startLine]),
      );
    }
    await snapshot.retire();
  });
});
