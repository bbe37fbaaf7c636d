import { expect, test } from 'vitest';
import { createMemory, instantiateKernel } from './kernel.ts';
import { centerOffset, quantizeQuery, roughScoreCount } from './quantize.ts';
import { leaningVector, seeded, whole } from './testing/random.ts';
import { roughScore, wholeProduct } from './testing/reference.ts';

const rows = 500;

function prepare(seed: number, dimensions: number) {
  const random = seeded(seed);
  const width = Math.ceil(dimensions / 64) * 64;
  const memory = createMemory(1 << 21);
  const at = { vectors: 0, scales: 600_000, signs: 700_000, query: 800_000, tables: 820_000, mask: 840_000 };
  const out = { scores: 850_000, histogram: 900_000, list: 1_000_000, products: 1_100_000 };
  const signScalesAt = 845_000;
  const vectors = new Int8Array(memory.buffer, at.vectors, rows * width);
  for (let i = 0; i < vectors.length; i++) vectors[i] = whole(random, 255) - 127;
  const scales = new Float32Array(memory.buffer, at.scales, rows).map(() => random());
  new Float32Array(memory.buffer, at.scales, rows).set(scales);
  const signs = new Uint8Array(memory.buffer, at.signs, (512 * width) / 8);
  for (let i = 0; i < signs.length; i++) signs[i] = whole(random, 256);
  const signScales = new Int16Array(memory.buffer, signScalesAt, rows);
  for (let i = 0; i < rows; i++) signScales[i] = i === 3 ? 32_767 : whole(random, 20_000);
  const mask = new Uint8Array(memory.buffer, at.mask, rows);
  for (let i = 0; i < rows; i++) mask[i] = whole(random, 2);
  const query = quantizeQuery(leaningVector(random, dimensions), width);
  new Int16Array(memory.buffer, at.query, width).set(query.components);
  new Uint8Array(memory.buffer, at.tables, width * 4).set(query.tables);
  const kernel = instantiateKernel(memory);
  return { memory, width, at, signScalesAt, out, vectors, scales, signs, signScales, mask, query, kernel };
}

const shapes = [
  { seed: 1, dimensions: 64 },
  { seed: 2, dimensions: 256 },
  { seed: 3, dimensions: 384 },
  { seed: 4, dimensions: 100 },
];

test.each(shapes)('the kernel scores signs of $dimensions dimensions as the plain reference does', (shape) => {
  const { memory, width, at, signScalesAt, out, signs, signScales, mask, query, kernel } = prepare(
    shape.seed,
    shape.dimensions,
  );
  for (const [masked, offset, floor] of [
    [false, 0, 1],
    [true, 37, 1],
    [false, -25, 1],
    [true, 50, 45],
  ] as const) {
    const histogram = new Uint32Array(memory.buffer, out.histogram, roughScoreCount(width)).fill(0);
    kernel.roughScores(at.signs, at.tables, width / 8, rows, signScalesAt, query.bias, offset, out.scores);
    kernel.countScores(out.scores, rows, masked ? at.mask : 0, floor, out.histogram);
    const scores = new Uint16Array(memory.buffer, out.scores, 512);
    const expected = Array.from({ length: 512 }, (_, row) =>
      row >= rows || (masked && mask[row] === 0)
        ? 0
        : roughScore({ signs, signScales, tables: query.tables, offset }, row, width),
    );
    expect([...scores]).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(20);
    const counts = new Uint32Array(histogram.length);
    for (const score of expected) if (score >= floor) counts[score] = (counts[score] as number) + 1;
    expect(histogram).toEqual(counts);
  }
});

test.each([64, 256, 1024, 1536, 4096])(
  'rough scores of %i dimensions fit, however large query and center are',
  (width) => {
    const memory = createMemory(1 << 20);
    const at = { signs: 0, tables: 200_000, scales: 300_000, scores: 310_000 };
    const kernel = instantiateKernel(memory);
    new Uint8Array(memory.buffer, at.signs, 4 * width).fill(255);
    new Int16Array(memory.buffer, at.scales, 32).fill(32_767);
    const highest = roughScoreCount(width) - 1;
    for (const sign of [1, -1]) {
      const query = new Float32Array(width).fill(sign);
      const { tables, bias } = quantizeQuery(query, width);
      new Uint8Array(memory.buffer, at.tables, width * 4).set(tables);
      const offset = centerOffset(query, new Float32Array(width).fill(100));
      kernel.roughScores(at.signs, at.tables, width / 8, 32, at.scales, bias, offset, at.scores);
      const [score = 0] = new Uint16Array(memory.buffer, at.scores, 32);
      expect(score).toBeLessThanOrEqual(highest);
      expect(score).toBeGreaterThanOrEqual(sign > 0 ? highest - 1 : 1);
      expect(score).toBeLessThanOrEqual(sign > 0 ? highest : 1);
    }
  },
);

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
