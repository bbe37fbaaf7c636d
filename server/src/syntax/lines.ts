/** Decides on which line an offset lies, and whether anything stands before it on that line. */

const newline = 10;

/** Line numbers of one text; offsets are UTF-16 units, lines are 1-based and end at a line feed. */
export class LineIndex {
  readonly #text: string;
  readonly #starts: number[] = [0];
  #last = 0;

  constructor(text: string) {
    this.#text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  /** The line of an offset. Calls that come in file order cost a step or two. */
  lineOf(offset: number): number {
    const starts = this.#starts;
    let low = this.#last;
    if ((starts[low] as number) > offset) low = 0;
    let high = low + 4;
    if (high >= starts.length || (starts[high] as number) <= offset) high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    this.#last = low;
    return low + 1;
  }

  /** The last line of a span that ends before `end`, trailing white space left out. */
  lastLineOf(start: number, end: number): number {
    let at = end;
    while (at > start + 1 && this.#text.charCodeAt(at - 1) <= 32) at--;
    return this.lineOf(Math.max(start, at - 1));
  }

  /** True when only white space stands before the offset on its line. */
  isFirstOnLine(offset: number): boolean {
    for (let at = offset - 1; at >= 0; at--) {
      const code = this.#text.charCodeAt(at);
      if (code === newline) return true;
      if (code > 32) return false;
    }
    return true;
  }

  /** True when a closing bracket stands at the offset: it belongs to what is before it. */
  closesAt(offset: number): boolean {
    const code = this.#text.charCodeAt(offset);
    return code === 125 /* } */ || code === 41 /* ) */ || code === 93 /* ] */;
  }

  /** A line's text without the white space around it. */
  trimmed(line: number): string {
    const start = this.#starts[line - 1] ?? 0;
    const end = this.#starts[line] ?? this.#text.length;
    return this.#text.slice(start, Math.min(end, start + maxLineRead)).trim();
  }
}

/** A one-line bundle's line is not worth copying whole. */
const maxLineRead = 2_000;
