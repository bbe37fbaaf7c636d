/** Decides how a list of commits is continued: from the commit at which it began, so that new ones do not shift its pages. */
import { createHash } from 'node:crypto';
import { CodeSageError } from '../errors.ts';

/** `start` is the commit that the list begins with, `skip` how many entries of it were had. */
export type Cursor = { start: string; skip: number };

const form = /^([0-9a-f]{40}|[0-9a-f]{64})-(\d{1,7})-([0-9a-f]{8})$/;

function digestOf(question: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('hex').slice(0, 8);
}

/** @param question what the list is of: a cursor continues that question only */
export function writeCursor({ start, skip }: Cursor, question: readonly unknown[]): string {
  return `${start}-${skip}-${digestOf(question)}`;
}

/** @throws CodeSageError `InvalidArgument` for what is no cursor of this question. */
export function readCursor(text: string, question: readonly unknown[]): Cursor {
  const [, start, skip, digest] = form.exec(text) ?? [];
  if (start !== undefined && digest === digestOf(question)) return { start, skip: Number(skip) };
  throw new CodeSageError(
    'InvalidArgument',
    start === undefined ? 'cursor is not one that an answer gave.' : 'cursor belongs to another question.',
    'Repeat all arguments of the call that gave next_cursor, or leave cursor out to start anew.',
  );
}
