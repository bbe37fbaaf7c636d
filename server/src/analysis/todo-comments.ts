/** Decides which comments of a file say that something is left to do. */
import { lexicalSyntaxOf } from '../syntax/comment-syntax.ts';
import { forEachSpan, spanKinds } from '../syntax/spans.ts';

export const todoMarks = ['FIXME', 'BUG', 'HACK', 'XXX', 'TODO'] as const;
export type TodoMark = (typeof todoMarks)[number];
export type Todo = { mark: TodoMark; line: number; text: string };

const maxText = 200;
const newline = 10;
const anyMark = todoMarks.map((mark) => Buffer.from(mark));
/** The mark as a word in capital letters, then what ends a mark: `TODO:`, `TODO(name)`, `TODO fix`. */
const markInLine = /(?<![\w-])(FIXME|BUG|HACK|XXX|TODO)(?![\w-])/;
const decoder = new TextDecoder();

/** The marks in a file's comments, at most one a line. `bytes` from `from` to `to` are UTF-8. */
export function findTodos(bytes: Uint8Array, from: number, to: number, language: string): Todo[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from);
  if (!anyMark.some((mark) => view.includes(mark))) return [];
  const todos: Todo[] = [];
  let line = 1;
  forEachSpan(bytes, from, to, lexicalSyntaxOf(language), (kind, start, end) => {
    if (kind === spanKinds.comment) todos.push(...inComment(decoder.decode(bytes.subarray(start, end)), line));
    for (let at = bytes.indexOf(newline, start); at >= 0 && at < end; at = bytes.indexOf(newline, at + 1)) line++;
  });
  return todos;
}

function inComment(comment: string, firstLine: number): Todo[] {
  return comment.split('\n').flatMap((text, i) => {
    const found = markInLine.exec(text);
    if (found === null) return [];
    const said = text
      .slice(found.index)
      .replace(/\s*(?:\*\/|-->|"""|''')\s*$/, '')
      .trim();
    const short = said.length > maxText ? `${said.slice(0, maxText - 1)}…` : said;
    return [{ mark: found[1] as TodoMark, line: firstLine + i, text: short }];
  });
}
