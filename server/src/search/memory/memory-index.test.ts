import { expect, test } from 'vitest';
import { MemoryIndex } from './memory-index.ts';
import { productsOf } from './nearest.ts';
import { type MadeUp, madeSegment, madeUpChunks } from './testing/make-segment.ts';
import { leaningVector, seeded } from './testing/random.ts';
import { dot } from './testing/reference.ts';

const bm25 = { k1: 1.2, b: 0.75 };
const dimensions = 128;

async function indexOf(seed: number, count: number) {
  const chunks = madeUpChunks(seed, count, dimensions);
  const segment = await madeSegment(chunks.rows, dimensions);
  return { ...chunks, segment, index: new MemoryIndex([{ segment, live: undefined, liveChunks: count }]) };
}

const nearest = (index: MemoryIndex, vector: Float32Array, limit: number, filter?: (path: string) => boolean) =>
  index.search({ words: [], vector, filter: filter && { file: filter }, limit, bm25 });

/** Share of the true best 50 that are among the 50 found; the mean over some queries. */
function recallOf(index: MemoryIndex, { vectors, rows }: Pick<MadeUp, 'vectors' | 'rows'>): number {
  const random = seeded(1);
  let hits = 0;
  const rounds = 10;
  for (let round = 0; round < rounds; round++) {
    const query = leaningVector(random, dimensions);
    const exact = vectors
      .map((vector, i) => ({ product: dot(vector, query), rowId: rows[i]?.rowId }))
      .sort((a, b) => b.product - a.product)
      .slice(0, 50);
    const found = new Set(nearest(index, query, 50).map(({ rowId }) => rowId));
    hits += exact.filter(({ rowId }) => rowId !== undefined && found.has(rowId)).length;
  }
  return hits / (50 * rounds);
}

test('[search.vector-recall] of many chunks the nearest 50 are found with recall 0.95 or more', async () => {
  const { index, ...chunks } = await indexOf(51, 20_000);
  expect(recallOf(index, chunks)).toBeGreaterThanOrEqual(0.95);
});

test('[search.vector-recall] one pool serves segments of different sizes whose vectors lean differently', async () => {
  const parts = await Promise.all(
    [1000, 6000, 12_000].map(async (count, part) => {
      const chunks = madeUpChunks(60 + part, count, dimensions);
      for (const vector of chunks.vectors) {
        for (let i = part; i < dimensions; i += 5) vector[i] = (vector[i] as number) + 0.04 * part;
        const length = Math.hypot(...vector);
        for (let i = 0; i < dimensions; i++) vector[i] = (vector[i] as number) / length;
      }
      return { ...chunks, segment: await madeSegment(chunks.rows, dimensions) };
    }),
  );
  const index = new MemoryIndex(
    parts.map(({ segment, rows }) => ({ segment, live: undefined, liveChunks: rows.length })),
  );
  const chunks = { vectors: parts.flatMap(({ vectors }) => vectors), rows: parts.flatMap(({ rows }) => rows) };
  expect(recallOf(index, chunks)).toBeGreaterThanOrEqual(0.95);
});

test('similarities are the products of the vectors, to a hundredth', async () => {
  const { index, vectors, rows } = await indexOf(52, 500);
  const query = leaningVector(seeded(2), dimensions);
  const byRow = new Map(rows.map(({ rowId }, i) => [rowId, vectors[i] as Float32Array]));
  for (const { rowId, similarity } of nearest(index, query, 100)) {
    expect(Math.abs((similarity ?? 0) - dot(byRow.get(rowId) ?? [], query))).toBeLessThan(0.01);
  }
});

test('a filter on files is exact however narrow it is', async () => {
  const { index, rows } = await indexOf(53, 12_000);
  const query = leaningVector(seeded(3), dimensions);
  const found = nearest(index, query, 50, (path) => path === 's53/file7.x');
  expect(found.map(({ rowId }) => rowId).sort()).toEqual(
    rows.filter(({ path }) => path === 's53/file7.x').map(({ rowId }) => rowId),
  );
  const half = nearest(index, query, 50, (path) => path.endsWith('0.x'));
  expect(half).toHaveLength(50);
  expect(half.every(({ path }) => path.endsWith('0.x'))).toBe(true);
});

test('a filter on kinds lets in the chunks that define one of them', async () => {
  const { index, rows } = await indexOf(54, 300);
  const query = leaningVector(seeded(4), dimensions);
  const filter = { file: undefined, kinds: ['class', 'unheard'] };
  const found = index.search({ words: [{ word: 'w1', weight: 1 }], vector: query, filter, limit: 300, bm25 });
  const expected = rows.filter(({ kinds }) => kinds.includes('class')).map(({ rowId }) => rowId);
  expect(found.map(({ rowId }) => rowId).sort()).toEqual(expected);
});

test('chunks of replaced files are not found by either search', async () => {
  const { segment, rows } = await indexOf(55, 9000);
  const live = Uint8Array.from(rows, ({ path }) => (path.endsWith('1.x') ? 0 : 1));
  const index = new MemoryIndex([{ segment, live, liveChunks: live.reduce((sum, is) => sum + is, 0) }]);
  const query = leaningVector(seeded(5), dimensions);
  const found = index.search({
    words: [{ word: 'w0', weight: 1 }],
    vector: query,
    filter: undefined,
    limit: 500,
    bm25,
  });
  expect(found.length).toBeGreaterThan(500);
  expect(found.some(({ path }) => path.endsWith('1.x'))).toBe(false);
});

test('when asked for, every chunk has both values, and the same ones as when its search found it', async () => {
  const { index, segment, rows } = await indexOf(56, 2000);
  const vector = leaningVector(seeded(6), dimensions);
  const query = { words: [{ word: 'w3', weight: 1 }], vector, filter: undefined, bm25 };
  const complete = index.search({ ...query, limit: 20, complete: true });
  expect(complete.every(({ similarity, bm25: score }) => similarity !== undefined && score !== undefined)).toBe(true);
  const all = new Map(index.search({ ...query, limit: 2000 }).map((chunk) => [chunk.rowId, chunk]));
  for (const { rowId, similarity, bm25: score } of complete) {
    expect(similarity).toBe(all.get(rowId)?.similarity);
    expect(score).toBeCloseTo(all.get(rowId)?.bm25 ?? 0, 4);
  }
  expect(productsOf(segment, [3], vector)[0]).toBe(all.get(rows[3]?.rowId ?? -1n)?.similarity);
});
