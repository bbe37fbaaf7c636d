/** Decides whether each span of lines comes once, by its best chunk, and as many places as were asked for. */
import { expect, test } from 'vitest';
import { oncePerPlace } from './once-per-place.ts';
import type { Ranked } from './rank.ts';

const chunk = (path: string, startLine: number, endLine: number, score: number): Ranked => ({
  candidate: { codebase: 'shop', path, rowId: BigInt(score), startLine, endLine, language: 'json', definitions: '' },
  score,
  parts: [],
});
const all = [
  chunk('one-line.json', 1, 1, 9),
  chunk('one-line.json', 1, 1, 8),
  chunk('other.json', 1, 1, 7),
  chunk('one-line.json', 1, 1, 6),
  chunk('one-line.json', 1, 2, 5),
  chunk('last.json', 4, 9, 4),
];
const scoresOf = (topK: number) => oncePerPlace((asked) => all.slice(0, asked), topK).map(({ score }) => score);

test.each([
  ['the best of each place stays', 2, [9, 7]],
  ['places that come late fill up what repetition left empty', 4, [9, 7, 5, 4]],
  ['there are no more places than there are', 100, [9, 7, 5, 4]],
])('[search.ranking] %s', (_what, topK, expected) => {
  expect(scoresOf(topK)).toEqual(expected);
});
