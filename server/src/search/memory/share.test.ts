import { expect, test } from 'vitest';
import { estimateBytes, MemoryShare } from './share.ts';

test('a million chunks of 256 dimensions fit into a pod of 2 GiB, two million do not', () => {
  const share = new MemoryShare(2048);
  expect(share.fits('a', 1_000_000, 256)).toBe(true);
  expect(share.fits('a', 2_000_000, 256)).toBe(false);
});

test('what other codebases take counts, what a codebase takes itself does not', () => {
  const share = new MemoryShare(2048);
  share.take('a', estimateBytes(900_000, 256));
  expect(share.fits('b', 500_000, 256)).toBe(false);
  expect(share.fits('a', 1_000_000, 256)).toBe(true);
  share.take('a', 0);
  expect(share.fits('b', 500_000, 256)).toBe(true);
  share.take('b', 5);
  expect(share.bytes).toBe(5);
});
