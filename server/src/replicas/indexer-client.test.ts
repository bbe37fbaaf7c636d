/** Decides whether a process that only searches gets its index made elsewhere: over a real port, with progress, faults and cancellation. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { afterEach, describe, expect, test } from 'vitest';
import type { Engine, IndexOutcome, IndexProgress } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import { assembleApps } from '../testing/assemble.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { createIndexerClient } from './indexer-client.ts';

const outcome: IndexOutcome = {
  codebase: 'shop',
  files: 3,
  filesAdded: 1,
  filesChanged: 0,
  filesRemoved: 0,
  chunks: 5,
  chunksEmbedded: 2,
  skipped: { binary: 1 },
  revision: 'abc',
  seconds: 0.5,
};
const step: IndexProgress = { codebase: 'shop', phase: 'indexing', filesDone: 1, filesTotal: 2, chunksDone: 3 };

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** An indexer on a port of its own. */
async function serve(indexCodebase: Engine['indexCodebase']): Promise<string> {
  const { internal } = assembleApps({ engine: createStubEngine({ indexCodebase }), token: 'secret' });
  const started = createServer(getRequestListener(internal.fetch));
  server = started;
  started.listen(0, '127.0.0.1');
  await once(started, 'listening');
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

const client = (url: string | undefined, token: string | undefined = 'secret\n') =>
  createIndexerClient({ url, readToken: () => token });

describe('indexing that is asked of the indexer', () => {
  test('[replicas.forward] brings its progress and its outcome', async () => {
    const asked: unknown[] = [];
    const url = await serve(async (codebase, { full, onProgress }) => {
      asked.push([codebase, full]);
      onProgress?.(step);
      onProgress?.({ ...step, filesDone: 2, etaSeconds: 1 });
      return outcome;
    });
    const steps: IndexProgress[] = [];
    const done = await client(url).index('shop', { full: true, onProgress: (one) => steps.push(one) });
    expect([asked, done, steps]).toEqual([[['shop', true]], outcome, [step, { ...step, filesDone: 2, etaSeconds: 1 }]]);
  });

  test('[replicas.forward] fails as it fails there', async () => {
    const url = await serve(async () => {
      throw new CodeSageError('GitUnreachable', 'The remote does not answer.', 'Check its URL.');
    });
    await expect(client(url).index('shop', { full: false })).rejects.toMatchObject({
      code: 'GitUnreachable',
      message: 'The remote does not answer.',
      remedy: 'Check its URL.',
    });
  });

  test('[replicas.forward] ends there when the caller goes away', async () => {
    const begun = Promise.withResolvers<AbortSignal>();
    const url = await serve((_codebase, { signal }) => {
      if (signal !== undefined) begun.resolve(signal);
      return new Promise(() => {});
    });
    const caller = new AbortController();
    const asking = client(url).index('shop', { full: false, signal: caller.signal });
    const there = await begun.promise;
    caller.abort();
    await expect(asking).rejects.toMatchObject({ code: 'Cancelled' });
    if (!there.aborted) await once(there, 'abort');
    expect(there.aborted).toBe(true);
  });

  test('[replicas.forward] says what to do when the indexer ends in the middle', async () => {
    const begun = Promise.withResolvers<void>();
    const url = await serve((_codebase, { onProgress }) => {
      onProgress?.(step);
      begun.resolve();
      return new Promise(() => {});
    });
    const asking = client(url).index('shop', { full: false });
    const failed = expect(asking).rejects.toMatchObject({
      code: 'IndexerUnavailable',
      remedy: expect.stringContaining('Try again when it is back'),
    });
    await begun.promise;
    server?.closeAllConnections();
    await failed;
  });

  test.each([['nobody said where it is', undefined, 'secret', /was not told where/, /replication\.indexerURL/]])(
    '[replicas.forward] says what to do when %s',
    async (_, url, token, message, remedy) => {
      await expect(client(url, token).index('shop', { full: false })).rejects.toMatchObject({
        code: 'IndexerUnavailable',
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      });
    },
  );

  test('[replicas.forward] says what to do when it is not running', async () => {
    const url = await serve(async () => outcome);
    server?.close();
    await expect(client(url).index('shop', { full: false })).rejects.toMatchObject({
      code: 'IndexerUnavailable',
      message: expect.stringMatching(/does not answer: .*ECONNREFUSED/),
      remedy: expect.stringMatching(/Searches go on/),
    });
  });

  test('[replicas.forward] says that the token is another one', async () => {
    const url = await serve(async () => outcome);
    await expect(client(url, 'other').index('shop', { full: false })).rejects.toMatchObject({
      code: 'IndexerUnavailable',
      message: expect.stringContaining('does not accept the internal token'),
    });
  });
});
