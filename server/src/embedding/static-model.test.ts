import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { embed } from './embedder.ts';
import { createStaticEmbedder } from './static-embedder.ts';
import { builtinModelDirectory, loadStaticModel } from './static-model.ts';
import { Tokenizer } from './tokenizer.ts';
import { Vocabulary } from './vocabulary.ts';

type ParityCase = { text: string; ids: number[]; norm: number; head: number[] };
const parity = JSON.parse(readFileSync(join(builtinModelDirectory, 'parity.json'), 'utf8')) as {
  tolerance: number;
  cases: ParityCase[];
};
const model = loadStaticModel();
const embedder = createStaticEmbedder(model);
const tokenizer = new Tokenizer(new Vocabulary(model.vocabularyText), model.maxTokens);

describe('the built-in model', () => {
  test('has all its parity cases', () => {
    expect(parity.cases).toHaveLength(41);
    expect(parity.tolerance).toBe(1e-4);
  });

  test.each(parity.cases.map((entry, index) => ({ index, shown: JSON.stringify(entry.text).slice(0, 40), entry })))(
    '[embedding.parity] gives the reference ids and vector for case $index: $shown',
    ({ entry }) => {
      expect([...tokenizer.encode(entry.text)]).toEqual(entry.ids);
      const vector = embed(embedder, entry.text);
      expect(Math.hypot(...vector)).toBeCloseTo(entry.norm, 4);
      for (const [i, expected] of entry.head.entries()) {
        expect(Math.abs((vector[i] as number) - expected)).toBeLessThan(parity.tolerance);
      }
    },
  );

  test('gives the same vector again after a text that filled its scratch memory', () => {
    const before = embed(embedder, 'parse the configuration file');
    embed(embedder, 'x '.repeat(5000));
    expect(embed(embedder, 'parse the configuration file')).toEqual(before);
  });

  test('leaves the neighbours of its place in a larger array alone', () => {
    const out = new Float32Array(3 * embedder.dimensions).fill(7);
    embedder.embedInto('read a file', out, embedder.dimensions);
    expect(out[embedder.dimensions - 1]).toBe(7);
    expect(out[2 * embedder.dimensions]).toBe(7);
    expect(out.subarray(embedder.dimensions, 2 * embedder.dimensions)).toEqual(embed(embedder, 'read a file'));
  });
});
