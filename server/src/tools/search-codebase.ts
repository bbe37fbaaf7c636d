/** Decides `search_codebase`: every line that matches a text or a regular expression, in linear time. */
import { z } from 'zod';
import { fitList } from './budget.ts';
import { codebaseName, codebasePath } from './codebase-path.ts';
import { defineTool, readOnly } from './define.ts';

const match = z.strictObject({
  file_path: z.string().describe('Write it as file_path of read_code_file.'),
  line_number: z.number().int(),
  line_content: z.string(),
  before: z.array(z.string()).optional(),
  after: z.array(z.string()).optional(),
});

export const searchCodebase = defineTool({
  name: 'search_codebase',
  title: 'Search text or pattern',
  description: [
    'Find every line that matches an exact text or a regular expression, like grep.',
    'Use it when you know the words: a function name, an error message, a configuration key, an import.',
    'Do not use it to find code by what it does: that is semantic_search_codebase.',
    'The pattern is a regular expression in Rust syntax (no look-around, no back-references) unless regex is false.',
    'Example: {"codebase_path": "shop", "pattern": "def \\\\w+_total\\\\(", "file_types": ["py"]}',
  ].join(' '),
  input: z.strictObject({
    codebase_path: codebasePath,
    pattern: z.string().min(1).max(1000).describe('Regular expression, or literal text with regex=false.'),
    file_types: z
      .array(z.string().min(1).max(500))
      .max(50)
      .default([])
      .describe('Only these: extensions ("py", ".d.ts"), languages ("python") or names ("Makefile").'),
    exclude_patterns: z
      .array(z.string().min(1).max(500))
      .max(50)
      .default([])
      .describe('Globs of paths to leave out, for example "**/test/**".'),
    regex: z.boolean().default(true).describe('False: search for the pattern as literal text.'),
    case_sensitive: z.boolean().default(false).describe('True: capital and small letters differ.'),
    context_lines: z.number().int().min(0).max(10).default(0).describe('Lines to show before and after each match.'),
    limit: z.number().int().min(1).max(1000).default(100).describe('Most matches in one answer.'),
    offset: z
      .number()
      .int()
      .min(0)
      .max(10_000)
      .default(0)
      .describe('Matches to skip: next_offset of the answer before.'),
  }),
  output: z.strictObject({
    codebase: z.string(),
    pattern: z.string(),
    results: z.array(match),
    truncated: z.boolean().describe('True: there are more matches than this answer holds.'),
    next_offset: z.number().int().optional().describe('Call again with this offset for the next matches.'),
    took_ms: z.number(),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  handle: async (args, { engine, settings, signal }) => {
    const codebase = codebaseName(args.codebase_path, settings.config);
    const answer = await engine.exactSearch(
      {
        pattern: args.pattern,
        codebase,
        regex: args.regex,
        caseSensitive: args.case_sensitive,
        fileTypes: args.file_types,
        excludePatterns: args.exclude_patterns,
        limit: args.offset + args.limit,
        contextLines: args.context_lines,
      },
      signal,
    );
    const found = answer.matches.slice(args.offset).map((hit) => ({
      file_path: `${codebase}/${hit.path}`,
      line_number: hit.lineNumber,
      line_content: hit.lineContent,
      ...(args.context_lines > 0 && { before: hit.before, after: hit.after }),
    }));
    const { kept, left } = fitList(found);
    const truncated = left > 0 || answer.truncated;
    return {
      codebase,
      pattern: args.pattern,
      results: kept,
      truncated,
      ...(truncated && {
        next_offset: args.offset + kept.length,
        message: `There are more matches. Narrow the search with file_types, exclude_patterns or a longer pattern, or call again with offset=${args.offset + kept.length}.`,
      }),
      took_ms: answer.tookMs,
    };
  },
});
