/** Decides `analyze_codebase_improvements`: what of a codebase is worth mending, the most important first. */
import { z } from 'zod';
import {
  type ImprovementKind,
  type ImprovementsAnswer,
  type ImprovementsRequest,
  improvementKinds,
  priorities,
} from '../analysis/port.ts';
import type { ServerConfig } from '../contract.ts';
import {
  analysisScopeOf,
  behindLast,
  noFiles,
  pageFields,
  pageOf,
  pageOffset,
  provenanceFields,
} from './analysis-fields.ts';
import { codebasePath } from './codebase-path.ts';
import { defineTool, readOnly } from './define.ts';
import { fileScope } from './file-scope.ts';

const suggestion = z.strictObject({
  kind: z.enum(improvementKinds),
  priority: z.enum(priorities),
  file_path: z.string().describe('Write it as file_path of read_code_file.'),
  line: z.number().int(),
  end_line: z.number().int().optional(),
  symbol: z.string().optional(),
  message: z.string(),
});

type RequestArguments = Parameters<typeof analysisScopeOf>[0] & {
  include_tests: boolean;
  include_duplicates: boolean;
  kinds: ImprovementKind[];
  max_file_lines: number;
  max_complexity: number;
  max_function_lines: number;
};

function requestOf(args: RequestArguments, config: ServerConfig): ImprovementsRequest {
  return {
    ...analysisScopeOf(args, config),
    includeTests: args.include_tests,
    includeDuplicates: args.include_duplicates || args.kinds.includes('duplicate_code'),
    maxFileLines: args.max_file_lines,
    maxComplexity: args.max_complexity,
    maxFunctionLines: args.max_function_lines,
  };
}

export const analyzeCodebaseImprovements = defineTool({
  name: 'analyze_codebase_improvements',
  title: 'Suggest improvements of a codebase',
  description: [
    'Find what is worth mending in a codebase: TODO, FIXME and HACK comments, files of too many lines, functions that are too complex or too long, exported definitions without a doc comment, and duplicate code on request; each with its place, priority and a suggestion.',
    'Use it for a review or to plan a clean-up: kinds and path_globs narrow it. For copies alone use find_duplicate_code; for the undocumented names of a file use list_undocumented_functions.',
    'Example: {"codebase_path": "shop", "kinds": ["complex_function", "todo"], "include_tests": false}',
  ].join(' '),
  input: z.strictObject({
    codebase_path: codebasePath,
    ...fileScope,
    kinds: z.array(z.enum(improvementKinds)).max(6).default([]).describe('Only these kinds; all when empty.'),
    min_priority: z.enum(priorities).default('low').describe('Only this priority and higher ones.'),
    include_tests: z.boolean().default(true).describe('False: files of tests are left out.'),
    include_duplicates: z
      .boolean()
      .default(false)
      .describe('True: looks for duplicate code of 20 lines and more, too, which takes some seconds.'),
    max_file_lines: z.number().int().min(50).max(100_000).default(500).describe('Longer files are told.'),
    max_complexity: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(10)
      .describe('Functions of a higher cyclomatic complexity are told.'),
    max_function_lines: z.number().int().min(10).max(10_000).default(100).describe('Longer functions are told.'),
    limit: z.number().int().min(1).max(1000).default(50).describe('Most suggestions in one answer.'),
    offset: pageOffset('Suggestions'),
  }),
  output: z.strictObject({
    codebase: z.string(),
    summary: z.strictObject({
      files: z.number().int(),
      functions: z.number().int(),
      exported_definitions: z.number().int().describe('That other files can use, tests left out.'),
      documented_percent: z.number().describe('Of these, with a doc comment.'),
      counts: z.record(z.string(), z.number().int()).describe('Findings by kind, before kinds and min_priority.'),
    }),
    suggestions: z.array(suggestion),
    total_suggestions: z.number().int().describe('That fit kinds and min_priority, on all pages.'),
    ...pageFields,
    ...provenanceFields,
    message: z.string().optional(),
  }),
  annotations: readOnly,
  lane: 'analysis',
  isAtHand: (args, { engine, settings }) => engine.analysis.isAtHand('improvements', requestOf(args, settings.config)),
  timeoutMs: 120_000,
  handle: async (args, { engine, settings, signal }) => {
    const request = requestOf(args, settings.config);
    const answer = await engine.analysis.improvements(request, signal);
    const least = priorities.indexOf(args.min_priority);
    const wanted = answer.improvements.filter(
      ({ kind, priority }) =>
        (args.kinds.length === 0 || args.kinds.includes(kind)) && priorities.indexOf(priority) <= least,
    );
    const entries = wanted.map(({ path, endLine, ...one }) => ({
      ...one,
      file_path: `${request.codebase}/${path}`,
      ...(endLine !== undefined && { end_line: endLine }),
    }));
    const { kept, fields } = pageOf(entries, { offset: args.offset, limit: args.limit });
    const message = messageOf(args, answer, wanted.length, fields.next_offset);
    return {
      codebase: request.codebase,
      summary: {
        files: answer.files,
        functions: answer.functions,
        exported_definitions: answer.exported,
        documented_percent: answer.exported === 0 ? 100 : Math.round((answer.documented / answer.exported) * 1000) / 10,
        counts: answer.counts,
      },
      suggestions: kept,
      total_suggestions: wanted.length,
      ...fields,
      index_version: answer.version,
      took_ms: answer.tookMs,
      ...(message !== undefined && { message }),
    };
  },
});

type Arguments = { codebase_path: string; path_globs: string[]; languages: string[]; offset: number };

function messageOf(
  args: Arguments,
  answer: ImprovementsAnswer,
  wanted: number,
  next: number | undefined,
): string | undefined {
  if (answer.files === 0) return noFiles(args);
  if (wanted === 0) return 'Nothing of these kinds was found.';
  return next === undefined
    ? behindLast(wanted, args.offset, 'Suggestions')
    : `${wanted - next} more suggestions. Narrow them with kinds, min_priority or path_globs, or call again with offset=${next}.`;
}
