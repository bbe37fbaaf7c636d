import { expect, test } from 'vitest';
import { backoffDelay } from './backoff.ts';

test('waits double with each failure, up to the limit, and are never less than half of that', () => {
  const backoff = { baseMs: 100, maxMs: 1_000 };
  const longest = [1, 2, 3, 4, 5, 500].map((failures) => backoffDelay(backoff, failures, () => 1));
  const shortest = [1, 2, 3, 4, 5, 500].map((failures) => backoffDelay(backoff, failures, () => 0));
  expect(longest).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  expect(shortest).toEqual([50, 100, 200, 400, 500, 500]);
});
