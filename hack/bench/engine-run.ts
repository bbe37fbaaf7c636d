/** Decides how a benchmark drives an engine alone in a process, so that memory and event-loop delay are the engine's. */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import pino from 'pino';
import { type ServerConfigInput, serverConfigSchema } from '../../server/src/contract.ts';
import type { Engine } from '../../server/src/engine.ts';
import { createEngine } from '../../server/src/index/engine.ts';

/** glibc gives each thread its own arena and keeps what it freed; two are what the server's image sets too. */
export const childEnvironment = { ...process.env, MALLOC_ARENA_MAX: '2' };

/** Peak resident memory of this process so far, in MB. */
export function peakRssMb(): number {
  const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(match?.[1]) / 1024;
}

/** Watches how late the event loop is, in ms. */
export function watchLoop(): { p99: () => number; max: () => number } {
  const resolutionMs = 10;
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  // The histogram counts the timer's own interval too.
  return {
    p99: () => Math.max(0, histogram.percentile(99) / 1e6 - resolutionMs),
    max: () => Math.max(0, histogram.max / 1e6 - resolutionMs),
  };
}

export function openEngine(root: string, dataDir: string, indexing: ServerConfigInput['indexing'] = {}): Engine {
  const config = serverConfigSchema.parse({ sources: [{ name: 'bench', path: root }], indexing });
  const log = pino({ level: 'warn' }, pino.destination(2));
  return createEngine({ config, dataDir, log, clock: Date.now });
}
