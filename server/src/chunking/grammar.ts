/** Decides where to cut a text whose grammar is known: at the outermost borders that make pieces small enough, small neighbours kept together. */
import type { Border, SymbolDefinition } from '../syntax/types.ts';
import type { Chunk } from './chunker.ts';
import { chunkByLines } from './lines.ts';

/**
 * Shares of the limit. `merge`: neighbours inside the same definition are joined up to it. `small`: a piece below it joins
 * a neighbour outside of its definition, too, where both fit.
 */
export type ChunkPolicy = { merge: number; small: number };
export const chunkPolicy: ChunkPolicy = { merge: 1, small: 0.1 };

/** What of a file's syntax cutting needs. */
export type Cuts = {
  borders: readonly Border[];
  symbols: readonly Pick<SymbolDefinition, 'startLine' | 'endLine' | 'docComment'>[];
};

/** A stretch of lines: `from` included, `to` not, both 1-based. */
type Stretch = { from: number; to: number };

/**
 * Cuts `text` into chunks of at most `limit` UTF-16 units. A definition that fits into one chunk with its doc comment is
 * never cut in two; a larger one is cut at the borders inside of it, and by lines where there are none.
 */
export function chunkByGrammar(text: string, limit: number, cuts: Cuts, policy: ChunkPolicy = chunkPolicy): Chunk[] {
  return new Cutter(text, limit, cuts, policy).run();
}

class Cutter {
  readonly #text: string;
  readonly #limit: number;
  readonly #borders: readonly Border[];
  readonly #policy: ChunkPolicy;
  /** Offset of each line's start; one more for the end of the text. */
  readonly #starts: number[] = [0];
  /** Last lines of the definitions that start, with their doc comments, on a line. */
  readonly #ends = new Map<number, number[]>();

  constructor(text: string, limit: number, { borders, symbols }: Cuts, policy: ChunkPolicy) {
    this.#text = text;
    this.#limit = limit;
    this.#policy = policy;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
    if (this.#starts.at(-1) !== text.length) this.#starts.push(text.length);
    for (const { startLine, endLine, docComment } of symbols) {
      const start = Math.min(startLine, docComment?.startLine ?? startLine);
      const ends = this.#ends.get(start);
      if (ends === undefined) this.#ends.set(start, [endLine]);
      else ends.push(endLine);
    }
    this.#borders = withDefinitions(borders, this.#ends);
  }

  run(): Chunk[] {
    const whole = { from: 1, to: this.#starts.length };
    const pieces = this.#joinSmall(this.#cut(whole, 0, this.#borders.length));
    return pieces.flatMap((piece) => this.#chunksOf(piece));
  }

  /** Pieces of a stretch, whose borders are those from index `low` up to `high`; what has no border to be cut at stays too large. */
  #cut(stretch: Stretch, low: number, high: number): Stretch[] {
    if (this.#fits(stretch)) return [stretch];
    let first = low;
    while (first < high && this.#lineAt(first) <= stretch.from) first++;
    let depth = Number.POSITIVE_INFINITY;
    for (let i = first; i < high; i++) depth = Math.min(depth, this.#borders[i]?.depth ?? depth);
    if (depth === Number.POSITIVE_INFINITY) return [stretch];
    const pieces: Stretch[] = [];
    let open: Stretch | undefined;
    const take = (piece: Stretch, from: number, to: number) => {
      if (this.#fits(piece)) {
        open = open === undefined ? piece : this.#joined(open, piece, pieces);
        return;
      }
      const led = open === undefined ? undefined : this.#cutWithLead(open, piece, from, to);
      if (open !== undefined && led === undefined) pieces.push(open);
      open = undefined;
      pieces.push(...(led ?? this.#cutLarge(piece, from, to)));
    };
    let from = stretch.from;
    let at = first;
    for (let i = first; i < high; i++) {
      if (this.#borders[i]?.depth !== depth) continue;
      take({ from, to: this.#lineAt(i) }, at, i);
      from = this.#lineAt(i);
      at = i + 1;
    }
    take({ from, to: stretch.to }, at, high);
    if (open !== undefined) pieces.push(open);
    return pieces;
  }

  /** Joins two neighbours when both fit; else the first is done. */
  #joined(open: Stretch, next: Stretch, done: Stretch[]): Stretch {
    const both = { from: open.from, to: next.to };
    if (this.#length(both) <= this.#limit * this.#policy.merge) return both;
    done.push(open);
    return next;
  }

  /** A definition that is too large only for what follows it (a closing bracket) is cut before that. */
  #cutLarge(piece: Stretch, low: number, high: number): Stretch[] {
    const to = this.#endOfWhole(piece);
    if (to === undefined) return this.#cut(piece, low, high);
    return [{ from: piece.from, to }, ...this.#cut({ from: to, to: piece.to }, low, high)];
  }

  /** The line after the longest definition that starts the piece and fits. */
  #endOfWhole(piece: Stretch): number | undefined {
    const ends = (this.#ends.get(piece.from) ?? []).map((end) => end + 1);
    const fitting = ends.filter((to) => to < piece.to && this.#fits({ from: piece.from, to }));
    return fitting.length === 0 ? undefined : Math.max(...fitting);
  }

  /** A class's first line, or the like, goes with the head of the large definition that follows, where there is room. */
  #cutWithLead(lead: Stretch, piece: Stretch, low: number, high: number): Stretch[] | undefined {
    if (!this.#isSmall(lead) || this.#endOfWhole(piece) !== undefined) return undefined;
    const pieces = this.#cut({ from: lead.from, to: piece.to }, low, high);
    return pieces[0] !== undefined && this.#fits(pieces[0]) ? pieces : undefined;
  }

  #isSmall(piece: Stretch): boolean {
    return this.#length(piece) < this.#limit * this.#policy.small;
  }

  /** Lets pieces that say little alone join the next one, or the one before. */
  #joinSmall(pieces: readonly Stretch[]): Stretch[] {
    const joined: Stretch[] = [];
    for (const piece of pieces) {
      const before = joined.at(-1);
      const both = before === undefined ? undefined : { from: before.from, to: piece.to };
      const isSmall = before !== undefined && (this.#isSmall(before) || this.#isSmall(piece));
      if (both !== undefined && isSmall && this.#fits(both)) joined[joined.length - 1] = both;
      else joined.push(piece);
    }
    return joined;
  }

  #chunksOf(piece: Stretch): Chunk[] {
    const start = this.#starts[piece.from - 1] as number;
    const text = this.#text.slice(start, this.#endOf(piece));
    if (text.trim() === '') return [];
    if (text.length > this.#limit) {
      return chunkByLines(text, this.#limit).map((chunk) => ({
        ...chunk,
        startLine: chunk.startLine + piece.from - 1,
        endLine: chunk.endLine + piece.from - 1,
      }));
    }
    // Blank lines before it say nothing.
    const blank = /^(?:[^\S\n]*\n)*/.exec(text)?.[0] ?? '';
    let startLine = piece.from;
    for (let at = blank.indexOf('\n'); at >= 0; at = blank.indexOf('\n', at + 1)) startLine++;
    return [{ startLine, endLine: this.#lastLine(piece), text: text.slice(blank.length) }];
  }

  #lineAt(border: number): number {
    return Math.min(this.#borders[border]?.line ?? 0, this.#starts.length);
  }

  #fits(stretch: Stretch): boolean {
    return this.#length(stretch) <= this.#limit;
  }

  #length(stretch: Stretch): number {
    return this.#endOf(stretch) - (this.#starts[stretch.from - 1] as number);
  }

  /** Offset of the stretch's end without trailing white space. */
  #endOf({ from, to }: Stretch): number {
    const start = this.#starts[from - 1] as number;
    let end = this.#starts[to - 1] ?? this.#text.length;
    while (end > start && isSpace(this.#text.charCodeAt(end - 1))) end--;
    return end;
  }

  #lastLine(stretch: Stretch): number {
    const end = this.#endOf(stretch);
    let line = stretch.to - 1;
    while (line > stretch.from && (this.#starts[line - 1] as number) >= end) line--;
    return line;
  }
}

/** Deeper than any border of a grammar. */
const deepest = 1_000;

/**
 * Adds a border where a definition has none (a function among the arguments of a call). Such borders are the last choice:
 * only what has no other is cut there.
 */
function withDefinitions(borders: readonly Border[], endsByLine: ReadonlyMap<number, number[]>): readonly Border[] {
  const starts = [...endsByLine.keys()].sort((a, b) => a - b);
  if (haveAll(borders, starts)) return borders;
  const known = new Set(borders.map(({ line }) => line));
  const added: Border[] = [];
  const open: number[] = [];
  for (const line of starts) {
    while (open.length > 0 && (open.at(-1) as number) < line) open.pop();
    const depth = deepest + open.length;
    const end = Math.max(...(endsByLine.get(line) ?? []));
    for (const at of [line, end + 1]) {
      if (!known.has(at) && end > line) added.push({ line: at, depth });
    }
    open.push(end);
  }
  const sorted = [...borders, ...added].sort((a, b) => a.line - b.line || a.depth - b.depth);
  return sorted.filter((border, i) => i === 0 || border.line !== sorted[i - 1]?.line);
}

/** True when there is a border at each of the lines; both in order. */
function haveAll(borders: readonly Border[], lines: readonly number[]): boolean {
  let at = 0;
  for (const line of lines) {
    while (at < borders.length && (borders[at] as Border).line < line) at++;
    if (borders[at]?.line !== line) return false;
  }
  return true;
}

const isSpace = (code: number) => code === 32 || (code >= 9 && code <= 13) || code === 0xfeff || code === 0xa0;
