/** Decides `get_performance_metrics`: how fast the server answers, tool by tool, and how the process fares. */
import { z } from 'zod';
import type { ProcessFigures } from '../observability/process-figures.ts';
import { unknownTool } from './auto-document-tool.ts';
import { defineTool, readOnly } from './define.ts';
import { errorRate, latencyFields, rounded, scopeNote, toLatencyFields, usageScopeOf } from './usage-fields.ts';

const count = z.number().int();

export const getPerformanceMetrics = defineTool({
  name: 'get_performance_metrics',
  title: 'Performance of the server',
  description: [
    'Show how this server performs: calls, errors and latency percentiles of each tool since it started, memory, event-loop delay, uptime and the size of the index.',
    'Use it when answers are slow or fail. For who calls what and when use get_usage_patterns, for caches analyze_cache_effectiveness, for the speed of your code profile_code_performance.',
    'Example: {} or {"tool": "search_codebase"}',
  ].join(' '),
  input: z.strictObject({
    tool: z.string().min(1).max(100).optional().describe('Figures of this tool alone.'),
  }),
  output: z.strictObject({
    uptime_seconds: z.number(),
    calls: count,
    errors: count,
    error_rate: z.number().describe('0 to 1.'),
    calls_per_second: z.number(),
    latency_ms: latencyFields.describe('Of calls that went well, the wait for a turn included; within a tenth.'),
    errors_by_code: z.record(z.string(), count),
    tools: z
      .array(z.strictObject({ tool: z.string(), calls: count, errors: count, latency_ms: latencyFields }))
      .describe('Most called first.'),
    memory: z.strictObject({
      rss_mb: z.number(),
      peak_rss_mb: z.number(),
      heap_used_mb: z.number(),
      limit_mb: z.number(),
      used_percent: z.number(),
    }),
    event_loop_delay_ms: z
      .strictObject({ mean: z.number(), p50: z.number(), p99: z.number(), max: z.number() })
      .describe('How late timers ran.'),
    index: z.strictObject({
      codebases: count,
      files: count,
      chunks: count,
      size_bytes: count.optional(),
      memory_bytes: count.optional(),
      embedded_chunks: count.optional().describe('Since the start.'),
    }),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  handle: async ({ tool }, context) => {
    if (tool !== undefined && !context.tools.some(({ name }) => name === tool)) throw unknownTool(tool, context.tools);
    const { engine, usage, processFigures } = context;
    const scope = await usageScopeOf(context);
    const figures = usage.figures(scope);
    const process = processFigures();
    const { codebases, index, embeddedChunks } = await engine.status();
    const tools = figures.tools.filter((one) => tool === undefined || one.tool === tool);
    const message = tools.length === 0 ? noCalls(tool) : scopeNote(scope);
    return {
      uptime_seconds: rounded(process.uptimeSeconds, 1),
      calls: figures.calls,
      errors: figures.errors,
      error_rate: errorRate(figures),
      calls_per_second: process.uptimeSeconds === 0 ? 0 : rounded(figures.calls / process.uptimeSeconds, 4),
      latency_ms: toLatencyFields(figures.latency),
      errors_by_code: Object.fromEntries(figures.errorsByCode.map(({ code, count: times }) => [code, times])),
      tools: tools.map(({ latency, ...rest }) => ({ ...rest, latency_ms: toLatencyFields(latency) })),
      memory: memoryOf(process),
      event_loop_delay_ms: process.eventLoopDelayMs,
      index: {
        codebases: codebases.length,
        files: sum(codebases.map(({ files }) => files)),
        chunks: sum(codebases.map(({ chunks }) => chunks)),
        // These are of all codebases together.
        ...(scope === 'all' && {
          size_bytes: index.sizeBytes,
          ...(index.memoryBytes !== undefined && { memory_bytes: index.memoryBytes }),
          embedded_chunks: embeddedChunks,
        }),
      },
      ...(message !== undefined && { message }),
    };
  },
});

function noCalls(tool: string | undefined): string {
  const what = tool === undefined ? 'No call' : `No call of ${tool}`;
  return `${what} has ended since the server started; this one counts from its end on.`;
}

function memoryOf({ rssBytes, peakRssBytes, heapUsedBytes, maxBytes }: ProcessFigures) {
  const megabytes = (bytes: number) => rounded(bytes / 1024 / 1024, 1);
  return {
    rss_mb: megabytes(rssBytes),
    peak_rss_mb: megabytes(peakRssBytes),
    heap_used_mb: megabytes(heapUsedBytes),
    limit_mb: megabytes(maxBytes),
    used_percent: rounded((rssBytes / maxBytes) * 100, 1),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
