import { expect, test } from 'vitest';
import { matchingChunks, scoresOf, type WeightedWord } from './bm25.ts';
import type { MaskedSegment } from './nearest.ts';
import { madeSegment, madeUpChunks } from './testing/make-segment.ts';
import { seeded, whole } from './testing/random.ts';
import { bm25Of } from './testing/reference.ts';

const parameters = { k1: 1.2, b: 0.75 };

/** Two segments of made-up chunks, and all their texts in that order. */
async function twoSegments(seed: number, sizes: readonly [number, number]) {
  const chunks = sizes.map((size, i) => madeUpChunks(seed + i, size));
  const segments: MaskedSegment[] = [];
  for (const { rows } of chunks) segments.push({ segment: await madeSegment(rows), mask: undefined });
  return { segments, texts: chunks.flatMap(({ texts }) => texts), sizes };
}

function queryOf(random: () => number): WeightedWord[] {
  return Array.from({ length: 1 + whole(random, 9) }, () => ({
    word: random() < 0.1 ? 'unheard' : `w${Math.floor(500 * random() ** 3)}`,
    weight: random() < 0.5 ? 1 : random() * 2,
  }));
}

/** The best scores of the plain reference, the largest first. */
function expectedScores(scores: readonly number[], limit: number): number[] {
  return scores
    .filter((score) => score > 0)
    .sort((a, b) => b - a)
    .slice(0, limit);
}

test.each([1, 2, 3, 4, 5])('the best chunks have the scores of plain BM25 (seed %i)', async (seed) => {
  const { segments, texts, sizes } = await twoSegments(seed * 10, [900, 400]);
  const random = seeded(seed);
  for (let round = 0; round < 20; round++) {
    const words = queryOf(random);
    const all = bm25Of(texts, words, parameters);
    for (const limit of [1, 10, 100]) {
      const found = matchingChunks(segments, words, limit, parameters).sorted();
      const expected = expectedScores(all, limit);
      expect(found.length).toBe(expected.length);
      for (const [i, { segment, chunk, score }] of found.entries()) {
        expect(score).toBeCloseTo(expected[i] as number, 4);
        expect(score).toBeCloseTo(all[(segment === 0 ? 0 : sizes[0]) + chunk] as number, 4);
      }
    }
  }
});

test('leaving out hopeless chunks changes no answer, also with common words and many chunks', async () => {
  const { segments, texts } = await twoSegments(77, [6000, 3000]);
  const random = seeded(9);
  for (let round = 0; round < 15; round++) {
    // w0 to w3 are in most chunks.
    const words = ['w0', 'w1', 'w2', 'w3', `w${20 + whole(random, 400)}`, `w${20 + whole(random, 400)}`].map(
      (word) => ({
        word,
        weight: 1,
      }),
    );
    const best = matchingChunks(segments, words, 10, parameters).sorted();
    // As many as there are: nothing can be left out.
    const everything = matchingChunks(segments, words, texts.length, parameters).sorted();
    expect(best.map(({ segment, chunk }) => [segment, chunk])).toEqual(
      everything.slice(0, 10).map(({ segment, chunk }) => [segment, chunk]),
    );
  }
});

test('chunks outside the mask are neither found nor raise the bar for the others', async () => {
  const { rows, texts } = madeUpChunks(5, 3000);
  const segment = await madeSegment(rows);
  const random = seeded(3);
  for (const share of [0.9, 0.5, 0.01]) {
    const mask = Uint8Array.from(rows, () => (random() < share ? 1 : 0));
    const words = ['w0', 'w1', 'w5', 'w40'].map((word) => ({ word, weight: 1 }));
    const all = bm25Of(texts, words, parameters);
    const expected = [...all.keys()]
      .filter((chunk) => mask[chunk] === 1 && (all[chunk] as number) > 0)
      .sort((a, b) => (all[b] as number) - (all[a] as number))
      .slice(0, 10)
      .map((chunk) => all[chunk] as number);
    const found = matchingChunks([{ segment, mask }], words, 10, parameters).sorted();
    expect(found.every(({ chunk }) => mask[chunk] === 1)).toBe(true);
    expect(found.map(({ score }) => score.toFixed(3))).toEqual(expected.map((score) => score.toFixed(3)));
  }
});

test('the scores of given chunks are those of plain BM25, 0 included', async () => {
  const { segments, texts, sizes } = await twoSegments(31, [200, 100]);
  const words = [
    { word: 'w3', weight: 1 },
    { word: 'w30', weight: 0.5 },
  ];
  const all = bm25Of(texts, words, parameters);
  const chunks = [0, 5, 17, 99];
  const sums = scoresOf(segments, 1, chunks, words, parameters);
  expect([...sums].map((sum) => sum.toFixed(6))).toEqual(
    chunks.map((chunk) => (all[sizes[0] + chunk] as number).toFixed(6)),
  );
});
