import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type EmbeddingSettings, embeddingSchema } from '../contract.ts';
import { type Embedding, loadEmbedding } from './embedding.ts';
import { PortClient } from './port-client.ts';
import { directionOf, type TinyModelOptions, tinyDimensions, writeTinyModel } from './testing/tiny-model.ts';
import { loadTransformerEmbedding } from './transformer-embedding.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'codesage-model-'));
  undo.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function load(settings: Partial<EmbeddingSettings>, modelsDirectory = '/nowhere'): Promise<Embedding> {
  const parsed = embeddingSchema.parse({ provider: 'transformers', ...settings });
  const embedding = await loadEmbedding({ settings: parsed, modelsDirectory, clock: Date.now });
  undo.push(() => embedding.close());
  return embedding;
}

async function loadTiny(options: TinyModelOptions = {}, settings: Partial<EmbeddingSettings> = {}): Promise<Embedding> {
  const modelDirectory = temporary();
  writeTinyModel(modelDirectory, options);
  return load({ modelDirectory, ...settings });
}

/** Components of the directions of these words, each counted so many times. */
function unit(counts: Partial<Record<Parameters<typeof directionOf>[0], number>>): number[] {
  const vector = new Array<number>(tinyDimensions).fill(0);
  for (const [word, count] of Object.entries(counts)) vector[directionOf(word as 'card')] = count;
  const length = Math.hypot(...vector);
  return vector.map((component) => component / length);
}

function expectClose(vector: ArrayLike<number> | undefined, expected: readonly number[]): void {
  expect(vector).toHaveLength(expected.length);
  for (const [i, component] of expected.entries()) expect(vector?.[i]).toBeCloseTo(component, 5);
}

async function embedAll(embedding: Embedding, texts: string[]): Promise<Float32Array[]> {
  const port = await embedding.connect?.();
  if (port === undefined) throw new Error('there is no model to connect to');
  const client = new PortClient(port);
  undo.push(() => client.close());
  const vectors = await client.embed('document', texts);
  return texts.map((_, i) => vectors.subarray(i * tinyDimensions, (i + 1) * tinyDimensions));
}

describe('a transformers model', () => {
  test('[embedding.transformers] gives the mean of its tokens as a unit vector', async () => {
    const embedding = await loadTiny();
    expect(embedding.problem).toBeUndefined();
    expect(embedding.dimensions).toBe(tinyDimensions);
    expectClose(await embedding.embedQuery('Charge the card, card'), unit({ charge: 1, card: 2, '[CLS]': 1 }));
  });

  test('[embedding.transformers] takes texts of all lengths in batches, and padding changes no vector', async () => {
    const embedding = await loadTiny({}, { batchSize: 3 });
    const texts = ['cart', 'read '.repeat(40), 'payment card', 'cart', 'file file file query', 'empty'];
    const together = await embedAll(embedding, texts);
    for (const [i, text] of texts.entries()) expectClose(together[i], [...((await embedding.embedQuery(text)) ?? [])]);
  });

  test.each([
    ['of the settings', {}, { maxTokens: 16 }],
    ['that the model was made for', { length: { max_seq_length: 16 } }, {}],
  ])('texts over the limit %s are cut', async (_what, options, settings) => {
    const embedding = await loadTiny(options, settings);
    const long = await embedding.embedQuery(`${'card '.repeat(14)}payment`);
    expectClose(long, unit({ card: 14, '[CLS]': 1 }));
  });

  test('[embedding.transformers] pools as the published model says, or as the settings say', async () => {
    const cls = await loadTiny({ pooling: { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false } });
    expectClose(await cls.embedQuery('charge'), unit({ '[CLS]': 1 }));
    const mean = await loadTiny({ pooling: { pooling_mode_cls_token: true } }, { pooling: 'mean' });
    expectClose(await mean.embedQuery('charge'), unit({ charge: 1, '[CLS]': 1 }));
  });

  test('a model that pools by itself is taken as it is', async () => {
    const embedding = await loadTiny({ output: 'sentence' });
    expectClose(await embedding.embedQuery('charge'), unit({ charge: 1, '[CLS]': 1 }));
  });

  test('[embedding.transformers] prefixes are put before queries and chunks', async () => {
    const embedding = await loadTiny({}, { queryPrefix: 'query ', documentPrefix: 'file ' });
    expectClose(await embedding.embedQuery('card'), unit({ query: 1, card: 1, '[CLS]': 1 }));
    const [document] = await embedAll(embedding, ['card']);
    expectClose(document, unit({ file: 1, card: 1, '[CLS]': 1 }));
  });

  test.each([
    ['other weights', { bias: 1 }, {}],
    ['another pooling', {}, { pooling: 'cls' as const }],
    ['another prefix of chunks', {}, { documentPrefix: 'x ' }],
    ['another length', { length: { max_seq_length: 32 } }, {}],
    ['another revision', {}, { revision: 'v2' }],
  ])('[index.format-change] %s make another name, so that the index is made anew', async (_what, options, settings) => {
    const one = await loadTiny();
    const other = await loadTiny(options, settings);
    expect(other.problem).toBeUndefined();
    expect(other.name).not.toBe(one.name);
    expect((await loadTiny()).name).toBe(one.name);
  });

  test('[embedding.query-first] a query is answered while documents are under way', async () => {
    const embedding = await loadTiny({}, { batchSize: 1 });
    let documentsDone = false;
    const documents = embedAll(embedding, new Array<string>(2000).fill('read the file')).finally(() => {
      documentsDone = true;
    });
    await embedding.embedQuery('card');
    expect(documentsDone).toBe(false);
    await documents;
  });

  test('a query that nobody waits for any more rejects with the reason, and the model goes on', async () => {
    const embedding = await loadTiny();
    const gone = new AbortController();
    const answer = embedding.embedQuery('card', gone.signal);
    gone.abort(new Error('the caller went away'));
    await expect(answer).rejects.toThrow('the caller went away');
    expectClose(await embedding.embedQuery('card'), unit({ card: 1, '[CLS]': 1 }));
  });
});

describe('an embedding thread that dies', () => {
  const thread = new URL('./testing/mortal-thread.ts', import.meta.url);

  test('[embedding.thread-death] fails what it was asked, tells a problem, and is replaced after a pause', async () => {
    const settings = embeddingSchema.parse({ provider: 'transformers', modelDirectory: '/unused' });
    const options = { settings, cacheDirectory: '/unused', clock: () => 0, thread, restartPauseMs: 200 };
    const embedding = await loadTransformerEmbedding(options);
    undo.push(() => embedding.close());
    expect(await embedding.embedQuery('hello')).toEqual(Float32Array.of(1));
    await expect(embedding.embedQuery('die')).rejects.toThrow('The embedding thread ended');
    await vi.waitFor(() => expect(embedding.problem).toBeDefined(), { timeout: 5000, interval: 5 });
    expect(embedding.problem).toMatchObject({
      code: 'EmbeddingModelInvalid',
      message: expect.stringMatching(/stopped.*started again every 0\.2 s/),
      since: '1970-01-01T00:00:00.000Z',
    });
    await vi.waitFor(() => expect(embedding.problem).toBeUndefined(), { timeout: 8000 });
    expect(await embedding.embedQuery('hello')).toEqual(Float32Array.of(1));
    const port = await embedding.connect?.();
    expect(port).toBeDefined();
    port?.close();
  });
});

describe('where a model is found', () => {
  test('[embedding.transformers] by its name and revision in the cache, in the variety asked for', async () => {
    const cache = temporary();
    writeTinyModel(join(cache, 'acme/tiny/v2'), { weights: 'onnx/model_quantized.onnx' });
    const embedding = await load({ model: 'acme/tiny', revision: 'v2', dtype: 'q8' }, cache);
    expect(embedding.name).toMatch(/^acme\/tiny@v2:q8#[0-9a-f]{12}$/);
  });

  test('[embedding.transformers] on a host, when that is allowed, and from then on in the cache', async () => {
    const origin = temporary();
    writeTinyModel(origin, { pooling: { pooling_mode_cls_token: true } });
    const asked: string[] = [];
    const server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? '').replace('/acme/tiny/resolve/main/', '');
      asked.push(path);
      const file = join(origin, path);
      if (existsSync(file)) response.end(readFileSync(file));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const remoteHost = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const cache = temporary();
    const refused = await load({ model: 'acme/tiny', remoteHost }, cache);
    expect(refused.problem?.code).toBe('EmbeddingModelMissing');
    expect(asked).toEqual([]);

    const fetched = await load({ model: 'acme/tiny', allowRemoteModels: true, remoteHost }, cache);
    server.close();
    server.closeAllConnections();
    expect(fetched.problem).toBeUndefined();
    expectClose(await fetched.embedQuery('card'), unit({ '[CLS]': 1 }));
    const again = await load({ model: 'acme/tiny', allowRemoteModels: true, remoteHost }, cache);
    expect(again.name).toBe(fetched.name);

    const unreachable = await load({ model: 'acme/other', allowRemoteModels: true, remoteHost }, cache);
    expect(unreachable.problem).toMatchObject({
      code: 'EmbeddingModelMissing',
      message: expect.stringContaining('could not be fetched'),
    });
  });
});

describe('a model that cannot be used', () => {
  const broken: [string, (directory: string) => void, string, RegExp][] = [
    ['an empty folder', () => {}, 'EmbeddingModelMissing', /has no config\.json/],
    [
      'weights of another variety',
      (d) => writeTinyModel(d, { weights: 'onnx/model_fp16.onnx' }),
      'EmbeddingModelMissing',
      /has no onnx\/model\.onnx \(dtype fp32\)/,
    ],
    [
      'weights that are cut short',
      (d) => {
        writeTinyModel(d);
        const path = join(d, 'onnx/model.onnx');
        writeFileSync(path, readFileSync(path).subarray(0, 100));
      },
      'EmbeddingModelInvalid',
      /cannot be loaded/,
    ],
    [
      'a tokenizer that is none',
      (d) => {
        writeTinyModel(d);
        writeFileSync(join(d, 'tokenizer.json'), '{}');
      },
      'EmbeddingModelInvalid',
      /cannot be loaded/,
    ],
    [
      'a graph that fails on every text',
      (d) => writeTinyModel(d, { output: 'broken' }),
      'EmbeddingModelInvalid',
      /cannot be loaded/,
    ],
    [
      'a way of pooling that is not known',
      (d) => writeTinyModel(d, { pooling: { pooling_mode_lasttoken: true } }),
      'EmbeddingModelInvalid',
      /neither mean nor cls/,
    ],
  ];

  test.each(broken)('[embedding.absent] %s is told, with what to do', async (_what, make, code, says) => {
    const modelDirectory = join(temporary(), 'model');
    cpSync(temporary(), modelDirectory, { recursive: true });
    make(modelDirectory);
    const embedding = await load({ modelDirectory });
    expect(embedding).toMatchObject({ name: 'none', problem: { code, message: expect.stringMatching(says) } });
    expect(embedding.problem?.message).toMatch(/full text alone.*restart the server/);
    expect(await embedding.embedQuery('card')).toBeUndefined();
  });
});
