/** Decides what a tool is: plain data with schemas for its input and output, and one function that does the work. */
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Caller } from '../auth/caller.ts';
import type { CacheStatisticsReport } from '../cache/statistics.ts';
import type { Settings } from '../config.ts';
import type { TextDesk } from '../desk/port.ts';
import type { Engine } from '../engine.ts';
import type { LlmService } from '../llm/port.ts';
import type { ProcessFigures } from '../observability/process-figures.ts';
import type { Usage } from '../observability/usage.ts';
import { checkAnswer } from './answer-json.ts';
import type { LaneName } from './lanes.ts';
import type { Again } from './recall.ts';

/** Hints for clients that decide what to run unasked. All four are always set: the protocol's defaults assume the worst. */
export type ToolAnnotations = {
  readOnlyHint: boolean;
  destructiveHint: boolean;
  idempotentHint: boolean;
  openWorldHint: boolean;
};

/** Annotations of a tool that only looks at the index. */
export const readOnly: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/** What every tool can reach, for the life of the server. */
export type ToolServices = {
  engine: Engine;
  settings: Settings;
  version: string;
  log: Logger;
  /** Language models of the configured providers. */
  llm: LlmService;
  /** All tools, in the order they are listed. */
  tools: readonly Tool[];
  /** The figures of `get_cache_statistics`, at this moment. */
  cacheReport: () => CacheStatisticsReport;
  /** Takes work on single texts off the event loop. */
  desk: Omit<TextDesk, 'close'>;
  /** Figures of the tool calls since start; who may not see a codebase is told of none about it. */
  usage: Pick<Usage, 'figures'>;
  /** Figures of the process, at this moment. */
  processFigures: () => ProcessFigures;
};

/** What one call brings with it. */
export type ToolCall = {
  /** Who calls; `anonymous` when left out. Tools need not look: their engine and settings show this caller's codebases only. */
  caller?: Caller;
  /** In whose turn a heavy call waits: the caller's name, or the address of one without; all that are left out share one. */
  client?: string;
  /** By which the request is found again in other logs. */
  requestId?: string;
  /** Aborted when the caller went away, cancelled, or the tool's time is over. */
  signal: AbortSignal;
  /** Present when the caller asked for progress. Values must rise from call to call. */
  progress?: (update: { progress: number; total?: number; message: string }) => void;
};

export type ToolContext = ToolServices &
  ToolCall & {
    /** Says how to find out, for these arguments, whether this very answer would be given again, but for its `took_ms`. */
    sameAgain?: (again: Again) => void;
  };

/** A tool as its file writes it. `handle` returns what `output` describes. */
export type ToolDefinition<I extends z.ZodObject, O extends z.ZodObject> = {
  name: string;
  title: string;
  description: string;
  input: I;
  output: O;
  annotations: ToolAnnotations;
  /** Milliseconds a call may take from its begin; `defaultToolTimeoutMs` when left out. */
  timeoutMs?: number;
  /** Where a heavy call waits for its turn; quick tools have none and run at once. */
  lane?: LaneName;
  /** Whether the answer is known already, so that this call is a quick one. */
  isAtHand?: (args: z.output<I>, context: ToolContext) => Promise<boolean>;
  handle: (args: z.output<I>, context: ToolContext) => Promise<z.input<O>>;
};

type JsonSchema = { type: 'object'; [keyword: string]: unknown };

/** A tool as the registry holds it: schemas rendered once, types erased. */
export type Tool = {
  name: string;
  title: string;
  description: string;
  inputSchema: JsonSchema;
  outputSchema: JsonSchema;
  annotations: ToolAnnotations;
  timeoutMs: number;
  lane: LaneName | undefined;
  /** False: a call with these arguments has to wait for its turn in the lane. */
  isAtHand: (args: unknown, context: ToolContext) => Promise<boolean>;
  input: z.ZodObject;
  /** Runs the tool on arguments that `input` has parsed. */
  handle: (args: unknown, context: ToolContext) => Promise<Record<string, unknown>>;
};

/** Milliseconds after which a call is answered with TimedOut. */
export const defaultToolTimeoutMs = 30_000;

/** Turns a definition into a registry entry; its JSON Schemas are made here, once. */
export function defineTool<I extends z.ZodObject, O extends z.ZodObject>(definition: ToolDefinition<I, O>): Tool {
  const { name, title, description, input, output, annotations, lane, timeoutMs = defaultToolTimeoutMs } = definition;
  return {
    name,
    title,
    description,
    inputSchema: jsonSchema(input, 'input'),
    outputSchema: jsonSchema(output, 'output'),
    annotations,
    timeoutMs,
    lane,
    isAtHand: async (args, context) => (await definition.isAtHand?.(args as z.output<I>, context)) ?? false,
    input,
    handle: async (args, context) => checkAnswer(output, await definition.handle(args as z.output<I>, context)),
  };
}

function jsonSchema(schema: z.ZodObject, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rendered } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return { ...rendered, type: 'object' };
}
