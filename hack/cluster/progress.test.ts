import { afterEach, expect, test, vi } from 'vitest';
import { duration, type Progress, step } from './progress.ts';

afterEach(() => vi.useRealTimers());

test.each([
  [0.44, '0.4 s'],
  [14.2, '14 s'],
  [89, '89 s'],
  [120, '2 min'],
  [145, '2 min 25 s'],
])('%s seconds read as %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

function recorder(): Progress & { lines: string[] } {
  const lines: string[] = [];
  return { lines, write: (line) => void lines.push(line), now: () => Date.now(), every: 10_000 };
}

test('a long step tells its name, its usual time, signs of life and its end', async () => {
  vi.useFakeTimers();
  const progress = recorder();
  const done = step(
    progress,
    { name: 'build', usual: 60 },
    () => new Promise((resolve) => setTimeout(resolve, 25_000)),
  );
  await vi.advanceTimersByTimeAsync(25_000);
  await done;
  expect(progress.lines).toEqual([
    '… build (usually 60 s)',
    '… build: 10 s of usually 60 s',
    '… build: 20 s of usually 60 s',
    '✓ build: 25 s',
  ]);
});

test('a failure is told and thrown on', async () => {
  const progress = recorder();
  await expect(step(progress, { name: 'build', usual: 1 }, () => Promise.reject(new Error('no')))).rejects.toThrow(
    'no',
  );
  expect(progress.lines).toEqual([expect.stringMatching(/^✗ build: failed after/)]);
});
