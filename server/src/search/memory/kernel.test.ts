import { expect, test } from 'vitest';
import { createMemory, instantiateKernel } from './kernel.ts';
import { quantizeQuery } from './quantize.ts';
import { leaningVector, seeded, whole } from './testing/random.ts';
import { roughScore, wholeProduct } from './testing/reference.ts';

const rows = 500;

function prepare(seed: number, dimensions: number) {
  const random = seeded(seed);
  const width = Math.ceil(dimensions / 64) * 64;
  const memory = createMemory(1 << 21);
  const at = { vectors: 0, scales: 300_000 * 2, signs: 700_000, query: 800_000, planes: 820_000, mask: 840_000 };
  const out = { scores: 850_000, histogram: 900_000, list: 1_000_000, products: 1_100_000 };
  const vectors = new Int8Array(memory.buffer, at.vectors, rows * width);
  for (let i = 0; i < vectors.length; i++) vectors[i] = whole(random, 255) - 127;
  const scales = new Float32Array(memory.buffer, at.scales, rows).map(() => random());
  new Float32Array(memory.buffer, at.scales, rows).set(scales);
  const signs = new Uint8Array(memory.buffer, at.signs, (rows * width) / 8);
  for (let i = 0; i < signs.length; i++) signs[i] = whole(random, 256);
  const mask = new Uint8Array(memory.buffer, at.mask, rows);
  for (let i = 0; i < rows; i++) mask[i] = whole(random, 2);
  const query = quantizeQuery(leaningVector(random, dimensions), width);
  new Int16Array(memory.buffer, at.query, width).set(query.components);
  new Uint8Array(memory.buffer, at.planes, width / 2).set(query.planes);
  return { memory, width, at, out, vectors, scales, signs, mask, query, kernel: instantiateKernel(memory) };
}

const shapes = [
  { seed: 1, dimensions: 64 },
  { seed: 2, dimensions: 256 },
  { seed: 3, dimensions: 384 },
  { seed: 4, dimensions: 100 },
];

test.each(shapes)('the kernel scores signs of $dimensions dimensions as the plain reference does', (shape) => {
  const { memory, width, at, out, signs, mask, query, kernel } = prepare(shape.seed, shape.dimensions);
  for (const masked of [false, true]) {
    new Uint8Array(memory.buffer, out.histogram, 60_000).fill(0);
    kernel.roughScores(at.signs, at.planes, width / 64, rows, masked ? at.mask : 0, out.scores, out.histogram);
    const scores = new Uint16Array(memory.buffer, out.scores, rows);
    const histogram = new Uint32Array(memory.buffer, out.histogram, 15 * width + 2);
    const expected = Array.from({ length: rows }, (_, row) =>
      masked && mask[row] === 0
        ? 0
        : roughScore(signs.subarray((row * width) / 8, ((row + 1) * width) / 8), query.planes, width),
    );
    expect([...scores]).toEqual(expected);
    const counts = new Uint32Array(histogram.length);
    for (const score of expected) if (score > 0) counts[score] = (counts[score] as number) + 1;
    expect(histogram).toEqual(counts);
  }
});

test.each(shapes)('the kernel multiplies rows of $dimensions dimensions as the plain reference does', (shape) => {
  const { memory, width, at, out, vectors, scales, query, kernel } = prepare(shape.seed, shape.dimensions);
  const chosen = [0, 7, 8, 250, rows - 1];
  new Uint32Array(memory.buffer, out.list, chosen.length).set(chosen);
  kernel.products(at.vectors, at.scales, width, at.query, 0.5, out.list, chosen.length, out.products);
  const products = new Float32Array(memory.buffer, out.products, chosen.length);
  for (const [i, row] of chosen.entries()) {
    const whole = wholeProduct(vectors.subarray(row * width, (row + 1) * width), query.components);
    expect(products[i]).toBeCloseTo(whole * (scales[row] as number) * 0.5, -1);
    expect(Math.abs((products[i] as number) / (whole * (scales[row] as number) * 0.5) - 1)).toBeLessThan(1e-6);
  }
});

test('the kernel lists the rows from a score on, in order', () => {
  const { memory, out, kernel } = prepare(5, 64);
  const scores = new Uint16Array(memory.buffer, out.scores, rows);
  for (let i = 0; i < rows; i++) scores[i] = (i * 37) % 100;
  const count = kernel.rowsFrom(out.scores, rows, 60, out.list);
  const expected = [...scores.keys()].filter((row) => (scores[row] as number) >= 60);
  expect([...new Uint32Array(memory.buffer, out.list, count)]).toEqual(expected);
});
