/** Decides how figures of calls read in the answers of tools, and whose figures a caller is told. */
import { z } from 'zod';
import { anonymous } from '../auth/caller.ts';
import type { ToolFigures, UsageScope } from '../observability/usage.ts';
import type { ToolContext } from './define.ts';

/** Milliseconds, of calls that went well. */
export const latencyFields = z.strictObject({
  mean: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
});

export function toLatencyFields(seconds: ToolFigures['latency']): z.input<typeof latencyFields> {
  const { mean, p50, p95, p99, max } = seconds;
  return { mean: ms(mean), p50: ms(p50), p95: ms(p95), p99: ms(p99), max: ms(max) };
}

/** All figures, or those of calls about the codebases that this caller may see. */
export async function usageScopeOf({ caller = anonymous, engine }: ToolContext): Promise<UsageScope> {
  if (caller.codebases === 'all') return 'all';
  return (await engine.status()).codebases.map(({ name }) => name);
}

/** What to say where figures are a limited caller's. */
export function scopeNote(scope: UsageScope): string | undefined {
  return scope === 'all'
    ? undefined
    : 'Counted are calls that named one of the codebases you may see; the process is that of the whole server.';
}

/** Share of calls that failed, 0 to 1. */
export function errorRate({ calls, errors }: { calls: number; errors: number }): number {
  return calls === 0 ? 0 : rounded(errors / calls, 4);
}

export function rounded(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}

function ms(seconds: number): number {
  return rounded(seconds * 1000, 3);
}
