import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { chunkerVersion } from '../../../server/src/chunking/chunker.ts';
import { loadStaticModel } from '../../../server/src/embedding/static-model.ts';
import { createGeneration, type Generation } from '../../../server/src/index/generation.ts';
import { type RunReport, runPlan } from '../../../server/src/index/index-run.ts';
import { readKnownFiles } from '../../../server/src/index/known-files.ts';
import { planRun } from '../../../server/src/index/plan.ts';
import { Throttle } from '../../../server/src/index/throttle.ts';
import { createWorkerPool, type WorkerPool } from '../../../server/src/index/worker-pool.ts';
import { Cleanups, writeTree } from './harness.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

const model = loadStaticModel();
const { dimensions } = model;
const settings = {
  chunkLimit: 1500,
  maxFileSizeBytes: 1 << 20,
  vectorTable: undefined,
  oldestVectorMs: 0,
  useCache: false,
};
const rules = { include: [], exclude: [], maxFileSizeBytes: 1 << 20 };

function oddPool(silenceMs = 30_000): { pool: WorkerPool; suspects: string[] } {
  const suspects: string[] = [];
  const pool = createWorkerPool({
    settings: () => ({ model, dimensions }),
    threads: 1,
    worker: new URL('./odd-worker.ts', import.meta.url),
    silenceMs,
    onSuspect: (path, problem) => suspects.push(`${path} ${problem}`),
  });
  cleanups.add(() => pool.release());
  return { pool, suspects };
}

async function run(pool: WorkerPool, generation: Generation, root: string): Promise<RunReport> {
  const known = await readKnownFiles(generation);
  const { files } = await pool.scan({ root, rules });
  const context = { pool, throttle: new Throttle(), now: Date.now, onBatch: () => {}, onProgress: () => {} };
  return runPlan(generation, planRun(files, known), known, { ...settings, root }, context);
}

async function rowsOf(generation: Generation) {
  const files = await generation.files.query().select(['path', 'skipped', 'syntax_problem', 'chunks']).toArray();
  const symbols = await generation.symbols.query().where("role = 'definition'").select(['name']).toArray();
  return {
    files: Object.fromEntries(files.map((row) => [row.path, `${row.skipped}|${row.syntax_problem}|${row.chunks}`])),
    symbols: symbols.map(({ name }) => String(name)).sort(),
  };
}

const emptyGeneration = (directory: string) =>
  createGeneration(directory, 1, { embedding: model.name, dimensions, chunker: chunkerVersion, chunkLimit: 1500 }, '');

const good = (name: string) => `package a\n\nfunc ${name}() {}\n`;

describe('a parser', () => {
  test.each([
    { what: 'that hangs in WASM, where nothing can interrupt it', misbehaviour: 'hang in wasm', problem: 'TimedOut' },
    { what: 'that hangs in a script', misbehaviour: 'hang in script', problem: 'TimedOut' },
    { what: 'whose answer never comes', misbehaviour: 'wait for ever', problem: 'TimedOut' },
    { what: 'that ends its thread', misbehaviour: 'leave the thread', problem: 'Crashed' },
    { what: 'that throws where nobody catches', misbehaviour: 'throw later', problem: 'Crashed' },
    { what: 'that takes all memory', misbehaviour: 'take all memory', problem: 'Crashed' },
  ])('[index.parser-faults] $what costs that file its symbols, and nothing else', async ({ misbehaviour, problem }) => {
    const root = cleanups.directory();
    writeTree(root, {
      'a.go': good('before'),
      'b.go': `${good('lost')}// please ${misbehaviour}\n`,
      'c.go': good('after'),
    });
    const generation = await emptyGeneration(cleanups.directory());
    const { pool, suspects } = oddPool(problem === 'TimedOut' ? 1500 : undefined);
    expect(await run(pool, generation, root)).toMatchObject({ filesAdded: 3, changed: true });
    expect(await rowsOf(generation)).toEqual({
      files: { 'a.go': '||1', 'b.go': `|${problem}|1`, 'c.go': '||1' },
      symbols: ['after', 'before'],
    });
    expect(suspects).toEqual([`b.go ${problem}`]);

    // The file is known now: the next run does not try it again, not even when it was touched.
    const text = `${good('lost')}// please ${misbehaviour}\n`;
    writeFileSync(join(root, 'b.go'), text);
    const second = await run(pool, generation, root);
    expect(second).toMatchObject({ filesAdded: 0, filesChanged: 0, changed: false });
    expect(suspects).toHaveLength(1);
  });

  test('[index.parser-faults] that fails on many files of a batch costs each of them its symbols', async () => {
    const root = cleanups.directory();
    const bad = (name: string) => `${good(name)}// please leave the thread\n`;
    writeTree(root, { 'a.go': bad('a'), 'b.go': good('b'), 'c.go': bad('c'), 'd.go': bad('d') });
    const generation = await emptyGeneration(cleanups.directory());
    const { pool, suspects } = oddPool();
    await run(pool, generation, root);
    expect((await rowsOf(generation)).symbols).toEqual(['b']);
    expect(suspects).toHaveLength(3);
  });

  test('[index.parser-faults] that is slow but alive is waited for', async () => {
    const root = cleanups.directory();
    writeTree(root, Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`f${i}.go`, good(`f${i}`)])));
    const generation = await emptyGeneration(cleanups.directory());
    const { pool, suspects } = oddPool();
    await run(pool, generation, root);
    expect((await rowsOf(generation)).symbols).toHaveLength(60);
    expect(suspects).toEqual([]);
  });

  test('[server.cancellation] a caller that goes away while a parser hangs is let go at once', async () => {
    const root = cleanups.directory();
    writeTree(root, { 'a.go': `${good('a')}// please hang in wasm\n` });
    const { pool, suspects } = oddPool();
    const { files } = await pool.scan({ root, rules });
    const gone = new AbortController();
    const answer = pool.index({ ...settings, root, files }, gone.signal);
    setTimeout(() => gone.abort(), 300);
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect(suspects).toEqual([]);
  });
});
