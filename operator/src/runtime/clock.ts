/** Decides how time is read and waited for, so that every decision that depends on it can be tested without waiting. */
import { performance } from 'node:perf_hooks';

/** Undoes a timer; calling it again, or after it fired, does nothing. */
export type Cancel = () => void;

export type Clock = {
  /** Wall-clock milliseconds since 1970: for what is shown or stored, never for measuring. */
  now(): number;
  /** Milliseconds of a clock that only goes forward: for deadlines and durations. */
  elapsed(): number;
  /** Calls `callback` once, `delayMs` from now. */
  after(delayMs: number, callback: () => void): Cancel;
};

/** A number in [0, 1). */
export type Random = () => number;

/** setTimeout fires at once for more than this. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), longestTimerMs));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`, or at once when `signal` aborts; it never rejects. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
