/** Decides whether benchmarks find the image's settings. */
import { expect, test } from 'vitest';
import { serverEnvironment, serverFlags } from './server-process.ts';

test('a benchmark starts the server with the allocator and the flags of its image', () => {
  expect(serverEnvironment).toEqual({
    MALLOC_ARENA_MAX: '2',
    MALLOC_MMAP_THRESHOLD_: '1048576',
    MALLOC_TRIM_THRESHOLD_: '262144',
  });
  expect(serverFlags).toEqual(['--max-semi-space-size=8']);
});
