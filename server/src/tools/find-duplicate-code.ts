/** Decides `find_duplicate_code`: groups of places whose code is the same or nearly so. */
import { z } from 'zod';
import type { DuplicateGroup, DuplicatesAnswer, DuplicatesRequest } from '../analysis/port.ts';
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

const group = z.strictObject({
  similarity: z
    .number()
    .describe(
      '1: the same tokens. Renamed names and changed literals count in part. The lowest of the pairs compared.',
    ),
  lines: z.number().int().describe('Lines of one occurrence.'),
  occurrences: z.array(
    z.strictObject({
      file_path: z.string(),
      start_line: z.number().int(),
      end_line: z.number().int(),
      symbols: z.array(z.string()).optional().describe('Definitions that start there, or the one around it.'),
    }),
  ),
  more_occurrences: z.number().int().optional().describe('Occurrences left out here.'),
});

export const findDuplicateCode = defineTool({
  name: 'find_duplicate_code',
  title: 'Find duplicate code',
  description: [
    'Find code that was copied, within files and between them: groups of two or more places with their lines and similarity, the most worth mending first.',
    'Copies whose names or literals were changed are found too, at a lower similarity. Comments, formatting and imports do not count; data and prose (JSON, YAML, Markdown and the like) are left out.',
    'Use it before a refactoring. For code that does something like a given place use find_related_code.',
    'Example: {"codebase_path": "shop", "min_similarity": 0.9, "min_lines": 15, "include_tests": false}',
  ].join(' '),
  input: z.strictObject({
    codebase_path: codebasePath,
    min_similarity: z.number().min(0.5).max(1).default(0.8).describe('Part of the tokens that must be alike.'),
    min_lines: z.number().int().min(3).max(1000).default(10).describe('Fewest lines of one place.'),
    ...fileScope,
    include_tests: z.boolean().default(true).describe('False: files of tests are left out.'),
    limit: z.number().int().min(1).max(500).default(30).describe('Most groups in one answer.'),
    offset: pageOffset('Groups'),
  }),
  output: z.strictObject({
    codebase: z.string(),
    groups: z.array(group),
    total_groups: z.number().int(),
    files_compared: z.number().int(),
    duplicated_lines: z.number().int().describe('Distinct lines that belong to any group.'),
    duplicated_percent: z.number().describe('Of the lines of all files compared.'),
    complete: z.boolean().describe('False: the codebase is too large to be compared whole; narrow it with path_globs.'),
    ...pageFields,
    ...provenanceFields,
    message: z.string().optional(),
  }),
  annotations: readOnly,
  lane: 'analysis',
  isAtHand: (args, { engine, settings }) => engine.analysis.isAtHand('duplicates', requestOf(args, settings.config)),
  timeoutMs: 120_000,
  handle: async (args, { engine, settings, signal }) => {
    const request = requestOf(args, settings.config);
    const answer = await engine.analysis.duplicates(request, signal);
    const entries = answer.groups.map((one) => toGroup(one, request.codebase));
    const { kept, fields } = pageOf(entries, { offset: args.offset, limit: args.limit });
    const message = messageOf(args, answer, fields.next_offset);
    return {
      codebase: request.codebase,
      groups: kept,
      total_groups: answer.totalGroups,
      files_compared: answer.filesCompared,
      duplicated_lines: answer.duplicatedLines,
      duplicated_percent:
        answer.comparedLines === 0 ? 0 : Math.round((answer.duplicatedLines / answer.comparedLines) * 1000) / 10,
      complete: answer.complete,
      ...fields,
      index_version: answer.version,
      took_ms: answer.tookMs,
      ...(message !== undefined && { message }),
    };
  },
});

const mostOccurrences = 12;

function toGroup({ similarity, lines, occurrences }: DuplicateGroup, codebase: string): z.input<typeof group> {
  const shown = occurrences.slice(0, mostOccurrences).map(({ path, startLine, endLine, symbols }) => ({
    file_path: `${codebase}/${path}`,
    start_line: startLine,
    end_line: endLine,
    ...(symbols.length > 0 && { symbols }),
  }));
  const left = occurrences.length - shown.length;
  return {
    // Rounding must not make a copy out of what is nearly one.
    similarity: Math.floor(similarity * 1000) / 1000,
    lines,
    occurrences: shown,
    ...(left > 0 && { more_occurrences: left }),
  };
}

function requestOf(args: Arguments & { include_tests: boolean }, config: ServerConfig): DuplicatesRequest {
  return {
    ...analysisScopeOf(args, config),
    minSimilarity: args.min_similarity,
    minLines: args.min_lines,
    includeTests: args.include_tests,
  };
}

type Arguments = {
  codebase_path: string;
  path_globs: string[];
  languages: string[];
  min_similarity: number;
  min_lines: number;
  offset: number;
};

function messageOf(args: Arguments, answer: DuplicatesAnswer, next: number | undefined): string | undefined {
  const { filesCompared, groups, totalGroups } = answer;
  if (filesCompared === 0)
    return args.path_globs.length + args.languages.length > 0 ? noFiles(args) : 'The codebase has no files of code.';
  if (groups.length === 0)
    return `No ${args.min_lines} lines of ${filesCompared} files are ${args.min_similarity} alike. Lower min_similarity or min_lines to find more.`;
  if (next !== undefined)
    return `${totalGroups - next} more groups. Raise min_lines or min_similarity, narrow with path_globs, or call again with offset=${next}.`;
  const past = behindLast(groups.length, args.offset, 'Groups');
  if (past !== undefined) return past;
  if (groups.length < totalGroups)
    return `Only the first ${groups.length} of ${totalGroups} groups are kept. Raise min_lines or min_similarity, or narrow with path_globs.`;
  return undefined;
}
