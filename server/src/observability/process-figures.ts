/** Decides which figures of the process itself tools tell: its memory, its age and how late the event loop is. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Bytes, seconds and milliseconds. */
export type ProcessFigures = {
  uptimeSeconds: number;
  rssBytes: number;
  peakRssBytes: number;
  heapUsedBytes: number;
  maxBytes: number;
  /** How much later than due timers ran, since the start. */
  eventLoopDelayMs: { mean: number; p50: number; p99: number; max: number };
};

export type ProcessWatch = { figures: () => ProcessFigures; stop: () => void };

const resolutionMs = 20;

/** Starts to watch the event loop. @param startedAtMs, now milliseconds since the epoch */
export function watchProcess({
  maxBytes,
  startedAtMs,
  now,
}: {
  maxBytes: number;
  startedAtMs: number;
  now: () => number;
}): ProcessWatch {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  // What is recorded is the time from one timer to the next, so the timer's own interval is in it.
  const late = (nanoseconds: number) => Math.max(0, round(nanoseconds / 1e6 - resolutionMs));
  return {
    figures: () => {
      const { rss, heapUsed } = process.memoryUsage();
      const hasAny = delays.count > 0;
      return {
        uptimeSeconds: (now() - startedAtMs) / 1000,
        rssBytes: rss,
        peakRssBytes: process.resourceUsage().maxRSS * 1024,
        heapUsedBytes: heapUsed,
        maxBytes,
        eventLoopDelayMs: {
          mean: hasAny ? late(delays.mean) : 0,
          p50: hasAny ? late(delays.percentile(50)) : 0,
          p99: hasAny ? late(delays.percentile(99)) : 0,
          max: hasAny ? late(delays.max) : 0,
        },
      };
    },
    stop: () => delays.disable(),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
