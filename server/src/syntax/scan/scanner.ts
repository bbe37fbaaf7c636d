/** Decides what all scanners share: the blank text that has no comments and strings, and the collection of what they find. */
import { firstSentence } from '../comments.ts';
import { LineIndex } from '../lines.ts';
import type {
  Border,
  DocComment,
  ImportReference,
  ReferenceKind,
  SymbolDefinition,
  SymbolReference,
  Syntax,
} from '../types.ts';

const maxEntries = 20_000;
const maxSignature = 200;

/** Marks of a language's comments and strings. */
export type Marks = { line: readonly string[]; block: boolean; quotes: string; dollarQuotes?: true };

type Comment = { start: number; end: number };

/** The end of the quoted text that starts at `at`. */
function quotedEnd(text: string, at: number): number {
  const quote = text[at] as string;
  for (let next = at + 1; next < text.length; next++) {
    if (text[next] === '\\') next++;
    else if (text[next] === quote) return next + 1;
  }
  return text.length;
}

/** Where the comment, string or dollar quote that starts at `at` ends; 0 when none starts there. */
function spanAt(text: string, at: number, marks: Marks): { end: number; kind: 'comment' | 'string' } | undefined {
  for (const mark of marks.line) {
    if (!text.startsWith(mark, at)) continue;
    const end = text.indexOf('\n', at);
    return { end: end < 0 ? text.length : end, kind: 'comment' };
  }
  if (marks.block && text.startsWith('/*', at)) {
    const end = text.indexOf('*/', at + 2);
    return { end: end < 0 ? text.length : end + 2, kind: 'comment' };
  }
  if (marks.quotes.includes(text[at] as string)) return { end: quotedEnd(text, at), kind: 'string' };
  if (marks.dollarQuotes === true && text[at] === '$') {
    const tag = /\$\w*\$/y;
    tag.lastIndex = at;
    const mark = tag.exec(text)?.[0];
    if (mark === undefined) return undefined;
    const end = text.indexOf(mark, at + mark.length);
    return { end: end < 0 ? text.length : end + mark.length, kind: 'string' };
  }
  return undefined;
}

/** The text with comments and strings as blanks of the same length (line feeds kept), and where the comments are. */
export function blankOut(text: string, marks: Marks): { code: string; comments: Comment[] } {
  const comments: Comment[] = [];
  const parts: string[] = [];
  let from = 0;
  const starts = new Set([
    ...marks.line.map((mark) => mark[0]),
    ...marks.quotes,
    ...(marks.block ? ['/'] : []),
    ...(marks.dollarQuotes ? ['$'] : []),
  ]);
  for (let at = 0; at < text.length; at++) {
    if (!starts.has(text[at] as string)) continue;
    const span = spanAt(text, at, marks);
    if (span === undefined) continue;
    parts.push(text.slice(from, at), text.slice(at, span.end).replace(/[^\n]/g, ' '));
    if (span.kind === 'comment') comments.push({ start: at, end: span.end });
    from = span.end;
    at = span.end - 1;
  }
  parts.push(text.slice(from));
  return { code: parts.join(''), comments };
}

/** Collects what a scanner finds, as the walker does for trees. */
export class ScanResult {
  readonly lines: LineIndex;
  readonly symbols: SymbolDefinition[] = [];
  readonly references: SymbolReference[] = [];
  readonly imports: ImportReference[] = [];
  readonly #borders: Border[] = [];
  readonly #text: string;
  /** Comment blocks by the line they end on. */
  readonly #comments = new Map<number, Comment & { line: number }>();

  constructor(text: string, comments: readonly Comment[]) {
    this.#text = text;
    this.lines = new LineIndex(text);
    let last: (Comment & { line: number }) | undefined;
    let lastEnd = 0;
    for (const comment of comments) {
      if (!this.lines.isFirstOnLine(comment.start)) continue;
      const line = this.lines.lineOf(comment.start);
      const joined = last !== undefined && line === lastEnd + 1;
      const block = joined && last !== undefined ? { ...last, end: comment.end } : { ...comment, line };
      if (joined) this.#comments.delete(lastEnd);
      lastEnd = this.lines.lastLineOf(comment.start, comment.end);
      last = block;
      this.#comments.set(lastEnd, block);
    }
  }

  /** Adds a definition with the comment right above it; returns its index. */
  define(
    symbol: Pick<SymbolDefinition, 'name' | 'kind' | 'parent'>,
    start: number,
    end: number,
    nameAt: number,
  ): number {
    const startLine = this.lines.lineOf(start);
    const nameLine = this.lines.lineOf(nameAt);
    const full: SymbolDefinition = {
      name: symbol.name,
      kind: symbol.kind,
      startLine,
      endLine: this.lines.lastLineOf(start, end),
      nameLine,
      signature: this.lines.trimmed(nameLine).slice(0, maxSignature),
    };
    if (symbol.parent !== undefined && symbol.parent !== '') full.parent = symbol.parent;
    const docComment = this.#docBefore(startLine);
    if (docComment !== undefined) full.docComment = docComment;
    if (this.symbols.length < maxEntries) this.symbols.push(full);
    return this.symbols.length - 1;
  }

  /** Says that a definition goes on up to an offset. */
  extend(index: number, end: number): void {
    const symbol = this.symbols[index];
    if (symbol !== undefined) symbol.endLine = Math.max(symbol.endLine, this.lines.lineOf(Math.max(0, end - 1)));
  }

  refer(name: string, at: number, kind: ReferenceKind, enclosing = -1): void {
    if (name === '' || this.references.length >= maxEntries) return;
    const line = this.lines.lineOf(at);
    this.references.push(enclosing < 0 ? { name, line, kind } : { name, line, kind, enclosing });
  }

  import(module: string, at: number): void {
    if (module !== '' && this.imports.length < maxEntries)
      this.imports.push({ module, names: [], line: this.lines.lineOf(at) });
  }

  /** A border at the line of `at`, or where the comment above it starts. */
  border(at: number, depth: number): void {
    const line = this.lines.lineOf(at);
    if (this.#borders.length < maxEntries)
      this.#borders.push({ line: this.#comments.get(line - 1)?.line ?? line, depth });
  }

  finish(): Omit<Syntax, 'language'> {
    const sorted = this.#borders.sort((a, b) => a.line - b.line || a.depth - b.depth);
    const borders = sorted.filter((border, index) => index === 0 || border.line !== sorted[index - 1]?.line);
    return { symbols: this.symbols, references: this.references, imports: this.imports, borders };
  }

  #docBefore(line: number): DocComment | undefined {
    const comment = this.#comments.get(line - 1);
    if (comment === undefined) return undefined;
    const sentence = firstSentence(this.#text.slice(comment.start, comment.end));
    return sentence === '' ? undefined : { startLine: comment.line, endLine: line - 1, sentence };
  }
}
