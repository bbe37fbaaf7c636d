/** Decides `search_codebase`: every line that matches a text or a regular expression, in linear time. */
import { z } from 'zod';
import type { ServerConfig } from '../contract.ts';
import type { ExactSearchAnswer, ExactSearchRequest } from '../engine.ts';
import { fitList } from './budget.ts';
import { codebasePath, codebasesOf, nameInGlobs } from './codebase-path.ts';
import { defineTool, readOnly, type ToolContext } from './define.ts';
import { type ModeArguments, type OtherMode, refuseTextOptions, searchByMeaning, searchGraph } from './search-modes.ts';

const filePath = z.string().describe('Write it as file_path of read_code_file.');
const match = z.strictObject({
  file_path: filePath,
  line_number: z.number().int(),
  end_line: z.number().int().optional().describe('Last line of a match over several lines.'),
  column: z.number().int().optional().describe('Where a match of text starts in its line, in characters from 1.'),
  line_content: z.string().describe('The line or lines of the match; long ones are cut around it.'),
  before: z.array(z.string()).optional(),
  after: z.array(z.string()).optional(),
  symbol: z.string().optional().describe('What is defined there, calls or is called, with search_mode "graph".'),
  relation: z
    .enum(['definition', 'caller', 'callee'])
    .optional()
    .describe('With search_mode "graph": the line defines it, calls it, or is where it calls.'),
  depth: z.number().int().optional().describe('Calls between this and the definition.'),
  score: z.number().optional().describe('With search_mode "semantic": higher is better, in one answer.'),
});
/** Each page is searched for from the start, so that late ones cost as much as all before them. */
const maxOffset = 10_000;
const globs = z.array(z.string().min(1).max(500)).max(50).default([]);

export const searchCodebase = defineTool({
  name: 'search_codebase',
  title: 'Search text or pattern',
  description: [
    'Find every line that matches an exact text or a regular expression, like grep, in one codebase or in all.',
    'Use it when you know the words: a function name, an error message, a configuration key, an import.',
    'Do not use it to find code by what it does: that is semantic_search_codebase.',
    'The pattern is a regular expression in Rust syntax (no look-around, no back-references) unless regex is false.',
    'With output_mode "files" or "count" it tells only which files match, or how often.',
    'Answers come from the published index, in the order of paths.',
    'search_mode "semantic" and "graph" are short forms of semantic_search_codebase and of find_symbol with trace_calls.',
    'Example: {"codebase_path": "shop", "pattern": "def \\\\w+_total\\\\(", "file_types": ["py"]}',
  ].join(' '),
  input: z.strictObject({
    codebase_path: codebasePath.describe(
      'The codebase: its name as list_codebases gives it, or the directory it is made from. "*": all of them.',
    ),
    pattern: z.string().min(1).max(1000).describe('Regular expression, or literal text with regex=false.'),
    file_types: z
      .array(z.string().min(1).max(500))
      .max(50)
      .default([])
      .describe('Only these: extensions ("py", ".d.ts"), languages ("python") or names ("Makefile").'),
    include_patterns: globs.describe('Globs of paths to look at, for example "src/**/*.ts"; all when left out.'),
    exclude_patterns: globs.describe('Globs of paths to leave out, for example "**/test/**".'),
    regex: z.boolean().default(true).describe('False: search for the pattern as literal text.'),
    case_sensitive: z.boolean().default(false).describe('True: capital and small letters differ.'),
    smart_case: z
      .boolean()
      .default(false)
      .describe('True: capital and small letters differ if the pattern has a capital letter.'),
    whole_word: z.boolean().default(false).describe('True: matches start and end at the border of a word.'),
    multiline: z.boolean().default(false).describe('True: a match may go over lines; "." matches line ends with (?s).'),
    output_mode: z
      .enum(['matches', 'files', 'count'])
      .default('matches')
      .describe('"matches": places and lines; "files": paths of files that match; "count": matching lines by file.'),
    search_mode: z
      .enum(['regex', 'semantic', 'graph'])
      .default('regex')
      .describe(
        'regex: text. semantic: passages that fit the pattern as a question. graph: definitions whose name has it, with their callers.',
      ),
    context_depth: z
      .number()
      .int()
      .min(0)
      .max(5)
      .default(1)
      .describe('With search_mode "graph": steps of calls to follow from the first three definitions; 0: none.'),
    include_dependencies: z
      .boolean()
      .default(false)
      .describe('With search_mode "graph": also what the definitions call.'),
    context_lines: z.number().int().min(0).max(10).default(0).describe('Lines to show before and after each match.'),
    limit: z.number().int().min(1).max(1000).default(100).describe('Most matches, or files, in one answer.'),
    offset: z
      .number()
      .int()
      .min(0)
      .max(maxOffset)
      .default(0)
      .describe('Matches, or files, to skip: next_offset of the answer before.'),
  }),
  output: z.strictObject({
    codebase: z.string().describe('What was searched; "*" is all codebases.'),
    pattern: z.string(),
    results: z.array(match).describe('Matches; empty in the other output modes.'),
    files: z.array(filePath).optional().describe('Files that match, with output_mode "files".'),
    counts: z
      .array(z.strictObject({ file_path: filePath, matches: z.number().int() }))
      .optional()
      .describe('Matching lines by file (matches, with multiline), with output_mode "count".'),
    total_matches: z.number().int().optional().describe('Of the whole search, with output_mode "files" or "count".'),
    total_files: z.number().int().optional().describe('Of the whole search, with output_mode "files" or "count".'),
    truncated: z.boolean().describe('True: there is more than this answer holds.'),
    next_offset: z.number().int().optional().describe('Call again with this offset for what follows.'),
    version: z.string().optional().describe('Published versions that were searched; equal ones mean equal answers.'),
    took_ms: z.number(),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  lane: 'search',
  handle: async (args, context) => {
    const { engine, settings, signal } = context;
    if (args.search_mode !== 'regex') return searchOtherwise(args.search_mode, args, context);
    const request: ExactSearchRequest = {
      pattern: args.pattern,
      codebases: codebasesOf(args.codebase_path, settings.config),
      regex: args.regex,
      case: args.case_sensitive ? 'sensitive' : args.smart_case ? 'smart' : 'insensitive',
      wholeWord: args.whole_word,
      multiline: args.multiline,
      fileTypes: args.file_types,
      includePatterns: args.include_patterns,
      excludePatterns: args.exclude_patterns,
      report: args.output_mode === 'matches' ? 'matches' : 'files',
      offset: args.offset,
      limit: args.limit,
      contextLines: args.context_lines,
    };
    const answer = await engine.exactSearch(request, signal);
    const { shown, size } = show(answer, args.output_mode, args.context_lines > 0);
    const left = answer.matches.length + answer.files.length - size;
    const truncated = left > 0 || answer.truncated;
    const next = args.offset + size;
    return {
      codebase: request.codebases[0] ?? '*',
      pattern: args.pattern,
      ...shown,
      ...(answer.totals !== undefined && {
        total_matches: answer.totals.matches,
        total_files: answer.totals.files,
      }),
      truncated,
      ...(truncated && next <= maxOffset && { next_offset: next }),
      ...withMessage(answer.notice, truncated ? more(next) : size === 0 ? nothingFound(args, settings.config) : ''),
      version: answer.version,
      took_ms: answer.tookMs,
    };
  },
});

type OtherArguments = ModeArguments & {
  regex: boolean;
  smart_case: boolean;
  whole_word: boolean;
  multiline: boolean;
  output_mode: string;
  context_lines: number;
};

async function searchOtherwise(mode: OtherMode, args: OtherArguments, context: ToolContext) {
  refuseTextOptions(mode, {
    'regex=false': !args.regex,
    smart_case: args.smart_case,
    whole_word: args.whole_word,
    multiline: args.multiline,
    output_mode: args.output_mode !== 'matches',
    context_lines: args.context_lines > 0,
    case_sensitive: args.case_sensitive && mode === 'semantic',
  });
  const answer = await (mode === 'semantic' ? searchByMeaning(args, context) : searchGraph(args, context));
  const { config } = context.settings;
  const places = answer.results.filter(({ relation }) => relation === undefined || relation === 'definition').length;
  const next = args.offset + places;
  const goesOn = answer.more && places > 0 && next <= maxOffset;
  return {
    codebase: codebasesOf(args.codebase_path, config)[0] ?? '*',
    pattern: args.pattern,
    results: answer.results,
    truncated: answer.more,
    ...(goesOn && { next_offset: next }),
    ...withMessage(answer.notice, answer.more ? more(next) : answer.results.length === 0 ? otherwise(mode) : ''),
    ...(answer.version !== undefined && { version: answer.version }),
    took_ms: answer.tookMs,
  };
}

function otherwise(mode: OtherMode): string {
  return mode === 'graph'
    ? 'No definition has this in its name: try search_mode "regex" for the text, or "semantic" for what it does.'
    : 'Nothing was found. Try other words, or search_mode "regex" for exact text.';
}

function more(next: number): string {
  const advice = 'Narrow the search with file_types, include_patterns, exclude_patterns or a longer pattern';
  return next <= maxOffset
    ? `There is more. ${advice}, or call again with offset=${next}.`
    : `There is more than can be paged through. ${advice}.`;
}

type Filters = { offset: number; file_types: string[]; include_patterns: string[]; exclude_patterns: string[] };

/** Why nothing matched, where that may not be what the caller thinks; '' where it is. */
function nothingFound(
  { offset, file_types, include_patterns, exclude_patterns }: Filters,
  { sources }: ServerConfig,
): string {
  if (offset > 0) return `There is nothing from offset ${offset} on.`;
  if (file_types.length + include_patterns.length + exclude_patterns.length === 0) return '';
  const names = sources.map(({ name }) => name);
  return `Nothing matches in the files that file_types, include_patterns and exclude_patterns leave.${nameInGlobs([...include_patterns, ...exclude_patterns], names)}`;
}

function withMessage(...sentences: (string | undefined)[]): { message?: string } {
  const message = sentences.filter((sentence) => sentence !== undefined && sentence !== '').join(' ');
  return message === '' ? {} : { message };
}

/** What fits of the answer, in the form of the output mode, and how many items that is. */
function show({ matches, files }: ExactSearchAnswer, mode: 'matches' | 'files' | 'count', withContext: boolean) {
  if (mode === 'matches') {
    const { kept } = fitList(matches.map((found) => showMatch(found, withContext)));
    return { shown: { results: kept }, size: kept.length };
  }
  const counts = files.map(({ codebase, path, matches }) => ({ file_path: `${codebase}/${path}`, matches }));
  const { kept } = fitList(counts);
  if (mode === 'count') return { shown: { results: [], counts: kept }, size: kept.length };
  return { shown: { results: [], files: kept.map(({ file_path }) => file_path) }, size: kept.length };
}

function showMatch(found: ExactSearchAnswer['matches'][number], withContext: boolean) {
  const { codebase, path, lineNumber, endLine, column, lineContent, before, after } = found;
  return {
    file_path: `${codebase}/${path}`,
    line_number: lineNumber,
    ...(endLine !== undefined && { end_line: endLine }),
    column,
    line_content: lineContent,
    ...(withContext && { before, after }),
  };
}
