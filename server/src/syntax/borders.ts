/** Decides at which lines a chunk may begin well, and which comments belong to what follows them. */
import type { PendingComments } from './comments.ts';
import type { LineIndex } from './lines.ts';
import type { Border } from './types.ts';

/** Deeper blocks than this are not cut at their statements. */
const maxBorderDepth = 12;
const maxBorders = 50_000;

/** Collects borders and the comments that wait for a definition, while a walk goes through a tree. */
export class BorderCollector {
  readonly #lines: LineIndex;
  readonly #found: Border[] = [];
  /** Border depth of the nodes at a tree depth; -1 where nodes begin no line of their own. */
  readonly #levels: number[] = [-1];
  readonly #blocks: number[] = [0];
  #pending: PendingComments | undefined;

  constructor(lines: LineIndex) {
    this.#lines = lines;
  }

  /** Whether nodes at this tree depth are borders. */
  watches(depth: number): boolean {
    return (this.#levels[depth] as number) >= 0;
  }

  /** Says that the walk goes into a node at this depth; `isFlat`: its children stand on its own level. */
  descend(depth: number, isBlock: boolean, isFlat: boolean): void {
    const blocks = this.#blocks[depth] as number;
    const level = isBlock ? blocks : isFlat ? Math.max(0, blocks - 1) : -1;
    this.#blocks[depth + 1] = isBlock ? blocks + 1 : blocks;
    this.#levels[depth + 1] = level <= maxBorderDepth ? level : -1;
  }

  /** A statement or definition: a border where it, or the comment right above it, starts. */
  node(start: number, depth: number): void {
    const line = this.#lines.lineOf(start);
    if (this.#lines.closesAt(start) || !this.#lines.isFirstOnLine(start)) return;
    const pending = this.#pending;
    const joined = pending !== undefined && line >= pending.startLine && line <= pending.endLine + 1;
    this.#add(joined ? pending.startLine : line, depth);
  }

  /** A comment. One that stands behind code belongs to that code. */
  comment(start: number, end: number, depth: number): void {
    if (!this.#lines.isFirstOnLine(start)) return;
    const line = this.#lines.lineOf(start);
    const endLine = this.#lines.lastLineOf(start, end);
    const pending = this.#pending;
    if (pending !== undefined && line <= pending.endLine + 1 && line >= pending.startLine) {
      pending.endLine = endLine;
      if (pending.attributeStart < 0) {
        pending.textStart = pending.textEnd === 0 ? start : pending.textStart;
        pending.textEnd = end;
      }
      return;
    }
    this.#pending = { startLine: line, endLine, textStart: start, textEnd: end, attributeStart: -1 };
    if (this.watches(depth)) this.#add(line, depth);
  }

  /** An attribute or the like before a definition; `documents`: its text is the doc comment. */
  attach(start: number, end: number, depth: number, documents: boolean): void {
    const line = this.#lines.lineOf(start);
    const endLine = this.#lines.lastLineOf(start, end);
    let pending = this.#pending;
    if (pending === undefined || line > pending.endLine + 1 || line < pending.startLine) {
      pending = { startLine: line, endLine, textStart: 0, textEnd: 0, attributeStart: start };
      this.#pending = pending;
      if (this.watches(depth)) this.#add(line, depth);
    }
    pending.endLine = endLine;
    if (pending.attributeStart < 0) pending.attributeStart = start;
    if (documents) {
      pending.textStart = start;
      pending.textEnd = end;
    }
  }

  /** The comments and attributes that end right above a line, for the one definition that starts there. */
  take(line: number): PendingComments | undefined {
    const pending = this.#pending;
    if (pending === undefined || line < pending.startLine || line > pending.endLine + 1) return undefined;
    this.#pending = undefined;
    return pending;
  }

  /** All borders in file order, one a line, the outermost where several meet. */
  finish(): Border[] {
    const sorted = this.#found.toSorted((a, b) => a.line - b.line || a.depth - b.depth);
    return sorted.filter((border, index) => index === 0 || border.line !== sorted[index - 1]?.line);
  }

  #add(line: number, depth: number): void {
    if (this.#found.length < maxBorders) this.#found.push({ line, depth: Math.max(0, this.#levels[depth] as number) });
  }
}
