/** Decides `get_diff`: what a commit changed, or how two commits differ, as patches or as counts. */
import { z } from 'zod';
import type { DiffAnswer, FileDiff } from '../history/port.ts';
import { answerBudget } from './budget.ts';
import { codebaseName, codebasePath } from './codebase-path.ts';
import {
  commitFields,
  given,
  historyFields,
  messageFrom,
  refParameter,
  toCommitFields,
  toHistoryFields,
} from './commit-fields.ts';
import { defineTool, readOnly } from './define.ts';

const file = z.strictObject({
  path: z.string().describe('In the codebase.'),
  old_path: z.string().optional().describe('Its name before.'),
  status: z.enum(['added', 'deleted', 'modified', 'renamed', 'typeChanged']),
  old_mode: z
    .string()
    .optional()
    .describe('Where it is not that of a plain file: 100755 executable, 120000 link, 160000 submodule.'),
  new_mode: z.string().optional(),
  added_lines: z.number().int().optional(),
  deleted_lines: z.number().int().optional(),
  binary: z.boolean().optional().describe('True: no text, or larger than the files that are indexed.'),
  patch: z.string().optional().describe('Hunks of the unified format.'),
  next_line_offset: z
    .number()
    .int()
    .optional()
    .describe('The patch goes on: call again with file_offset of this file and this as line_offset.'),
  file_offset: z.number().int().describe('Its place among the files that differ.'),
});

export const getDiff = defineTool({
  name: 'get_diff',
  title: 'Show a diff',
  description: [
    'Show what one commit changed (commit), or how two commits, branches or tags differ (from and to), as patches file by file.',
    'Use it after list_commits or search_commits, with the sha found there. For large changes begin with stat_only, then narrow with path_globs.',
    'To read a file as it is now use read_code_file. Merges are shown against their first parent; secrets, ignored and excluded files are left out and counted.',
    'Needs a codebase from git. Example: {"codebase_path": "shop", "commit": "HEAD~1"} or {"codebase_path": "shop", "from": "v1.2", "to": "v1.3", "stat_only": true}',
  ].join(' '),
  input: z.strictObject({
    codebase_path: codebasePath,
    commit: refParameter.optional().describe('One commit against its first parent: a sha, branch, tag, "HEAD~1".'),
    from: refParameter.optional().describe('The older side, in place of commit.'),
    to: refParameter.optional().describe('The newer side. Default: the commit that is checked out.'),
    from_merge_base: z
      .boolean()
      .default(false)
      .describe('True: against the last commit that from and to have in common, as pull requests show it.'),
    path_globs: z
      .array(z.string().min(1).max(500))
      .max(50)
      .default([])
      .describe('Only files whose path fits one, for example "src/**/*.ts"; "!" in front: all but these.'),
    stat_only: z.boolean().default(false).describe('True: files and counts of lines, without patches.'),
    context_lines: z.number().int().min(0).max(50).default(3).describe('Unchanged lines around each change.'),
    ignore_whitespace: z
      .boolean()
      .default(false)
      .describe('True: lines that differ in white space alone do not count.'),
    limit: z.number().int().min(1).max(500).default(100).describe('Most files in one answer.'),
    file_offset: z
      .number()
      .int()
      .min(0)
      .max(1_000_000)
      .default(0)
      .describe('Files to skip: next_file_offset of the answer before.'),
    line_offset: z
      .number()
      .int()
      .min(0)
      .max(10_000_000)
      .default(0)
      .describe(
        'Lines of the patch at file_offset to skip: next_line_offset of that file. Then only this file is shown.',
      ),
  }),
  output: z.strictObject({
    ...historyFields,
    from: z.string().optional().describe('The older side; absent where there is none.'),
    to: z.string(),
    commit: z.strictObject(commitFields).optional(),
    total_files: z.number().int().describe('Files that differ and fit path_globs, on all pages.'),
    left_out: z
      .record(z.string(), z.number().int())
      .optional()
      .describe('Files that differ and are never shown, by reason.'),
    files: z.array(file),
    truncated: z.boolean().describe('True: there are more files, or a patch goes on.'),
    next_file_offset: z.number().int().optional().describe('Call again with this as file_offset for the next files.'),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  lane: 'history',
  handle: async (args, { engine, settings, signal }) => {
    const answer = await engine.history.diff(
      {
        codebase: codebaseName(args.codebase_path, settings.config),
        ...given({ commit: args.commit, from: args.from, to: args.to }),
        fromMergeBase: args.from_merge_base,
        pathGlobs: args.path_globs,
        statOnly: args.stat_only,
        contextLines: args.context_lines,
        ignoreWhitespace: args.ignore_whitespace,
        fileOffset: args.file_offset,
        lineOffset: args.line_offset,
        limit: args.limit,
        budget: answerBudget,
      },
      signal,
    );
    const { commit, from, to, totalFiles, leftOut, nextFile } = answer;
    const cut = answer.files.some(({ nextLine }) => nextLine !== undefined);
    return {
      ...toHistoryFields(answer),
      ...(from !== undefined && { from }),
      to,
      ...(commit !== undefined && { commit: toCommitFields(commit, 2000) }),
      total_files: totalFiles,
      ...(Object.keys(leftOut).length > 0 && { left_out: leftOut }),
      files: answer.files.map(toFileFields),
      truncated: cut || nextFile !== undefined,
      ...(nextFile !== undefined && { next_file_offset: nextFile }),
      ...messageFrom(answer.notice, nothing(answer, args.path_globs), goingOn(answer, cut)),
    };
  },
});

function toFileFields({ path, oldPath, status, modes, added, deleted, without, patch, nextLine, index }: FileDiff) {
  return {
    path,
    ...(oldPath !== undefined && { old_path: oldPath }),
    status,
    ...(modes?.old !== undefined && { old_mode: modes.old }),
    ...(modes?.new !== undefined && { new_mode: modes.new }),
    ...(added !== undefined && { added_lines: added }),
    ...(deleted !== undefined && { deleted_lines: deleted }),
    ...(without === 'binary' && { binary: true }),
    ...(patch !== undefined && { patch }),
    ...(nextLine !== undefined && { next_line_offset: nextLine }),
    file_offset: index,
  };
}

function nothing({ totalFiles, leftOut, commit }: DiffAnswer, globs: readonly string[]): string {
  if (totalFiles > 0 || commit?.isHistoryEnd === true) return '';
  const hidden = Object.values(leftOut).reduce((sum, count) => sum + (count ?? 0), 0);
  if (globs.length > 0) return 'No file that differs fits path_globs, which are matched against paths in the codebase.';
  return hidden > 0 ? 'All files that differ are ones that are never shown.' : 'No file of the codebase differs.';
}

function goingOn({ nextFile, totalFiles }: DiffAnswer, cut: boolean): string {
  const sentences = [
    cut ? 'A patch goes on: call again with its file_offset and next_line_offset as line_offset.' : '',
    nextFile === undefined
      ? ''
      : `There are ${totalFiles - nextFile} more files: call again with file_offset=${nextFile}.`,
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}
