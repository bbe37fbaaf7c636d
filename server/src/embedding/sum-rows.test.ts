import { describe, expect, test } from 'vitest';
import { createRowSum, createTable } from './sum-rows.ts';

const width = 48;
const table = createTable(100 * width);
const components = new Int8Array(table.buffer);
for (let i = 0; i < components.length; i++) components[i] = Math.imul(i + 1, 2_654_435_761) >>> 24;

/** The same in plain arithmetic. */
function reference(rows: readonly [row: number, weight: number][]): number[] {
  const sums = Array.from({ length: width }, (_, column) =>
    rows.reduce((sum, [row, weight]) => sum + weight * (components[row * width + column] as number), 0),
  );
  const length = Math.hypot(...sums);
  return sums.map((sum) => (length > 0 ? sum / length : 0));
}

describe('a weighted sum of rows', () => {
  test.each<{ what: string; rows: [number, number][] }>([
    { what: 'no rows', rows: [] },
    { what: 'one row', rows: [[7, 0.25]] },
    { what: 'several, one of them the last', rows: Array.from({ length: 9 }, (_, i) => [i * 11 + 11, 1 / (i + 1)]) },
    {
      what: 'rows that cancel each other out',
      rows: [
        [3, 2],
        [3, -2],
      ],
    },
  ])('of $what is brought to length 1', ({ rows }) => {
    const sum = createRowSum(table, width, 20);
    // What an earlier text left behind.
    sum.vector.fill(7);
    for (const [i, [row, weight]] of rows.entries()) {
      sum.list[2 * i] = row * width;
      sum.weights[2 * i + 1] = weight;
    }
    sum.sum(rows.length);
    for (const [i, wanted] of reference(rows).entries()) expect(sum.vector[i]).toBeCloseTo(wanted, 5);
  });

  test('works on the table itself, not on a copy', () => {
    const sum = createRowSum(table, width, 1);
    components[0] = 1;
    components[1] = 0;
    sum.weights[1] = 1;
    sum.sum(1);
    expect(sum.vector[1]).toBe(0);
  });
});
