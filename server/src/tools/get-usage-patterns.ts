/** Decides `get_usage_patterns`: which tools are called, when, on what, and in which order. */
import { z } from 'zod';
import { defineTool, readOnly } from './define.ts';
import { errorRate, rounded, scopeNote, usageScopeOf } from './usage-fields.ts';

const count = z.number().int();

export const getUsagePatterns = defineTool({
  name: 'get_usage_patterns',
  title: 'How the server is used',
  description: [
    'Show how this server has been used since it started: the share of each tool, calls by codebase and by hour of the last 24, and which tool follows which. No arguments, queries or names of callers are kept or told.',
    'Use it to see what matters before you tune or clean up. For latencies use get_performance_metrics.',
    'Example: {} or {"limit": 5}',
  ].join(' '),
  input: z.strictObject({
    limit: z.number().int().min(1).max(200).default(20).describe('Most tools, codebases and sequences.'),
  }),
  output: z.strictObject({
    since: z.string().describe('When counting began: the start of the server.'),
    calls: count,
    tools: z.array(
      z.strictObject({ tool: z.string(), calls: count, share: z.number().describe('0 to 1.'), error_rate: z.number() }),
    ),
    codebases: z
      .array(z.strictObject({ codebase: z.string(), calls: count, error_rate: z.number() }))
      .describe('Calls that named one; others went to none or to all.'),
    hours: z
      .array(z.strictObject({ hour: z.string(), calls: count, errors: count }))
      .describe('Those of the last 24 that had calls, by their beginning in UTC.'),
    sequences: z
      .array(z.strictObject({ from: z.string(), to: z.string(), count }))
      .describe('Calls of one caller within ten minutes; callers without a token count as one.'),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  handle: async ({ limit }, context) => {
    const scope = await usageScopeOf(context);
    const figures = context.usage.figures(scope);
    const message = figures.calls === 0 ? 'No call has ended since the server started.' : scopeNote(scope);
    return {
      since: new Date(figures.sinceMs).toISOString(),
      calls: figures.calls,
      tools: figures.tools.slice(0, limit).map((one) => ({
        tool: one.tool,
        calls: one.calls,
        share: rounded(one.calls / figures.calls, 4),
        error_rate: errorRate(one),
      })),
      codebases: figures.codebases
        .slice(0, limit)
        .map((one) => ({ codebase: one.codebase, calls: one.calls, error_rate: errorRate(one) })),
      hours: figures.hours.map(({ startMs, calls, errors }) => ({
        hour: new Date(startMs).toISOString(),
        calls,
        errors,
      })),
      sequences: figures.sequences.slice(0, limit),
      ...(message !== undefined && { message }),
    };
  },
});
