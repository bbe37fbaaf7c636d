/** Decides how a benchmark tells its figures: a table for people, and one JSON object as the last line for programs. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';

export type Figures = Record<string, number>;

const rounded = (value: number) => (Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 1000) / 1000);

/** Prints the table and, as the last line, the JSON object. */
export function printReport(bench: string, figures: Figures): void {
  const width = Math.max(...Object.keys(figures).map((name) => name.length));
  for (const [name, value] of Object.entries(figures))
    process.stdout.write(`${name.padEnd(width)}  ${rounded(value)}\n`);
  const machine = { cores: availableParallelism(), memory: totalmem() };
  const numbers = Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)]));
  process.stdout.write(`${JSON.stringify({ bench, machine, figures: numbers })}\n`);
}

/** The value below which `share` of the values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** A large real code base: the argument, else the Kubernetes module in Go's module cache. */
export function largeTree(argument: string | undefined): string {
  if (argument !== undefined) return argument;
  const version = 'k8s.io/kubernetes@v1.36.3';
  let cache = '';
  try {
    cache = execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    // Told below.
  }
  const tree = join(cache, version);
  if (cache !== '' && existsSync(tree)) return tree;
  throw new Error(`Name a directory to index, or let hack/up fetch ${version} into Go's module cache first.`);
}
