/** Decides when the size of a directory is measured anew. */
import { expect, test } from 'vitest';
import { Remembered } from './disk.ts';

test('a size is measured again when it is old, when the clock was put back, and when it was forgotten', async () => {
  let now = 1000;
  let measured = 0;
  const size = new Remembered(
    () => Promise.resolve(++measured),
    5000,
    () => now,
  );
  expect(await size.value()).toBe(1);
  now = 5999;
  expect(await size.value()).toBe(1);
  now = 6000;
  expect(await size.value()).toBe(2);
  now = 10;
  expect(await size.value()).toBe(3);
  size.forget();
  expect(await size.value()).toBe(4);
});
