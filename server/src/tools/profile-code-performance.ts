/** Decides `profile_code_performance`: what of a file may be slow, told from its text alone; nothing is run. */
import { z } from 'zod';
import { CodeSageError } from '../errors.ts';
import type { NarrowedProfile } from '../profile/narrow.ts';
import { type Concern, concernKinds, type FunctionProfile, severities } from '../profile/port.ts';
import { answerBudget, fitList } from './budget.ts';
import { defineTool, readOnly } from './define.ts';
import { problemText } from './symbol-fields.ts';

const count = z.number().int();

const functionFields = z.strictObject({
  name: z.string().describe('With its containers. "(outer level)": the file itself.'),
  start_line: count,
  end_line: count,
  growth: z.string().describe('Estimated growth of its time, callees of the file included; an upper bound.'),
  complexity: count.describe('Decision points + 1.'),
  nesting: count,
  loops: count,
  loop_depth: count.describe('Loops inside each other.'),
  calls: count,
  calls_in_loops: count,
  recursive: z.boolean().optional(),
});

const concernFields = z.strictObject({
  kind: z.enum(concernKinds),
  severity: z.enum(severities),
  function: z.string(),
  line: count,
  more_lines: z.array(count).optional(),
  evidence: z.string().describe('The line.'),
  message: z.string().describe('What it is, and what to do.'),
});

export const profileCodePerformance = defineTool({
  name: 'profile_code_performance',
  title: 'Static profile of a file',
  description: [
    'Find what may make the code of one file slow, by static analysis: nothing is run or measured. Per function: estimated growth, loops within loops, complexity; ranked concerns with line, evidence and remedy (I/O, await, regex, sorting, searching, copying, text joining in loops; recursion).',
    'Use it before you optimise a file or review one. For the worst functions of a whole codebase use analyze_codebase_improvements; for the speed of this server get_performance_metrics.',
    'Example: {"file_path": "shop/src/payment.ts", "function_name": "retryPayment"}',
  ].join(' '),
  input: z.strictObject({
    file_path: z.string().min(1).max(4096).describe('"codebase/path/in/it".'),
    function_name: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe('One function: its name, with its containers where several have it ("Store.get").'),
  }),
  output: z.strictObject({
    file_path: z.string(),
    language: z.string(),
    static: z.literal(true).describe('Nothing was run: estimates, not measurements.'),
    functions: z.array(functionFields).describe('The likely slowest first.'),
    total_functions: count,
    concerns: z.array(concernFields).describe('The most severe first.'),
    total_concerns: count,
    truncated: z.boolean(),
    message: z.string(),
  }),
  annotations: readOnly,
  handle: async ({ file_path, function_name }, { engine, desk, signal }) => {
    const file = await engine.readFile(file_path);
    const { path, text } = file;
    const task = { path, text, ...(function_name !== undefined && { functionName: function_name }) };
    const profile = await desk.profileFile(task, signal);
    if (profile.otherNames !== undefined) throw noFunction(file_path, function_name ?? '', profile.otherNames);
    const concerns = fitList(profile.concerns.map(toConcern), answerBudget / 2).kept;
    const functions = fitList(profile.functions.map(toFunction), answerBudget / 2).kept;
    const isCut = functions.length < profile.totalFunctions || concerns.length < profile.totalConcerns;
    return {
      file_path: `${file.codebase}/${file.path}`,
      language: profile.language,
      static: true as const,
      functions,
      total_functions: profile.totalFunctions,
      concerns,
      total_concerns: profile.totalConcerns,
      truncated: isCut,
      message: messageOf(profile, isCut),
    };
  },
});

function noFunction(path: string, name: string, others: readonly string[]): CodeSageError {
  const known = others.length === 0 ? 'none' : others.join(', ');
  return new CodeSageError('InvalidArgument', `${path} has no function "${name}".`, `Its functions: ${known}.`);
}

const outerLevel = '(outer level)';

function toFunction(one: FunctionProfile): z.input<typeof functionFields> {
  return {
    name: one.name === '' ? outerLevel : one.name,
    start_line: one.startLine,
    end_line: one.endLine,
    growth: one.growth,
    complexity: one.complexity,
    nesting: one.nesting,
    loops: one.loops,
    loop_depth: one.loopDepth,
    calls: one.calls,
    calls_in_loops: one.callsInLoops,
    ...(one.isRecursive && { recursive: true }),
  };
}

function toConcern(one: Concern): z.input<typeof concernFields> {
  return {
    kind: one.kind,
    severity: one.severity,
    function: one.functionName === '' ? outerLevel : one.functionName,
    line: one.line,
    ...(one.moreLines.length > 0 && { more_lines: one.moreLines }),
    evidence: one.evidence,
    message: one.message,
  };
}

function messageOf({ problem, language, functions, totalConcerns }: NarrowedProfile, isCut: boolean): string {
  if (problem === 'NoFunctions') return `${language} has no functions to profile.`;
  if (problem !== undefined) return problemText(problem, language);
  const cut = isCut ? ' Not all fits: name a function with function_name.' : '';
  if (functions.length === 0) return 'The file has no functions.';
  if (totalConcerns === 0) return `Static analysis, nothing was run: no concern was found.${cut}`;
  return `Static analysis, nothing was run. Measure with a profiler of the language before you change much.${cut}`;
}
