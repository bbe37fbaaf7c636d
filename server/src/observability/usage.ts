/**
 * Decides what is remembered of tool calls for the figures that tools tell: counts, errors, latencies, hours and what
 * follows what, in all and by codebase, in bounded memory; never arguments, texts or who called.
 */
import { LRUCache } from 'lru-cache';
import { LatencyHistogram } from './latency.ts';

/** One call that ended. `codebase` is the configured name of the one it was about, if it named one. */
export type UsageCall = { tool: string; seconds: number; code?: string; codebase?: string; caller: string };

/** Whose figures: those of all calls, or those of calls about these codebases alone. */
export type UsageScope = 'all' | readonly string[];

export type ToolFigures = {
  tool: string;
  calls: number;
  errors: number;
  /** Of calls that went well, in seconds. */
  latency: { mean: number; p50: number; p95: number; p99: number; max: number };
};
export type HourFigures = { startMs: number; calls: number; errors: number };
export type SequenceFigures = { from: string; to: string; count: number };

export type UsageFigures = {
  sinceMs: number;
  calls: number;
  errors: number;
  latency: ToolFigures['latency'];
  /** Most called first. */
  tools: ToolFigures[];
  errorsByCode: { code: string; count: number }[];
  /** Codebases of the scope that calls named; calls about none or all are in no line. */
  codebases: { codebase: string; calls: number; errors: number }[];
  /** The last 24 hours with any call, the oldest first. */
  hours: HourFigures[];
  /** Most frequent first. */
  sequences: SequenceFigures[];
};

export type Usage = {
  record: (call: UsageCall) => void;
  figures: (scope: UsageScope) => UsageFigures;
};

/** A call that comes later than this after another is no continuation of it. */
const sequenceGapMs = 10 * 60_000;
const hourMs = 3_600_000;
const hoursKept = 24;
/** Bounds of what is kept; only a server of many hundred codebases or callers ever meets them. */
const mostCallers = 1_000;
const mostCodebases = 200;
const mostPairs = 500;

type ToolCounts = { calls: number; errors: number; latency: LatencyHistogram };

/** The figures of some calls: of all of them, or of those about one codebase. */
class Slice {
  readonly tools = new Map<string, ToolCounts>();
  readonly codes = new Map<string, number>();
  readonly hours = new Map<number, HourFigures>();
  readonly pairs = new Map<string, SequenceFigures>();
  calls = 0;
  errors = 0;

  record({ tool, seconds, code }: UsageCall, now: number): void {
    const counts = this.#toolCounts(tool);
    const failed = code === undefined ? 0 : 1;
    this.calls += 1;
    this.errors += failed;
    counts.calls += 1;
    counts.errors += failed;
    if (code === undefined) counts.latency.record(seconds);
    else this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
    const hour = this.#hour(now - (now % hourMs));
    hour.calls += 1;
    hour.errors += failed;
  }

  follow(from: string, to: string, count = 1): void {
    const key = `${from}>${to}`;
    const known = this.pairs.get(key);
    if (known !== undefined) known.count += count;
    else if (this.pairs.size < mostPairs) this.pairs.set(key, { from, to, count });
  }

  add(other: Slice): void {
    this.calls += other.calls;
    this.errors += other.errors;
    for (const [tool, { calls, errors, latency }] of other.tools) {
      const counts = this.#toolCounts(tool);
      counts.calls += calls;
      counts.errors += errors;
      counts.latency.add(latency);
    }
    for (const [code, count] of other.codes) this.codes.set(code, (this.codes.get(code) ?? 0) + count);
    for (const { startMs, calls, errors } of [...other.hours.values()].sort((a, b) => a.startMs - b.startMs)) {
      const hour = this.#hour(startMs);
      hour.calls += calls;
      hour.errors += errors;
    }
    for (const { from, to, count } of other.pairs.values()) this.follow(from, to, count);
  }

  #toolCounts(tool: string): ToolCounts {
    const known = this.tools.get(tool);
    if (known !== undefined) return known;
    const counts = { calls: 0, errors: 0, latency: new LatencyHistogram() };
    this.tools.set(tool, counts);
    return counts;
  }

  #hour(startMs: number): HourFigures {
    const known = this.hours.get(startMs);
    if (known !== undefined) return known;
    const hour = { startMs, calls: 0, errors: 0 };
    this.hours.set(startMs, hour);
    const oldest = startMs - (hoursKept - 1) * hourMs;
    for (const other of this.hours.keys()) if (other < oldest) this.hours.delete(other);
    return hour;
  }
}

/** Makes an account of calls that starts empty. @param now milliseconds since the epoch */
export function createUsage(now: () => number): Usage {
  const sinceMs = now();
  const everything = new Slice();
  const byCodebase = new Map<string, Slice>();
  const lastCalls = new LRUCache<string, { tool: string; codebase: string | undefined; atMs: number }>({
    max: mostCallers,
  });

  function sliceOf(codebase: string | undefined): Slice | undefined {
    if (codebase === undefined) return undefined;
    const known = byCodebase.get(codebase);
    if (known !== undefined || byCodebase.size >= mostCodebases) return known;
    const slice = new Slice();
    byCodebase.set(codebase, slice);
    return slice;
  }

  return {
    record: (call) => {
      const atMs = now();
      const { tool, codebase, caller } = call;
      const own = sliceOf(codebase);
      everything.record(call, atMs);
      own?.record(call, atMs);
      const last = lastCalls.get(caller);
      if (last !== undefined && atMs - last.atMs <= sequenceGapMs) {
        everything.follow(last.tool, tool);
        // Who sees one codebase alone learns nothing of calls about another.
        if (last.codebase === codebase) own?.follow(last.tool, tool);
      }
      lastCalls.set(caller, { tool, codebase, atMs });
    },
    figures: (scope) => {
      const known = [...byCodebase].filter(([codebase]) => scope === 'all' || scope.includes(codebase));
      const slice = scope === 'all' ? everything : merged(known.map(([, one]) => one));
      return { sinceMs, ...figuresOf(slice, now()), codebases: codebaseFigures(known) };
    },
  };
}

function merged(slices: readonly Slice[]): Slice {
  const sum = new Slice();
  for (const slice of slices) sum.add(slice);
  return sum;
}

function figuresOf(slice: Slice, now: number): Omit<UsageFigures, 'sinceMs' | 'codebases'> {
  const whole = new LatencyHistogram();
  for (const { latency } of slice.tools.values()) whole.add(latency);
  const tools = [...slice.tools].map(([tool, { calls, errors, latency }]) => ({
    tool,
    calls,
    errors,
    latency: latencyOf(latency),
  }));
  return {
    calls: slice.calls,
    errors: slice.errors,
    latency: latencyOf(whole),
    tools: tools.sort((a, b) => b.calls - a.calls || (a.tool < b.tool ? -1 : 1)),
    errorsByCode: [...slice.codes].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count),
    hours: [...slice.hours.values()]
      .filter(({ startMs }) => now - startMs < hoursKept * hourMs)
      .sort((a, b) => a.startMs - b.startMs),
    sequences: [...slice.pairs.values()].sort((a, b) => b.count - a.count),
  };
}

function codebaseFigures(slices: readonly [string, Slice][]): UsageFigures['codebases'] {
  return slices
    .map(([codebase, { calls, errors }]) => ({ codebase, calls, errors }))
    .sort((a, b) => b.calls - a.calls || (a.codebase < b.codebase ? -1 : 1));
}

function latencyOf(histogram: LatencyHistogram): ToolFigures['latency'] {
  const { mean, max } = histogram;
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => histogram.percentile(share)) as [number, number, number];
  return { mean, p50, p95, p99, max };
}
