/** Decides nothing: a clock for tests that moves only when told to. */
import type { Clock } from '../clock.ts';

type Timer = { dueMs: number; callback: () => void };

export type ManualClock = Clock & {
  /** Moves on by `ms`, firing timers in their order and letting promises settle after each. */
  advance(ms: number): Promise<void>;
  /** Timers that have not fired. */
  readonly pending: number;
};

/** A clock that starts at `epochMs` and stands still. */
export function createManualClock(epochMs = Date.UTC(2026, 0, 1)): ManualClock {
  let elapsedMs = 0;
  const timers = new Set<Timer>();
  const nextDue = (untilMs: number): Timer | undefined =>
    [...timers].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];

  return {
    now: () => epochMs + elapsedMs,
    elapsed: () => elapsedMs,
    get pending() {
      return timers.size;
    },
    after(delayMs, callback) {
      const timer = { dueMs: elapsedMs + Math.max(0, delayMs), callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const untilMs = elapsedMs + ms;
      await settle();
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer);
        elapsedMs = Math.max(elapsedMs, timer.dueMs);
        timer.callback();
        await settle();
      }
      elapsedMs = untilMs;
      await settle();
    },
  };
}

/** Lets everything that waits for promises only run to its next wait. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
