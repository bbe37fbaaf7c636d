import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, test } from 'vitest';
import type { EngineEvent, IndexProgress } from '../../../server/src/engine.ts';
import { Cleanups, eventually, makeEngine, settled, writeTree } from './harness.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

/** About a second of work for one thread. */
function largeTree(): Record<string, string> {
  const word = (i: number, n: number) => Math.imul(i * 1009 + n, 2_654_435_761).toString(36);
  const text = (i: number) =>
    Array.from({ length: 220 }, (_, n) => `line ${word(i, n)} calls function_${word(n, i)} with care\n`).join('');
  return Object.fromEntries(Array.from({ length: 220 }, (_, i) => [`dir${i % 9}/file${i}.txt`, text(i)]));
}

describe('while indexing', () => {
  test('[index.progress] status tells files, chunks and the time that is left, and each run tells its phases in order', async () => {
    const root = cleanups.directory();
    writeTree(root, largeTree());
    const { engine } = makeEngine(cleanups, cleanups.directory(), { sources: [{ name: 'shop', path: root }] });
    const events: EngineEvent[] = [];
    engine.subscribe?.((event) => events.push(event));
    await engine.start();
    const seen = await eventually('progress in the status', async () => {
      const [codebase] = (await engine.status()).codebases;
      return codebase?.progress !== undefined && codebase.progress.filesDone > 0 ? codebase : undefined;
    });
    expect(seen).toMatchObject({ state: 'Indexing', files: 0, progress: { filesTotal: 220 } });
    expect(seen.progress?.chunksDone).toBeGreaterThan(0);
    expect(seen.progress?.etaSeconds).toBeGreaterThanOrEqual(0);
    expect((await settled(engine)).progress).toBeUndefined();
    expect(events).toMatchObject([
      { type: 'synced', outcome: 'ok' },
      { type: 'indexed', outcome: 'ok' },
    ]);

    const steps: IndexProgress[] = [];
    await engine.indexCodebase('shop', { full: true, onProgress: (progress) => void steps.push(progress) });
    const phases = steps.map(({ phase }) => phase);
    expect(phases.filter((phase, i) => phase !== phases[i - 1])).toEqual([
      'syncing',
      'scanning',
      'indexing',
      'publishing',
      'done',
    ]);
    const done = steps.filter(({ phase }) => phase === 'indexing').map(({ filesDone }) => filesDone);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(220);
  });

  test('[index.workers] this thread is mostly idle, and searches are answered from what was published before', async () => {
    const root = cleanups.directory();
    writeTree(root, { 'a.txt': 'alpha\n' });
    const { engine } = makeEngine(cleanups, cleanups.directory(), { sources: [{ name: 'shop', path: root }] });
    await engine.start();
    await settled(engine);
    writeTree(root, largeTree());
    const before = performance.eventLoopUtilization();
    const run = engine.indexCodebase('shop', { full: false });
    const answer = await engine.semanticSearch({ query: 'alpha', codebases: [], topK: 1 });
    expect(answer.hits[0]?.path).toBe('a.txt');
    await run;
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
  });

  test('[server.cancellation] a caller that goes away ends its run, and the next one goes on from there', async () => {
    const root = cleanups.directory();
    writeTree(root, { 'a.txt': 'alpha\n' });
    const { engine } = makeEngine(cleanups, cleanups.directory(), { sources: [{ name: 'shop', path: root }] });
    await engine.start();
    await settled(engine);
    writeTree(root, largeTree());
    const caller = new AbortController();
    const run = engine.indexCodebase('shop', {
      full: false,
      signal: caller.signal,
      onProgress: ({ filesDone }) => {
        if (filesDone > 60) caller.abort();
      },
    });
    await expect(run).rejects.toMatchObject({ code: 'Cancelled' });
    expect((await engine.status()).codebases[0]).toMatchObject({ state: 'Ready', files: 1 });
    const outcome = await engine.indexCodebase('shop', { full: false });
    expect(outcome).toMatchObject({ files: 221 });
  });
});
