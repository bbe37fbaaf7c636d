/** Decides when a source is looked at again: at its interval, spread a little; sooner, then ever later, after failures. */

const firstRetryMs = 5_000;
const jitter = 0.1;

export type ScheduleInput = {
  intervalSeconds: number;
  /** Failures in a row. */
  failures: number;
  /** 0 to 1. */
  random: number;
};

/** Milliseconds until the next look: the interval, or 5 s doubled by each failure up to the interval; ±10 %. */
export function nextDelayMs({ intervalSeconds, failures, random }: ScheduleInput): number {
  const interval = intervalSeconds * 1000;
  const base = failures === 0 ? interval : Math.min(interval, firstRetryMs * 2 ** Math.min(failures - 1, 16));
  return Math.round(base * (1 - jitter + 2 * jitter * random));
}
