/** Decides how a benchmark drives an engine alone in a process, so that memory and event-loop delay are the engine's. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import pino from 'pino';
import { type ServerConfigInput, serverConfigSchema } from '../../server/src/contract.ts';
import type { Engine } from '../../server/src/engine.ts';
import { createEngine } from '../../server/src/index/engine.ts';
import { generationDirectory, listGenerations } from '../../server/src/index/generation.ts';
import { openDatabase } from '../../server/src/index/lance.ts';
import { type Figures, largeTree, printReport } from './report.ts';
import { serverEnvironment } from './server-process.ts';

/** Name of the one codebase of a benchmark. */
export const codebase = 'bench';

/** Peak resident memory of this process so far, in MiB. */
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

/**
 * An engine over one tree, with the settings that a server has when nothing is said.
 * @param background false: it indexes when asked and at no other time
 */
export function openEngine(
  root: string,
  dataDir: string,
  { indexing = {}, background = true }: { indexing?: ServerConfigInput['indexing']; background?: boolean } = {},
): Engine {
  const config = serverConfigSchema.parse({ sources: [{ name: codebase, path: root }], indexing });
  const log = pino({ level: 'warn' }, pino.destination(2));
  return createEngine({ config, dataDir, log, clock: Date.now, background });
}

/** The table of the newest index of that codebase, below an engine's data directory. */
export async function openTable(dataDir: string, table: 'files' | 'chunks') {
  const directory = join(dataDir, 'index', codebase);
  const [number = 1] = await listGenerations(directory);
  return (await openDatabase(generationDirectory(directory, number))).openTable(table);
}

/** Paths of the files that are indexed, skipped ones left out, in order. */
export async function indexedFiles(dataDir: string): Promise<string[]> {
  const files = await openTable(dataDir, 'files');
  const rows = await files.query().where("skipped = ''").select(['path']).toArray();
  return rows.map((row) => String(row.path)).sort();
}

/**
 * Runs a benchmark file: started by a person it starts itself again in a process of its own, so that peak memory is
 * that of the engine alone, and prints the report; in that process it measures.
 * @param measure given the tree to index and an empty data directory
 */
export async function runBenchmark(
  bench: string,
  self: string,
  measure: (root: string, dataDir: string) => Promise<Figures>,
): Promise<void> {
  const [mode, first, second] = process.argv.slice(2).filter((argument) => argument !== '--check');
  if (mode === '--measure' && first !== undefined && second !== undefined) {
    process.stdout.write(JSON.stringify(await measure(first, second)));
    return;
  }
  const root = largeTree(mode);
  const dataDir = mkdtempSync(join(tmpdir(), 'codesage-bench-'));
  try {
    process.stdout.write(`Running ${bench} on ${root} …\n`);
    const output = execFileSync(process.execPath, [self, '--measure', root, dataDir], {
      env: { ...process.env, ...serverEnvironment },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    printReport(bench, JSON.parse(output) as Figures);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
