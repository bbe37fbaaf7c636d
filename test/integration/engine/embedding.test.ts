/** Decides that the engine serves with every embedding provider, and without any. */
import { cpSync, renameSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { ServerConfigInput } from '../../../server/src/contract.ts';
import { builtinModelDirectory } from '../../../server/src/embedding/static-model.ts';
import { type TinyModelOptions, writeTinyModel } from '../../../server/src/embedding/testing/tiny-model.ts';
import { Cleanups, eventually, makeEngine, settled, writeTree } from './harness.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

const files = {
  'src/payment.ts': 'export function retryPayment() {\n  return "charge the card again";\n}\n',
  'src/cart.ts': 'export function emptyCart() {\n  return [];\n}\n',
};
const request = { query: 'charge a card', codebases: [], topK: 5 };

function tree(): { dataDir: string; config: (embedding: ServerConfigInput['embedding']) => ServerConfigInput } {
  const root = cleanups.directory();
  writeTree(root, files);
  const dataDir = cleanups.directory();
  return { dataDir, config: (embedding) => ({ sources: [{ name: 'shop', path: root }], embedding }) };
}

/** A copy of the built-in model, to be broken. */
function ownModel(): string {
  const directory = join(cleanups.directory(), 'model');
  cpSync(builtinModelDirectory, directory, { recursive: true });
  return directory;
}

describe('without a model', () => {
  test('[embedding.absent] a missing model is told, files are indexed, and answers are ranked by full text and say so', async () => {
    const { dataDir, config } = tree();
    const { engine, logs } = makeEngine(cleanups, dataDir, config({ modelDirectory: '/nowhere/model' }));
    await engine.start();
    expect(await settled(engine)).toMatchObject({ state: 'Ready', files: 2, chunks: 2 });
    const answer = await engine.semanticSearch(request);
    expect(answer).toMatchObject({ ranking: 'bm25', hits: [{ path: 'src/payment.ts' }] });
    expect(answer.notice).toMatch(/full text alone.*not there.*restart the server/);
    const status = await engine.status();
    expect(status.embeddedChunks).toBe(0);
    expect(status.index).toMatchObject({ embedding: 'none', problem: { code: 'EmbeddingModelMissing' } });
    expect(logs).toContainEqual(expect.objectContaining({ code: 'EmbeddingModelMissing' }));
  });

  test('[embedding.absent] a model that is cut short is told as invalid', async () => {
    const { dataDir, config } = tree();
    const directory = ownModel();
    truncateSync(join(directory, 'model.safetensors'), 1000);
    const { engine } = makeEngine(cleanups, dataDir, config({ modelDirectory: directory }));
    await engine.start();
    await settled(engine);
    expect((await engine.status()).index.problem).toMatchObject({
      code: 'EmbeddingModelInvalid',
      message: expect.stringMatching(/cut short.*restart the server/),
    });
    expect((await engine.semanticSearch(request)).ranking).toBe('bm25');
  });

  test('[embedding.absent] answers stay possible while the model goes and comes back, each time with a new index beside the old', async () => {
    const { dataDir, config } = tree();
    const directory = ownModel();
    const away = `${directory}-away`;
    const start = async () => {
      const { engine } = makeEngine(cleanups, dataDir, config({ modelDirectory: directory }));
      await engine.start();
      const first = await engine.semanticSearch(request);
      await eventually('a run', async () => ((await settled(engine)).indexedAt === firstPublished ? undefined : true));
      firstPublished = (await settled(engine)).indexedAt;
      const last = await engine.semanticSearch(request);
      await engine.stop();
      return { first, last };
    };
    let firstPublished: string | undefined;
    const { engine } = makeEngine(cleanups, dataDir, config({ modelDirectory: directory }));
    await engine.start();
    firstPublished = (await settled(engine)).indexedAt;
    expect((await engine.semanticSearch(request)).ranking).toBe('fused');
    await engine.stop();

    renameSync(directory, away);
    const without = await start();
    expect(without.first).toMatchObject({ ranking: 'bm25', hits: [{ path: 'src/payment.ts' }] });
    expect(without.last).toMatchObject({ ranking: 'bm25', hits: [{ path: 'src/payment.ts' }] });

    renameSync(away, directory);
    const back = await start();
    expect(back.first.hits[0]?.path).toBe('src/payment.ts');
    expect(back.last).toMatchObject({ ranking: 'fused', hits: [{ path: 'src/payment.ts' }, { path: 'src/cart.ts' }] });
    expect(back.last.notice).toBeUndefined();
  });
});

describe('a transformers model', () => {
  function tinyModel(options?: TinyModelOptions): string {
    const directory = cleanups.directory();
    writeTinyModel(directory, options);
    return directory;
  }

  test('[embedding.transformers] indexes in batches and searches by its vectors; a second start embeds nothing', async () => {
    const { dataDir, config } = tree();
    const embedding = { provider: 'transformers', modelDirectory: tinyModel(), batchSize: 2 } as const;
    const { engine } = makeEngine(cleanups, dataDir, config(embedding));
    await engine.start();
    expect(await settled(engine)).toMatchObject({ state: 'Ready', files: 2, chunks: 2 });
    const status = await engine.status();
    expect(status.embeddedChunks).toBe(2);
    expect(status.index.embedding).toMatch(/^local@main:fp32#/);
    expect(status.index.problem).toBeUndefined();
    // Only the vectors know that an unknown word beside "cart" still is about carts.
    const answer = await engine.semanticSearch({ ...request, query: 'zzz cart' });
    expect(answer).toMatchObject({ ranking: 'fused', hits: [{ path: 'src/cart.ts' }, { path: 'src/payment.ts' }] });
    await engine.stop();

    const again = makeEngine(cleanups, dataDir, config(embedding)).engine;
    await again.start();
    await settled(again);
    expect((await again.semanticSearch(request)).ranking).toBe('fused');
    expect((await again.status()).embeddedChunks).toBe(0);
  });

  test('[embedding.transformers] another model makes the index anew, beside the one that serves by full text meanwhile', async () => {
    const { dataDir, config } = tree();
    const first = makeEngine(cleanups, dataDir, config({})).engine;
    await first.start();
    await settled(first);
    await first.stop();
    const { engine } = makeEngine(cleanups, dataDir, config({ provider: 'transformers', modelDirectory: tinyModel() }));
    await engine.start();
    const before = await engine.semanticSearch(request);
    expect(before.hits[0]?.path).toBe('src/payment.ts');
    const after = await eventually('the new index', async () => {
      const answer = await engine.semanticSearch(request);
      return answer.ranking === 'fused' ? answer : undefined;
    });
    expect(after.hits[0]?.path).toBe('src/payment.ts');
    expect((await engine.status()).embeddedChunks).toBe(2);
  });

  test('[embedding.absent] a wrong model is told, and the server serves by full text', async () => {
    const { dataDir, config } = tree();
    const { engine } = makeEngine(
      cleanups,
      dataDir,
      config({ provider: 'transformers', modelDirectory: tinyModel({ output: 'broken' }) }),
    );
    await engine.start();
    expect(await settled(engine)).toMatchObject({ state: 'Ready', files: 2 });
    expect((await engine.status()).index.problem?.code).toBe('EmbeddingModelInvalid');
    expect(await engine.semanticSearch(request)).toMatchObject({ ranking: 'bm25', hits: [{ path: 'src/payment.ts' }] });
  });

  test('indexing that is stopped lets go of the model at once', async () => {
    const root = cleanups.directory();
    writeTree(
      root,
      Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`f${i}.ts`, files['src/cart.ts'].repeat(40)])),
    );
    const { engine } = makeEngine(cleanups, cleanups.directory(), {
      sources: [{ name: 'shop', path: root }],
      embedding: { provider: 'transformers', modelDirectory: tinyModel(), batchSize: 1 },
    });
    await engine.start();
    await eventually('indexing', async () =>
      (await engine.status()).codebases[0]?.state === 'Indexing' ? true : undefined,
    );
    const startedAt = performance.now();
    await engine.stop();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});
