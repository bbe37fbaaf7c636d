import { describe, expect, test } from 'vitest';
import { chooseTarget } from './codebase-store.ts';
import { inBatches, type KnownFile, planRun } from './plan.ts';
import { problemCodeOf, storageProblem } from './problems.ts';
import { needsRewrite, skippedAfter } from './publish.ts';
import { SerialQueue } from './serial-queue.ts';

const million = 1e6;
const calm = { rows: 1000, unindexed: 0, fragments: 1 };

const recipe = { embedding: 'm', dimensions: 4, chunker: 'lines-1', chunkLimit: 1500 };

describe('a run goes on or makes anew', () => {
  const published = { recipe, reindex: 'a' };
  const base = { published, corrupted: false, recipe, reindex: '', full: false };
  test.each([
    { what: 'nothing changed', input: base, target: { kind: 'incremental' } },
    { what: 'the token is the one it was made for', input: { ...base, reindex: 'a' }, target: { kind: 'incremental' } },
    { what: 'the token is new', input: { ...base, reindex: 'b' }, target: { kind: 'rebuild', reason: 'token' } },
    {
      what: 'a full run is asked for',
      input: { ...base, full: true },
      target: { kind: 'rebuild', reason: 'requested' },
    },
    {
      what: 'chunks are cut otherwise',
      input: { ...base, recipe: { ...recipe, chunkLimit: 100 } },
      target: { kind: 'rebuild', reason: 'recipe' },
    },
    { what: 'there is none', input: { ...base, published: undefined }, target: { kind: 'rebuild', reason: 'first' } },
    {
      what: 'it cannot be read',
      input: { ...base, published: undefined, corrupted: true },
      target: { kind: 'rebuild', reason: 'corrupted' },
    },
  ])('$what', ({ input, target }) => {
    expect(chooseTarget(input)).toEqual(target);
  });
});

describe('[index.incremental] what to read', () => {
  const known = (changes: Partial<KnownFile> = {}): KnownFile => ({
    hash: 'h',
    skipped: '',
    sizeBytes: 10,
    mtimeMs: 1000,
    readAtMs: 9000,
    chunks: 1,
    ...changes,
  });
  const file = { path: 'a', sizeBytes: 10, mtimeMs: 1000 };
  test.each([
    { what: 'same size and time', before: known(), read: [] },
    { what: 'another time', before: known({ mtimeMs: 500 }), read: [{ ...file, knownHash: 'h' }] },
    { what: 'another size', before: known({ sizeBytes: 9 }), read: [{ ...file, knownHash: 'h' }] },
    { what: 'written just before it was read', before: known({ readAtMs: 2500 }), read: [{ ...file, knownHash: 'h' }] },
    { what: 'never seen', before: undefined, read: [file] },
  ])('$what', ({ before, read }) => {
    const map = new Map(before === undefined ? [] : [['a', before]]);
    expect(planRun([file], map)).toEqual({ toRead: read, removed: [] });
  });

  test('paths that are gone are removed', () => {
    expect(planRun([], new Map([['b', known()]]))).toEqual({ toRead: [], removed: ['b'] });
  });

  test('batches keep to both limits, and a large file goes alone', () => {
    const files = [3, 3, 9, 1, 1, 1].map((sizeBytes, i) => ({ path: `${i}`, sizeBytes, mtimeMs: 0 }));
    const batches = [...inBatches(files, { files: 2, bytes: 6 })].map((batch) =>
      batch.map(({ path }) => path).join(''),
    );
    expect(batches).toEqual(['01', '2', '34', '5']);
  });
});

describe('data is rewritten', () => {
  test.each([
    { state: { rows: 1000, unindexed: 2000, fragments: 1, bytes: 0 }, rewrite: false },
    { state: { rows: 1000, unindexed: 2001, fragments: 1, bytes: 0 }, rewrite: true },
    { state: { rows: 100_000, unindexed: 4000, fragments: 1, bytes: 0 }, rewrite: false },
    { state: { rows: 100_000, unindexed: 5001, fragments: 1, bytes: 0 }, rewrite: true },
    { state: { rows: 1000, unindexed: 0, fragments: 70, bytes: 0 }, rewrite: true },
    { state: { rows: 100_000, unindexed: 0, fragments: 200, bytes: 0 }, rewrite: false },
    { state: { ...calm, bytes: 100 * million, fresh: { bytes: 30 * million, chunks: 1000 } }, rewrite: false },
    { state: { ...calm, bytes: 110 * million, fresh: { bytes: 30 * million, chunks: 1000 } }, rewrite: true },
    {
      state: { ...calm, rows: 5000, bytes: 110 * million, fresh: { bytes: 30 * million, chunks: 1000 } },
      rewrite: false,
    },
    { state: { ...calm, bytes: 10 * million, fresh: { bytes: 20_000, chunks: 0 } }, rewrite: false },
    { state: { ...calm, bytes: 60 * million, fresh: { bytes: 20_000, chunks: 0 } }, rewrite: true },
    { state: { ...calm, bytes: 60 * million }, rewrite: false },
  ])('$state: $rewrite', ({ state, rewrite }) => {
    expect(needsRewrite(state)).toBe(rewrite);
  });
});

describe('failures of storage', () => {
  test.each([
    {
      message: 'lance error: LanceError(IO): No space left on device (os error 28)',
      use: 'reading' as const,
      code: 'VolumeFull',
    },
    { message: 'ENOSPC: no space left on device, write', use: 'writing' as const, code: 'VolumeFull' },
    { message: 'lance error: Not found: x/data/y.lance', use: 'writing' as const, code: 'IndexCorrupted' },
    { message: 'anything at all', use: 'opening' as const, code: 'IndexCorrupted' },
    {
      message: 'Failed to get next batch from stream: lance error: Invalid user input',
      use: 'reading' as const,
      code: 'IndexCorrupted',
    },
    { message: 'TypeError: x is not a function', use: 'writing' as const, code: 'Internal' },
    {
      message: 'lance error: Not found: app/index/aborted/g1/x.lance',
      use: 'reading' as const,
      code: 'IndexCorrupted',
    },
    // None of these says anything of what is on disk.
    { message: 'there are no texts of shop', use: 'reading' as const, code: 'Internal' },
    { message: 'Table chunks is closed', use: 'reading' as const, code: 'Internal' },
    {
      message: 'lance error: LanceError(IO): Too many open files (os error 24)',
      use: 'reading' as const,
      code: 'Internal',
    },
    {
      message: 'lance error: LanceError(IO): Too many open files (os error 24)',
      use: 'opening' as const,
      code: 'Internal',
    },
    {
      message: 'lance error: LanceError(IO): Too many open files (os error 24)',
      use: 'writing' as const,
      code: 'Internal',
    },
    { message: 'EACCES: permission denied, scandir', use: 'opening' as const, code: 'Internal' },
    { message: 'Resources exhausted: Failed to allocate', use: 'reading' as const, code: 'Internal' },
    { message: 'The operation was aborted', use: 'reading' as const, code: 'Internal' },
  ])('[index.volume-full] "$message" while $use is $code', ({ message, use, code }) => {
    const problem = storageProblem(new Error(message), 'shop', use);
    expect(problem.code).toBe(code);
    expect(problemCodeOf(problem)).toBe(code);
  });
});

describe('the queue', () => {
  test('runs one at a time, in order, and lets who gave up leave', async () => {
    const queue = new SerialQueue();
    const never = new AbortController().signal;
    const order: string[] = [];
    let release = () => {};
    const first = queue.run(never, () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }).then(() => void order.push('first')),
    );
    const gone = new AbortController();
    const second = queue.run(gone.signal, async () => void order.push('second'));
    const third = queue.run(never, async () => void order.push('third'));
    gone.abort(new Error('gave up'));
    await expect(second).rejects.toThrow('gave up');
    expect(order).toEqual([]);
    release();
    await Promise.all([first, third]);
    expect(order).toEqual(['first', 'third']);
  });

  test('goes on after work that failed', async () => {
    const queue = new SerialQueue();
    const never = new AbortController().signal;
    await expect(
      queue.run(never, async () => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await queue.run(never, async () => 7)).toBe(7);
  });
});

test('[index.crash-safe] a damaged index is told without paths of this machine or of the one that built LanceDB', () => {
  const words =
    'lance error: Not found: /app/.codesage/index/shop/g1/chunks.lance/data/1.lance, /usr/local/cargo/git/lance/src/io.rs:12:5';
  const { message } = storageProblem(new Error(words), 'shop', 'reading');
  expect(message).toContain('cannot be read: lance error: Not found');
  expect(message).not.toMatch(/\/app|\/usr/);
  const inPart = 'Failed to get next batch from stream: lance error: Not found: app/.codesage/index/shop/g1/a.lance';
  expect(storageProblem(new Error(inPart), 'shop', 'reading').message).toBe(
    'The index of "shop" cannot be read: Failed to get next batch from stream: lance error: Not found: …',
  );
});

test('what was read and left out is counted from what a run knows and did, as the table would tell it', () => {
  const file = (skipped: string): KnownFile => ({
    hash: 'h',
    skipped,
    sizeBytes: 1,
    mtimeMs: 1,
    readAtMs: 1,
    chunks: 0,
  });
  const known = new Map([
    ['stays.ts', file('')],
    ['binary.bin', file('binary')],
    ['was-binary.ts', file('binary')],
    ['gone.min.js', file('minified')],
    ['still.min.js', file('minified')],
  ]);
  const removed = new Set(['was-binary.ts', 'gone.min.js', 'still.min.js', 'stays.ts']);
  const leftOut = new Map([
    ['still.min.js', 'generated'],
    ['new.bin', 'binary'],
  ]);
  const written = ['was-binary.ts', 'still.min.js', 'new.bin'];
  expect(skippedAfter(known, { removed, written, leftOut })).toEqual({ binary: 2, generated: 1 });
});
