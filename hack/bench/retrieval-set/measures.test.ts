import { describe, expect, test } from 'vitest';
import { parseAsked, pathsOf } from './asked.ts';
import { Bm25 } from './bm25.ts';
import { ndcg10, recall10 } from './measures.ts';
import { packages, partOf } from './packages.ts';
import { PlainSearch } from './plain-search.ts';

describe('measures', () => {
  test.each([
    ['the only relevant file first', ['a'], ['a'], 1],
    ['the only relevant file second', ['x', 'a'], ['a'], 1 / Math.log2(3)],
    ['none of them', ['x', 'y'], ['a'], 0],
    ['one of two, first', ['a', 'x'], ['a', 'b'], 1 / (1 + 1 / Math.log2(3))],
    ['the eleventh', [...'abcdefghij', 'z'], ['z'], 0],
  ])('NDCG@10 of %s', (_, found, relevant, expected) => {
    expect(ndcg10(found, relevant)).toBeCloseTo(expected);
  });

  test('recall is the share of the relevant files among the first ten', () => {
    expect(recall10(['a', 'x', 'b'], ['a', 'b', 'c', 'd'])).toBe(0.5);
    expect(recall10([...'0123456789', 'a'], ['a'])).toBe(0);
  });
});

describe('what is compared with', () => {
  test('BM25 prefers the rare word, and the shorter text among equals', () => {
    const bm25 = new Bm25(
      [
        ['a', 'common'],
        ['common', 'rare', 'x', 'y'],
        ['common', 'rare'],
      ],
      { k1: 1.2, b: 0.75 },
    );
    const terms = ['common', 'rare'].map((word) => ({ word, weight: 1 }));
    expect(bm25.search(terms, 10).map(({ row }) => row)).toEqual([2, 1, 0]);
    expect(bm25.search(terms, 1)).toHaveLength(1);
    expect(bm25.search([{ word: 'absent', weight: 1 }], 10)).toEqual([]);
  });

  test('plain search knows whole words only, and counts lines once', () => {
    const plain = new PlainSearch([
      { path: 'a', text: 'retry retry\nretry\nother' },
      { path: 'b', text: 'retryPayment' },
      { path: 'c', text: 'retry failed' },
    ]);
    expect(plain.byLineCount('Retry failed')).toEqual(['a', 'c']);
    expect(plain.byBm25('failed')).toEqual(['c']);
  });
});

describe('packages', () => {
  test('each language with two or more is in both parts', () => {
    for (const [, of] of Map.groupBy(packages, ({ language }) => language)) {
      const parts = new Set(of.map((one) => partOf(one)));
      expect(parts.size).toBe(Math.min(2, of.length));
    }
  });

  test('questions by hand name a package and the ends of paths', () => {
    const asked = parseAsked('# A remark | not a question\n## p\nwhere is x | a/x.ts, y.ts\nno answer\n');
    expect(asked).toEqual(new Map([['p', [{ text: 'where is x', ends: ['a/x.ts', 'y.ts'] }]]]));
    const [question] = asked.get('p') ?? [];
    if (question === undefined) throw new Error('no question');
    expect(pathsOf(question, ['src/a/x.ts', 'y.ts', 'z/by.ts'])).toEqual(['src/a/x.ts', 'y.ts']);
    expect(() => pathsOf(question, ['y.ts'])).toThrow('No file ends in a/x.ts');
  });
});
