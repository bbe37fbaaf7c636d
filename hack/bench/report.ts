/** Decides how a benchmark tells its figures: tables for people, and one JSON object as the last line for programs. */
import { availableParallelism, totalmem } from 'node:os';
import { renderTable, rounded, type Table } from './table.ts';
import { type Figures, judge, verdictTable } from './targets.ts';

export type { Figures } from './targets.ts';
export { largeTree } from './trees.ts';

/** The last line of a benchmark. */
export type Report = { bench: string; machine: { cores: number; memory: number }; figures: Figures; tables?: Table[] };

/**
 * Prints the tables, all figures, the targets they concern and, as the last line, the JSON object. With `--check` on
 * the command line a missed target makes the exit code 1.
 * @param tables contenders side by side, where there are any
 */
export function printReport(bench: string, figures: Figures, tables: Table[] = []): void {
  const print = (text: string) => process.stdout.write(`${text}\n`);
  for (const table of tables) print(`${renderTable(table)}\n`);
  const rows = Object.entries(figures).map(([name, value]) => [name, value]);
  print(`${renderTable({ name: 'figures', columns: ['figure', 'value'], rows })}\n`);
  const verdicts = judge(figures);
  if (verdicts.length > 0) print(`${renderTable(verdictTable(verdicts))}\n`);
  if (process.argv.includes('--check') && verdicts.some(({ pass }) => !pass)) process.exitCode = 1;
  const numbers = Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)]));
  const machine = { cores: availableParallelism(), memory: totalmem() };
  const report: Report = { bench, machine, figures: numbers, ...(tables.length > 0 && { tables: tables.map(short) }) };
  print(JSON.stringify(report));
}

function short(table: Table): Table {
  const rows = table.rows.map((row) => row.map((value) => (typeof value === 'number' ? rounded(value) : value)));
  return { ...table, rows };
}

/** The value below which `share` of the values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The mean of the values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
