/** Decides whether threads can share a table of vectors: whole vectors only, the least recently used gone first. */
import { hash as digest } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { createVectorTable, SharedVectors } from './shared-vectors.ts';

const key = (text: string) => digest('sha256', text, 'buffer');
const vectorOf = (value: number, dimensions = 4) => new Float32Array(dimensions).fill(value);
const read = (vectors: SharedVectors, text: string, notBeforeMs?: number) => {
  const out = vectorOf(0, vectors.table.dimensions);
  return vectors.read(key(text), out, 0, notBeforeMs) ? out[0] : undefined;
};

describe('shared vectors', () => {
  test('[cache.persistence] what one view writes another one reads', () => {
    const table = createVectorTable(100, 4);
    const [a, b] = [new SharedVectors(table), new SharedVectors(table)];
    expect(a.write(key('x'), vectorOf(1), 0, 5)).toBe(false);
    expect(read(b, 'x')).toBe(1);
    expect(read(b, 'y')).toBeUndefined();
    b.write(key('x'), vectorOf(2), 0, 6);
    expect([read(a, 'x'), a.size]).toEqual([2, 1]);
  });

  test('[cache.sizes] the least recently used of a set has to go', () => {
    const vectors = new SharedVectors(createVectorTable(3, 4));
    for (const text of ['a', 'b', 'c']) vectors.write(key(text), vectorOf(1), 0, 0);
    read(vectors, 'a');
    expect(vectors.write(key('d'), vectorOf(1), 0, 0)).toBe(true);
    expect(['a', 'b', 'c', 'd'].filter((text) => read(vectors, text) !== undefined)).toEqual(['a', 'c', 'd']);
    expect(vectors.size).toBe(3);
  });

  test('[runbook-5.1-maintenance] old entries are not given, and are dropped when pruned', () => {
    const vectors = new SharedVectors(createVectorTable(64, 4));
    vectors.write(key('old'), vectorOf(1), 0, 100);
    vectors.write(key('new'), vectorOf(2), 0, 200);
    expect([read(vectors, 'old', 150), read(vectors, 'new', 150)]).toEqual([undefined, 2]);
    expect(vectors.prune(150)).toBe(1);
    expect([read(vectors, 'old'), vectors.size]).toEqual([undefined, 1]);
  });

  test('entries come with their keys, the least recently used first', () => {
    const vectors = new SharedVectors(createVectorTable(64, 4));
    for (const [i, text] of ['a', 'b', 'c'].entries()) vectors.write(key(text), vectorOf(i), 0, i);
    read(vectors, 'a');
    expect(vectors.entries().map(({ vector, storedAtMs }) => [vector[0], storedAtMs])).toEqual([
      [1, 1],
      [2, 2],
      [0, 0],
    ]);
    expect(Buffer.from(vectors.entries()[0]?.key ?? [])).toEqual(Buffer.from(key('b').subarray(0, 16)));
  });

  test('threads that write and read the same entries at once never see half a vector', async () => {
    const dimensions = 256;
    const table = createVectorTable(8, dimensions);
    const source = new URL('./shared-vectors.ts', import.meta.url).href;
    const code = `
      const { workerData, parentPort } = require('node:worker_threads');
      const { hash } = require('node:crypto');
      import(workerData.source).then(({ SharedVectors }) => {
        const vectors = new SharedVectors(workerData.table);
        const out = new Float32Array(${dimensions});
        let torn = 0;
        for (let i = 0; i < 20000; i++) {
          const key = hash('sha256', String(i % 12), 'buffer');
          vectors.write(key, new Float32Array(${dimensions}).fill(workerData.id * 100000 + i), 0, 1);
          if (vectors.read(key, out, 0) && out.some((value) => value !== out[0])) torn++;
        }
        parentPort.postMessage(torn);
      });`;
    const torn = [1, 2].map(async (id) => {
      const worker = new Worker(code, { eval: true, workerData: { id, table, source } });
      const [count] = await once(worker, 'message');
      await worker.terminate();
      return count;
    });
    expect(await Promise.all(torn)).toEqual([0, 0]);
  });
});
