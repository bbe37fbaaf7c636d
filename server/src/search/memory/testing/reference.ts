/** Decides what the right answers are: the kernel and both searches said plainly, one chunk after the other. */
import type { Bm25Parameters, WeightedWord } from '../bm25.ts';

/** What the kernel stores as rough score of one row of blocked `signs`. */
export function roughScore(
  {
    signs,
    signScales,
    tables,
    offset,
  }: { signs: Uint8Array; signScales: Int16Array; tables: Uint8Array; offset: number },
  row: number,
  width: number,
): number {
  let sum = 0;
  for (let i = 0; i < width; i++) {
    const octet = signs[Math.floor(row / 32) * 4 * width + (i >> 3) * 32 + (row % 32)] as number;
    const table = (i >> 2) * 16;
    const component = (tables[table + (1 << (i & 3))] as number) - (tables[table] as number);
    sum += octet & (1 << (i & 7)) ? component : -component;
  }
  return Math.max(0, Math.floor((sum * (signScales[row] as number)) / 32_768 + 0.5) + offset) + 1;
}

/** Product of a row of bytes with a query of 16 bits, in whole numbers. */
export function wholeProduct(row: Int8Array, query: Int16Array): number {
  return row.reduce((sum, component, i) => sum + component * (query[i] as number), 0);
}

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, component, i) => sum + component * (b[i] as number), 0);

/** BM25 of every text for the words; 0 where a text has none. */
export function bm25Of(texts: readonly string[], words: readonly WeightedWord[], { k1, b }: Bm25Parameters): number[] {
  const split = texts.map((text) => text.split(' ').filter((word) => word !== ''));
  const mean = split.reduce((sum, { length }) => sum + length, 0) / split.length;
  const having = words.map(({ word }) => split.filter((text) => text.includes(word)).length);
  return split.map((text) =>
    words.reduce((sum, { word, weight }, i) => {
      const times = text.filter((other) => other === word).length;
      const df = having[i] as number;
      const idf = Math.log(1 + (texts.length - df + 0.5) / (df + 0.5));
      return sum + (weight * idf * times * (k1 + 1)) / (times + k1 * (1 - b + (b * text.length) / mean));
    }, 0),
  );
}
