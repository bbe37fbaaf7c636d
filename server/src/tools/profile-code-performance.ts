/** Decides `profile_code_performance`: what of a file may be slow, told from its text alone; nothing is run. */
import { z } from 'zod';
import { CodeSageError } from '../errors.ts';
import { type Concern, concernKinds, type FileProfile, type FunctionProfile, severities } from '../profile/port.ts';
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
    const profile = await desk.profileFile(file.path, file.text, signal);
    const functions = chosen(profile.functions, function_name, file_path);
    const names = new Set(functions.map(({ name }) => name));
    const concerns = profile.concerns.filter(
      ({ functionName }) => function_name === undefined || names.has(functionName),
    );
    const ranked = functions.toSorted((a, b) => weight(b) - weight(a) || a.startLine - b.startLine);
    const keptConcerns = fitList(concerns.map(toConcern), answerBudget / 2);
    const keptFunctions = fitList(ranked.map(toFunction), answerBudget / 2);
    return {
      file_path: `${file.codebase}/${file.path}`,
      language: profile.language,
      static: true as const,
      functions: keptFunctions.kept,
      total_functions: functions.length,
      concerns: keptConcerns.kept,
      total_concerns: concerns.length,
      truncated: keptFunctions.left + keptConcerns.left > 0,
      message: messageOf(profile, concerns.length, keptFunctions.left + keptConcerns.left > 0),
    };
  },
});

/** The functions of a name; a plain one means every function that is called so. */
function chosen(functions: readonly FunctionProfile[], name: string | undefined, path: string): FunctionProfile[] {
  if (name === undefined) return [...functions];
  const wanted = name.replaceAll('::', '.').replaceAll('#', '.');
  const found = functions.filter((one) => one.name === wanted || one.name.endsWith(`.${wanted}`));
  if (found.length > 0) return found;
  const names = functions.map((one) => one.name).filter((one) => one !== '');
  const known = names.length === 0 ? 'none' : names.slice(0, 30).join(', ');
  throw new CodeSageError('InvalidArgument', `${path} has no function "${name}".`, `Its functions: ${known}.`);
}

/** Loops count most, then what makes code hard to follow. */
function weight({ growth, complexity, callsInLoops, nesting }: FunctionProfile): number {
  const power = growth === 'O(1)' ? 0 : Number(/n\^(\d+)/.exec(growth)?.[1] ?? 1);
  return power * 1000 + callsInLoops * 10 + complexity + nesting;
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

function messageOf({ problem, language, functions }: FileProfile, concerns: number, isCut: boolean): string {
  if (problem === 'NoFunctions') return `${language} has no functions to profile.`;
  if (problem !== undefined) return problemText(problem, language);
  const cut = isCut ? ' Not all fits: name a function with function_name.' : '';
  if (functions.length === 0) return 'The file has no functions.';
  if (concerns === 0) return `Static analysis, nothing was run: no concern was found.${cut}`;
  return `Static analysis, nothing was run. Measure with a profiler of the language before you change much.${cut}`;
}
