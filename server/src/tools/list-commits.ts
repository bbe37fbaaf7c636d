/** Decides `list_commits`: who changed what and when, newest first. */
import { z } from 'zod';
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

export const listCommits = defineTool({
  name: 'list_commits',
  title: 'List commits',
  description: [
    "List a codebase's commits, newest first: id, author, date, message and how many files each changed.",
    'Use it for what happened lately, who works on a file or directory (path; a single file is followed through renames), or what is new between two releases (ref and exclude_ref).',
    'To find the commits about a word use search_commits; to see what a commit changed use get_diff with its sha.',
    'Needs a codebase from git. Example: {"codebase_path": "shop", "path": "src/payment", "since": "2 weeks ago", "limit": 10}',
  ].join(' '),
  input: z.strictObject({
    codebase_path: codebasePath,
    ref: refParameter
      .optional()
      .describe('Where to begin: branch, tag or commit id, "HEAD~3" too. Default: the commit that is checked out.'),
    exclude_ref: refParameter
      .optional()
      .describe('Leave out commits that this one has as well, such as the last release.'),
    path: commitPath.optional().describe('Only commits that change this file or directory of the codebase.'),
    follow_renames: z.boolean().default(true).describe("With a single file as path: its former names' commits, too."),
    ...commitSelection,
    limit: z.number().int().min(1).max(200).default(30).describe('Most commits in one answer.'),
    cursor: cursorParameter,
  }),
  output: z.strictObject({
    ...historyFields,
    commits: z.array(z.strictObject(commitFields)),
    truncated: z.boolean().describe('True: there are more; see next_cursor.'),
    next_cursor: z.string().optional().describe('Call again with this as cursor for older ones.'),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  lane: 'history',
  handle: async (args, { engine, settings, signal }) => {
    const request = {
      codebase: codebaseName(args.codebase_path, settings.config),
      followRenames: args.follow_renames,
      limit: args.limit,
      ...given({ ref: args.ref, excludeRef: args.exclude_ref, path: args.path, cursor: args.cursor }),
      ...given({ author: args.author, since: args.since, until: args.until }),
    };
    const answer = await engine.history.commits(request, signal);
    const { kept, left } = fitList(answer.commits.map((commit) => toCommitFields(commit)));
    const next = answer.hasMore || left > 0 ? answer.commits[kept.length - 1]?.cursor : undefined;
    return {
      ...toHistoryFields(answer),
      commits: kept,
      truncated: next !== undefined,
      ...(next !== undefined && { next_cursor: next }),
      ...messageFrom(answer.notice, next === undefined ? '' : 'There are more: call again with cursor=next_cursor.'),
    };
  },
});
