/** Decides what the timings of a run come to: one row a tool, and the figures that targets are judged by. */
import type { Timing } from './load.ts';

/** A call counts as fast up to here, in ms (runbook 2.2). */
const fastMs = 100;
/** The tools that the runbook's search targets are about. */
const searchTools: readonly string[] = ['semantic_search_codebase', 'search_codebase'];

export type Percentiles = { calls: number; errors: number; p50: number; p95: number; max: number };
export type ToolRow = { tool: string; cold: Percentiles; warm: Percentiles };

/** The value below which `share` of the sorted values lie; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function percentiles(timings: readonly Timing[]): Percentiles {
  // A failure's time says nothing about the work.
  const times = timings.filter(({ error }) => error === undefined).map(({ ms }) => ms);
  return {
    calls: timings.length,
    errors: timings.length - times.length,
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    max: percentile(times, 1),
  };
}

/** One row a tool, in the order of their first calls. */
export function summarize(cold: readonly Timing[], warm: readonly Timing[]): ToolRow[] {
  const tools = new Set([...cold, ...warm].map(({ tool }) => tool));
  const of = (timings: readonly Timing[], tool: string) =>
    percentiles(timings.filter((timing) => timing.tool === tool));
  return [...tools].map((tool) => ({ tool, cold: of(cold, tool), warm: of(warm, tool) }));
}

/** The figures that timings alone tell; of no call at all there are none. */
export function callFigures(cold: readonly Timing[], warm: readonly Timing[]) {
  const all = [...cold, ...warm];
  if (all.length === 0) return {};
  const done = all.filter(({ error }) => error === undefined);
  const searches = cold.filter(({ tool, error }) => searchTools.includes(tool) && error === undefined);
  const times = searches.map(({ ms }) => ms);
  return {
    errorRate: (all.length - done.length) / all.length,
    fastShare: done.filter(({ ms }) => ms <= fastMs).length / all.length,
    ...(times.length > 0 && {
      searchMeanMs: times.reduce((sum, ms) => sum + ms, 0) / times.length,
      searchP95Ms: percentile(times, 0.95),
    }),
  };
}
