/** Decides how long to wait before the next try. */
import type { Random } from './clock.ts';

export type Backoff = {
  /** Milliseconds before the first retry. */
  baseMs: number;
  /** No wait is longer. */
  maxMs: number;
};

/**
 * Milliseconds to wait after the `failures`-th failure in a row (1 and up): doubled each time, with the upper half of
 * it random so that many that failed together do not come back together ("equal jitter").
 *
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffDelay({ baseMs, maxMs }: Backoff, failures: number, random: Random): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(Math.max(0, failures - 1), 30));
  return ceiling / 2 + (random() * ceiling) / 2;
}
