/** Decides `search_commits`: which commits speak of a text or brought it in or out. */
import { z } from 'zod';
import type { CommitSearchAnswer } from '../history/port.ts';
import { fitList } from './budget.ts';
import { codebaseName, codebasePath } from './codebase-path.ts';
import {
  commitFields,
  commitPath,
  commitSelection,
  cursorParameter,
  given,
  historyFields,
  messageFrom,
  refParameter,
  toCommitFields,
  toHistoryFields,
} from './commit-fields.ts';
import { defineTool, readOnly } from './define.ts';

export const searchCommits = defineTool({
  name: 'search_commits',
  title: 'Search commits',
  description: [
    'Find the commits whose message speaks of something, or whose changed lines have a text: when was this function added, who removed that setting, which commit fixed the bug.',
    'Literal text in changes finds commits that change how often it occurs in a file, so that moved lines do not count; with regex, commits with an added or removed line that matches.',
    'Newest first, as many as there is time for; the answer says where to go on. Merges are searched by message alone.',
    'For code as it is now use search_codebase; for all commits of a file use list_commits; to see a commit found here use get_diff.',
    'Needs a codebase from git. Example: {"codebase_path": "shop", "query": "retryPayment", "search_in": "changes", "path": "src"}',
  ].join(' '),
  input: z.strictObject({
    codebase_path: codebasePath,
    query: z
      .string()
      .min(1)
      .max(500)
      .regex(/^[^\0\r\n]+$/, { error: 'must be one line' })
      .describe('Literal text, or a regular expression with regex=true.'),
    search_in: z.enum(['messages', 'changes', 'both']).default('both').describe('messages is by far the fastest.'),
    regex: z
      .boolean()
      .default(false)
      .describe(
        'True: query is a POSIX extended regular expression; \\d, \\w, \\s and \\b are known, look-around and back-references are not.',
      ),
    case_sensitive: z.boolean().default(false).describe('True: capital and small letters differ.'),
    ref: refParameter
      .optional()
      .describe('Where to begin: branch, tag or commit id. Default: the commit that is checked out.'),
    path: commitPath.optional().describe('Only commits that change this file or directory of the codebase.'),
    ...commitSelection,
    limit: z.number().int().min(1).max(100).default(20).describe('Most commits in one answer.'),
    max_seconds: z.number().int().min(2).max(25).default(12).describe('After this time the answer has what was found.'),
    cursor: cursorParameter,
  }),
  output: z.strictObject({
    ...historyFields,
    query: z.string(),
    matches: z.array(
      z.strictObject({
        ...commitFields,
        in_message: z.boolean(),
        files: z.array(z.string()).describe('Files whose changed lines have it: path_globs of get_diff.'),
        more_files: z.number().int().optional(),
      }),
    ),
    commits_searched: z.number().int().describe('In this call.'),
    ended_early: z.boolean().describe('True: the time was over; older commits were not searched.'),
    truncated: z.boolean().describe('True: older commits may match, too; see next_cursor.'),
    next_cursor: z.string().optional().describe('Call again with this as cursor to go on.'),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  lane: 'history',
  handle: async (args, { engine, settings, signal }) => {
    const answer = await engine.history.search(
      {
        codebase: codebaseName(args.codebase_path, settings.config),
        query: args.query,
        searchIn: args.search_in,
        regex: args.regex,
        caseSensitive: args.case_sensitive,
        limit: args.limit,
        seconds: args.max_seconds,
        ...given({ ref: args.ref, path: args.path, cursor: args.cursor }),
        ...given({ author: args.author, since: args.since, until: args.until }),
      },
      signal,
    );
    const { kept, left } = fitList(answer.matches.map(toMatchFields));
    const next = left > 0 ? answer.matches[kept.length - 1]?.cursor : answer.nextCursor;
    return {
      ...toHistoryFields(answer),
      query: args.query,
      matches: kept,
      commits_searched: answer.searched,
      ended_early: answer.endedEarly,
      truncated: next !== undefined,
      ...(next !== undefined && { next_cursor: next }),
      ...messageFrom(answer.notice, goingOn(answer, next !== undefined), nothing(answer, args.query, args.regex)),
    };
  },
});

function toMatchFields({ inMessage, files, moreFiles, ...commit }: CommitSearchAnswer['matches'][number]) {
  return {
    ...toCommitFields(commit),
    in_message: inMessage,
    files,
    ...(moreFiles > 0 && { more_files: moreFiles }),
  };
}

function goingOn({ endedEarly, searched }: CommitSearchAnswer, hasNext: boolean): string {
  if (!hasNext) return '';
  return endedEarly
    ? `The time was over after ${searched} commits: call again with cursor=next_cursor to search older ones, or narrow the search with path, since or author.`
    : 'There may be more: call again with cursor=next_cursor.';
}

function nothing({ matches, endedEarly, searched }: CommitSearchAnswer, query: string, isRegex: boolean): string {
  if (matches.length > 0 || endedEarly) return '';
  if (searched === 0) return 'No commit was searched: none fits path, author, since and until.';
  const literal = !isRegex && /\s/.test(query.trim()) ? ' The query is one text, not words: try one telling word.' : '';
  return `None of ${searched} commits has it.${literal} Files that are never shown (secrets, ignored and excluded ones) are not searched.`;
}
