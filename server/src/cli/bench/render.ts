/** Decides how a run reads to people: a table of tools, a table of targets, and what was left out. */
import type { ToolRow } from './summary.ts';
import type { BenchVerdict } from './targets.ts';

const number = (value: number | undefined) =>
  value === undefined || Number.isNaN(value) ? '–' : String(Number(value.toPrecision(3)));

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) =>
    row.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** One line a tool, times in ms. */
export function renderTools(rows: readonly ToolRow[]): string {
  const head = ['tool', 'calls', 'errors', 'cold p50 ms', 'cold p95 ms', 'warm p50 ms', 'warm p95 ms'];
  const body = rows.map(({ tool, cold, warm }) => [
    tool,
    String(cold.calls + warm.calls),
    String(cold.errors + warm.errors),
    ...[cold.p50, cold.p95, warm.p50, warm.p95].map(number),
  ]);
  return table([head, ...body]);
}

/** One line a target. */
export function renderTargets(verdicts: readonly BenchVerdict[]): string {
  const body = verdicts.map(({ what, is, bound, unit, measured, verdict, needs }) => [
    `${what} ${is} ${bound} ${unit}`.trim(),
    number(measured),
    verdict === 'not measured' && needs !== undefined ? `not measured (needs ${needs})` : verdict,
  ]);
  const width = Math.max(...body.map(([target = '']) => target.length));
  const line = ([target = '', measured = '', verdict = '']: string[]) =>
    `${target.padEnd(width)}  ${measured.padStart(8)}  ${verdict}\n`;
  return [['target', 'measured', 'verdict'], ...body].map(line).join('');
}
