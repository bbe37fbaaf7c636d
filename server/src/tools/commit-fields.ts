/** Decides how a commit reads in the answers of tools. */
import { z } from 'zod';
import type { CommitFacts, HistoryFacts } from '../history/port.ts';

/** Parameters that select commits. */
export const commitSelection = {
  author: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\0\r\n]+$/, { error: 'must be one line' })
    .optional()
    .describe("Part of the author's name, in any case."),
  since: z
    .string()
    .min(1)
    .max(60)
    .optional()
    .describe('Only commits from then on: "2026-03-01", "2026-03-01T12:00:00Z" or "3 weeks ago".'),
  until: z.string().min(1).max(60).optional().describe('Only commits up to then, written as since.'),
};

export const refParameter = z.string().min(1).max(300);
export const commitPath = z.string().min(1).max(4096);
export const cursorParameter = z
  .string()
  .min(1)
  .max(100)
  .optional()
  .describe('next_cursor of the answer before, with all other arguments as they were.');

/** Counts of files that a commit changes. */
const filesChanged = z
  .strictObject({
    added: z.number().int(),
    changed: z.number().int(),
    deleted: z.number().int(),
    renamed: z.number().int(),
    left_out: z.number().int().optional().describe('Files never shown: secrets, ignored and excluded ones.'),
  })
  .optional()
  .describe('Files by what became of them, a merge against its first parent; absent where it is not known.');

export const commitFields = {
  sha: z.string(),
  short_sha: z.string(),
  author: z.string().describe('Name, without e-mail address.'),
  date: z.string().describe('When it was committed.'),
  authored_at: z.string().optional().describe('When it was written, where that is another day.'),
  subject: z.string(),
  body: z.string().optional().describe('The rest of the message.'),
  body_cut: z.boolean().optional().describe('True: the message is longer.'),
  merge_of: z
    .array(z.string())
    .optional()
    .describe('Parents of a merge; the first is the branch that was merged into.'),
  history_ends: z
    .boolean()
    .optional()
    .describe('True: older commits are not here, so what this one changed is not known.'),
  files_changed: filesChanged,
};

/** Characters of a body in a list. */
const listedBody = 600;

/** One commit as tools answer it. */
export function toCommitFields(commit: CommitFacts, longestBody = listedBody) {
  const { body, bodyIsCut, parents, changes } = commit;
  const isCut = bodyIsCut || body.length > longestBody;
  return {
    sha: commit.id,
    short_sha: commit.shortId,
    author: commit.author,
    date: commit.date,
    ...(commit.authored !== undefined && { authored_at: commit.authored }),
    subject: commit.subject,
    ...(body !== '' && { body: body.slice(0, longestBody) }),
    ...(isCut && { body_cut: true }),
    ...(parents.length > 1 && { merge_of: parents }),
    ...(commit.isHistoryEnd && { history_ends: true }),
    ...(changes !== undefined && {
      files_changed: {
        added: changes.added,
        changed: changes.changed,
        deleted: changes.deleted,
        renamed: changes.renamed,
        ...(changes.leftOut > 0 && { left_out: changes.leftOut }),
      },
    }),
  };
}

export const historyFields = {
  codebase: z.string(),
  head: z.string().describe('The commit at which this begins.'),
  shallow: z.boolean().describe('True: only the latest part of the history is here.'),
};

/** What every answer tells of the repository. */
export function toHistoryFields({ codebase, head, isShallow }: HistoryFacts) {
  return { codebase, head, shallow: isShallow };
}

/** The sentences that there are, as one message. */
export function messageFrom(...sentences: (string | undefined)[]): { message?: string } {
  const message = sentences.filter((sentence) => sentence !== undefined && sentence !== '').join(' ');
  return message === '' ? {} : { message };
}

/** The fields that are not undefined. */
export function given<K extends string>(fields: Record<K, string | undefined>): { [P in K]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [P in K]?: string };
}
