/** Decides where the fenced blocks of a response are, and what is between them. */

/** Some lines of a response, 1-based, both ends included. `language` is that of a fenced block, '' where it names none. */
export type Block = { startLine: number; endLine: number; lines: string[] } & (
  | { kind: 'plain' | 'reasoning' }
  | { kind: 'fenced'; language: string; isClosed: boolean }
);

const fence = /^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^`]*$/;
const reasoningOpen = /^\s*<(think|thinking|reasoning)>/i;
const reasoningClose = /<\/(?:think|thinking|reasoning)>/i;

/** Cuts a text into blocks, in order. A fence that is not closed goes to the end. */
export function blocksOf(text: string): Block[] {
  const lines = text.split(/\r?\n/);
  const blocks: Block[] = [];
  let plain: string[] = [];
  const endPlain = (before: number) => {
    if (plain.some((line) => line.trim() !== ''))
      blocks.push({ kind: 'plain', startLine: before - plain.length + 1, endLine: before, lines: plain });
    plain = [];
  };
  for (let at = 0; at < lines.length; ) {
    const block = fencedAt(lines, at) ?? reasoningAt(lines, at, blocks.length === 0 && plain.length === 0);
    if (block === undefined) {
      plain.push(lines[at] as string);
      at += 1;
      continue;
    }
    endPlain(at);
    blocks.push(block);
    at = block.endLine;
  }
  endPlain(lines.length);
  return blocks;
}

function fencedAt(lines: readonly string[], at: number): Block | undefined {
  const match = fence.exec((lines[at] as string).slice(0, 300));
  if (match === null) return undefined;
  const [, marks = '', language = ''] = match;
  let end = at + 1;
  while (end < lines.length && !closes(lines[end] as string, marks)) end += 1;
  const isClosed = end < lines.length;
  return {
    kind: 'fenced',
    language: language.toLowerCase(),
    isClosed,
    startLine: at + 1,
    endLine: isClosed ? end + 1 : lines.length,
    lines: lines.slice(at + 1, end),
  };
}

/** A fence closes with at least as many of the same marks and nothing else. */
function closes(line: string, marks: string): boolean {
  const trimmed = line.length > 200 ? '' : line.trim();
  return trimmed.length >= marks.length && trimmed === (marks[0] as string).repeat(trimmed.length);
}

/** What a model thought before it answered, in the tags that some write around it. */
function reasoningAt(lines: readonly string[], at: number, isFirst: boolean): Block | undefined {
  if (!isFirst || !reasoningOpen.test((lines[at] as string).slice(0, 100))) return undefined;
  let end = at;
  while (end < lines.length && !reasoningClose.test(lines[end] as string)) end += 1;
  if (end === lines.length) return undefined;
  return { kind: 'reasoning', startLine: at + 1, endLine: end + 1, lines: lines.slice(at, end + 1) };
}
