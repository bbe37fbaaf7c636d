/** Decides what is counted about tool calls for the statistics that people read; Prometheus has its own counters. */
import type { RequestTotals } from '../cache/statistics.ts';

/** Totals since start. */
export type RequestCounter = { add: (seconds: number) => void; totals: () => RequestTotals };

/** Makes a counter that starts at zero. */
export function createRequestCounter(): RequestCounter {
  let count = 0;
  let seconds = 0;
  return {
    add: (elapsed) => {
      count += 1;
      seconds += elapsed;
    },
    totals: () => ({ count, seconds }),
  };
}
