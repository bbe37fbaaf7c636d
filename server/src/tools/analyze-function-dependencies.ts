/** Decides `analyze_function_dependencies`: what one function needs, where that comes from, and who needs the function. */
import { z } from 'zod';
import type { Dependency, FunctionAnswer } from '../symbols/port.ts';
import { answerBudget, fitList } from './budget.ts';
import { defineTool, readOnly } from './define.ts';
import { definitionFields, fullName, pathOf, stepFields, toDefinitionFields, toStepFields } from './symbol-fields.ts';

const origin = z
  .enum(['internal', 'standard', 'third_party', 'unknown'])
  .describe(
    'internal: this codebase. standard: comes with the language. unknown: built in, or of an object whose type is not known.',
  );

const dependency = z.strictObject({
  name: z.string(),
  kind: z.enum(['call', 'type', 'other']),
  lines: z.array(z.number().int()),
  origin,
  module: z.string().optional().describe('The import that brings it in.'),
  definition: z
    .strictObject({ name: z.string(), kind: z.string(), file_path: z.string(), line: z.number().int() })
    .optional()
    .describe('Where it is defined, most likely.'),
  confidence: z.enum(['likely', 'possible']).optional(),
  alternatives: z.array(z.string()).optional().describe('Other places that may be meant: path:line.'),
});

const mostAlternatives = 3;

export const analyzeFunctionDependencies = defineTool({
  name: 'analyze_function_dependencies',
  title: 'Analyze a function',
  description: [
    'List what one function or class of a file depends on (calls, types, imports, each with where it comes from) and who calls it, with its complexity.',
    'Use it before you move, change or test a function. Name it by function_name, or by a line inside of it.',
    'For several steps of calls use trace_calls; for every use of a name find_references.',
    'Example: {"file_path": "shop/src/payment.ts", "function_name": "retryPayment"}',
  ].join(' '),
  input: z.strictObject({
    file_path: z.string().min(1).max(4096).describe('"codebase/path/in/it", as search results give it.'),
    function_name: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .optional()
      .describe('The function, method or class, with or without its containers ("Store.get").'),
    line: z.number().int().min(1).optional().describe('A line inside of it, instead of the name or beside it.'),
    include_tests: z.boolean().default(true).describe('False: without callers in tests.'),
    limit: z.number().int().min(1).max(500).default(50).describe('Most callers in the answer.'),
  }),
  output: z.strictObject({
    function: definitionFields,
    also_named: z.array(z.string()).optional().describe('Other definitions of the name in the file: name (line).'),
    dependencies: z.array(dependency).describe('In the order of the code.'),
    dependencies_left_out: z.number().int().optional(),
    counts: z
      .strictObject({
        internal: z.number().int(),
        standard: z.number().int(),
        third_party: z.number().int(),
        unknown: z.number().int(),
      })
      .describe('Dependencies by origin.'),
    imports: z
      .array(
        z.strictObject({ module: z.string(), names: z.array(z.string()).optional(), line: z.number().int(), origin }),
      )
      .describe('The imports of the file that it needs.'),
    callers: z.array(stepFields),
    callers_truncated: z.boolean(),
    took_ms: z.number(),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  lane: 'relations',
  handle: async (args, { engine, signal }) => {
    const request = {
      path: args.file_path,
      ...(args.function_name !== undefined && { name: args.function_name }),
      ...(args.line !== undefined && { line: args.line }),
      includeTests: args.include_tests,
      limit: args.limit,
    };
    const answer = await engine.symbols.functionDependencies(request, signal);
    const dependencies = fitList(answer.dependencies.map(toDependency), answerBudget * 0.6);
    const callers = fitList(answer.callers.map(toStepFields), answerBudget * 0.3);
    const message = messageOf(answer, dependencies.left);
    return {
      function: toDefinitionFields(answer.definition),
      ...(answer.others.length > 0 && {
        also_named: answer.others.map((one) => `${fullName(one)} (line ${one.startLine})`),
      }),
      dependencies: dependencies.kept,
      ...(dependencies.left > 0 && { dependencies_left_out: dependencies.left }),
      counts: countsOf(answer.dependencies),
      imports: answer.imports.map(({ names, ...rest }) => ({ ...rest, ...(names.length > 0 && { names }) })),
      callers: callers.kept,
      callers_truncated: answer.callersTruncated || callers.left > 0,
      took_ms: answer.tookMs,
      ...(message !== '' && { message }),
    };
  },
});

function toDependency({
  name,
  kind,
  lines,
  origin,
  module,
  definitions,
  confidence,
}: Dependency): z.input<typeof dependency> {
  const [best, ...others] = definitions;
  const places = others.slice(0, mostAlternatives).map((one) => `${pathOf(one)}:${one.startLine}`);
  return {
    name,
    kind,
    lines,
    origin,
    ...(module !== undefined && { module }),
    ...(best !== undefined && {
      definition: { name: fullName(best), kind: best.kind, file_path: pathOf(best), line: best.startLine },
      confidence,
    }),
    ...(places.length > 0 && { alternatives: places }),
  };
}

function countsOf(dependencies: readonly Dependency[]): Record<Dependency['origin'], number> {
  const counts = { internal: 0, standard: 0, third_party: 0, unknown: 0 };
  for (const { origin } of dependencies) counts[origin]++;
  return counts;
}

function messageOf({ others, definition, callers }: FunctionAnswer, left: number): string {
  const parts: string[] = [];
  if (others.length > 0)
    parts.push(
      `The file defines ${definition.name} ${others.length + 1} times; this is ${fullName(definition)} in line ${definition.startLine}. Choose another one by line.`,
    );
  if (callers.length === 0)
    parts.push('No caller was found; a function that is handed over as a value is found by find_references.');
  if (left > 0) parts.push(`${left} dependencies did not fit.`);
  return parts.join(' ');
}
