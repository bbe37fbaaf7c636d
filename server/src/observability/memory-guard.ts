/** Decides when memory is high and what is done about it: at 80 % of the limit caches shrink and indexing slows, until well below. */
import type { Logger } from 'pino';
import type { Engine } from '../engine.ts';

/** Share of the limit at which relief starts, the runbook's figure. */
export const highFraction = 0.8;
/** Share below which it ends; the gap keeps the guard from flapping. */
export const recoveredFraction = 0.7;
/** What caches shrink to while memory is high. */
const reliefFraction = 0.25;

export type MemoryState = 'ok' | 'warning';

/** The next state: high from 80 % on, and then until below 70 %. */
export function nextMemoryState(current: MemoryState, usedFraction: number): MemoryState {
  if (usedFraction >= highFraction) return 'warning';
  return usedFraction < recoveredFraction ? 'ok' : current;
}

export type MemoryGuard = {
  state: () => MemoryState;
  /** Looks once; the interval calls it. */
  check: () => void;
  stop: () => void;
};

export type MemoryGuardOptions = {
  engine: Pick<Engine, 'relieveMemory'>;
  maxBytes: number;
  log: Logger;
  rssBytes: () => number;
  intervalMs?: number;
};

/** Looks at memory at intervals, and tells log and engine of transitions only. */
export function startMemoryGuard({
  engine,
  maxBytes,
  log,
  rssBytes,
  intervalMs = 2000,
}: MemoryGuardOptions): MemoryGuard {
  let state: MemoryState = 'ok';
  const check = () => {
    const rss = rssBytes();
    const next = nextMemoryState(state, rss / maxBytes);
    if (next === state) return;
    state = next;
    const figures = { rssMB: megabytes(rss), maxMB: megabytes(maxBytes) };
    if (next === 'warning') {
      log.warn(figures, 'High memory usage detected');
      engine.relieveMemory(reliefFraction);
    } else {
      log.info(figures, 'Memory usage is back to normal');
      engine.relieveMemory(1);
    }
  };
  const timer = setInterval(check, intervalMs);
  timer.unref();
  check();
  return { state: () => state, check, stop: () => clearInterval(timer) };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
