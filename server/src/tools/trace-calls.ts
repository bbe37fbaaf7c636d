/** Decides `trace_calls`: who calls a function, and what it calls, over several steps. */
import { z } from 'zod';
import type { TraceAnswer, TraceStep } from '../symbols/port.ts';
import { answerBudget, fitList } from './budget.ts';
import { anyCodebasePath } from './codebase-path.ts';
import { defineTool, readOnly } from './define.ts';
import { fileScope } from './file-scope.ts';
import {
  definitionFields,
  didYouMean,
  filtersText,
  nothingFound,
  scopeOf,
  stepFields,
  targetOf,
  targetParameters,
  toDefinitionFields,
  toStepFields,
  withNotice,
} from './symbol-fields.ts';

const mostDefinitions = 10;

export const traceCalls = defineTool({
  name: 'trace_calls',
  title: 'Trace calls',
  description: [
    'Follow the calls of a function or method over several steps: who calls it (callers), what it calls (callees), or both, as a tree.',
    'Use it to see what a change can break, how execution gets somewhere, or what a function sets in motion.',
    'No types are known, so a call of a method is told by imports, package, receiver and name: see confidence and alternatives.',
    'Where several functions have the name, write it with its container ("Store.get") or give definition_path.',
    'Example: {"symbol": "retryPayment", "codebase_path": "shop", "direction": "callers", "depth": 3}',
  ].join(' '),
  input: z.strictObject({
    symbol: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .describe('Name of the function, in its own case, with or without its containers.'),
    codebase_path: anyCodebasePath,
    ...targetParameters,
    direction: z.enum(['callers', 'callees', 'both']).default('both'),
    depth: z.number().int().min(1).max(5).default(2).describe('Steps to follow.'),
    limit: z.number().int().min(1).max(500).default(100).describe('Most steps in each direction.'),
    include_tests: z.boolean().default(false).describe('True: calls from tests, too.'),
    ...fileScope,
  }),
  output: z.strictObject({
    symbol: z.string(),
    definitions: z.array(definitionFields).describe('What was traced.'),
    definitions_total: z.number().int(),
    callers: z.array(stepFields).optional().describe('As a tree written line by line.'),
    callees: z.array(stepFields).optional(),
    external_calls: z
      .array(z.string())
      .optional()
      .describe('Names called that the codebase does not define: of libraries, of the language.'),
    truncated: z.boolean().describe('True: there are more steps than the limit, or than fit.'),
    did_you_mean: didYouMean,
    took_ms: z.number(),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  lane: 'relations',
  handle: async (args, { engine, settings, signal }) => {
    const request = {
      ...scopeOf(args, settings.config),
      ...targetOf(args),
      name: args.symbol,
      depth: args.depth,
      limit: args.limit,
    };
    const ask = (direction: 'callers' | 'callees') =>
      args.direction === 'both' || args.direction === direction
        ? engine.symbols.trace({ ...request, direction }, signal)
        : undefined;
    const [callers, callees] = await Promise.all([ask('callers'), ask('callees')]);
    const answer = (callers ?? callees) as TraceAnswer;
    const definitions = answer.roots.slice(0, mostDefinitions).map(toDefinitionFields);
    const share = (answerBudget - JSON.stringify(definitions).length) / (args.direction === 'both' ? 2 : 1);
    const up = fitSteps(callers, share);
    const down = fitSteps(callees, share);
    const truncated = [callers, callees].some((one) => one?.truncated === true) || up.left + down.left > 0;
    const steps = { count: up.steps.length + down.steps.length, truncated, unclear: callers?.unclear ?? 0 };
    const told = messageOf(args, answer, steps, filtersText(args, settings.config));
    const message = withNotice(answer, told);
    return {
      symbol: args.symbol,
      definitions,
      definitions_total: answer.rootsTotal,
      ...(callers !== undefined && { callers: up.steps }),
      ...(callees !== undefined && { callees: down.steps }),
      ...(callees !== undefined &&
        callees.external.length > 0 && { external_calls: callees.external.map(({ name }) => name) }),
      truncated,
      ...(answer.nearNames.length > 0 && { did_you_mean: answer.nearNames }),
      took_ms: Math.max(callers?.tookMs ?? 0, callees?.tookMs ?? 0),
      ...(message !== '' && { message }),
    };
  },
});

function fitSteps(
  answer: TraceAnswer | undefined,
  budget: number,
): { steps: z.input<typeof stepFields>[]; left: number } {
  const steps: readonly TraceStep[] = answer?.steps ?? [];
  const { kept, left } = fitList(steps.map(toStepFields), budget);
  return { steps: kept, left };
}

function messageOf(
  args: { symbol: string; direction: string; include_tests: boolean },
  { rootsTotal, nearNames }: TraceAnswer,
  { count, truncated, unclear }: { count: number; truncated: boolean; unclear: number },
  filters: string,
): string {
  if (rootsTotal === 0) return nothingFound(args.symbol, nearNames);
  const parts: string[] = [];
  if (rootsTotal > 1)
    parts.push(
      `${rootsTotal} definitions have this name and all were traced; write it with its container or give definition_path to trace one.`,
    );
  if (count === 0 && args.direction !== 'callees')
    parts.push(
      `No call was found.${args.include_tests ? '' : ' Try include_tests=true.'} A function that is handed over as a value is found by find_references.${filters}`,
    );
  if (unclear > 0)
    parts.push(
      `${unclear} more calls by so common a name may mean it or something else of that name; find_references lists them as possible.`,
    );
  if (truncated)
    parts.push(
      'Not all steps are here: ask for one direction, fewer steps (depth), or a part of the files (path_globs).',
    );
  return parts.join(' ');
}
