/** Decides which of ripgrep's output lines are hits, and which of these an answer shows, in the order of their paths. */
import type { PublishedCodebase } from './exact-run.ts';
import { comparePaths, type PackedText, type TextPack } from './text-pack.ts';

/** One matching line. `column` is its first match's, in bytes, from 1; 0 where it was not asked for. */
export type Hit = { codebase: PublishedCodebase; text: PackedText; line: number; column: number };

const newline = 10;
const colon = 58;
const zero = 48;
const nine = 57;
/** Hits kept beyond those wanted, so that sorting out happens now and then only. */
const spare = 10_000;

export function compareHits(a: Hit, b: Hit): number {
  if (a.codebase !== b.codebase) return comparePaths(a.codebase.name, b.codebase.name);
  return a.text === b.text ? a.line - b.line : comparePaths(a.text.path, b.text.path);
}

type PackState = { lines: number; frontier: Hit | undefined };

/**
 * Reads the output of `--heading --line-number [--column]`: the name of a pack, then a line a match, `LINE:[COLUMN:]…`.
 * Keeps the first `wanted` hits in order, and counts all of them by file.
 */
export class HitList {
  readonly counts = new Map<PackedText, number>();
  readonly #byPack: ReadonlyMap<string, { codebase: PublishedCodebase; pack: TextPack }>;
  readonly #accepts: (path: string) => boolean;
  readonly #wanted: number;
  readonly #accepted = new Map<PackedText, boolean>();
  readonly #states = new Map<TextPack, PackState>();
  #hits: Hit[] = [];
  /** Whatever comes after it is not among the first. */
  #last: Hit | undefined;
  #codebase: PublishedCodebase | undefined;
  #pack: TextPack | undefined;
  #text: PackedText | undefined;
  #lastLine = 0;

  /** @param accepts asked once a file */
  constructor(codebases: readonly PublishedCodebase[], wanted: number, accepts: (path: string) => boolean) {
    this.#byPack = new Map(
      codebases.flatMap((codebase) => codebase.texts.packs.map((pack) => [pack.name, { codebase, pack }] as const)),
    );
    this.#wanted = wanted;
    this.#accepts = accepts;
  }

  /** Takes whole lines of output. */
  take(output: Buffer): void {
    for (let at = 0; at < output.length; ) {
      const end = output.indexOf(newline, at);
      if (end < 0) return;
      if (end > at) this.#takeLine(output, at, end);
      at = end + 1;
    }
  }

  #takeLine(output: Buffer, start: number, end: number): void {
    let at = start;
    let line = 0;
    for (let byte = output[at] ?? 0; byte >= zero && byte <= nine; byte = output[++at] ?? 0)
      line = line * 10 + byte - zero;
    if (at === start || output[at] !== colon) {
      // Where texts may have line ends of Windows, ripgrep writes such itself.
      this.#open(output.toString('utf8', start, end).replace(/\r$/, ''));
      return;
    }
    let column = 0;
    for (let byte = output[++at] ?? 0; byte >= zero && byte <= nine; byte = output[++at] ?? 0)
      column = column * 10 + byte - zero;
    if (output[at] !== colon) column = 0;
    this.#add(line, column);
  }

  #open(name: string): void {
    const found = this.#byPack.get(name);
    this.#codebase = found?.codebase;
    this.#pack = found?.pack;
    this.#text = undefined;
    this.#lastLine = 0;
  }

  #add(line: number, column: number): void {
    const pack = this.#pack;
    const codebase = this.#codebase;
    // A match over several lines is told once a line; two on one line are told twice where they share it.
    if (pack === undefined || codebase === undefined || line === this.#lastLine) return;
    this.#lastLine = line;
    let text = this.#text;
    if (text === undefined || line >= text.firstLine + text.lines) text = pack.textAt(line);
    this.#text = text;
    const state = this.#states.get(pack) ?? { lines: 0, frontier: undefined };
    if (state.lines === 0) this.#states.set(pack, state);
    state.lines++;
    if (text === undefined) return;
    const hit = { codebase, text, line: line - text.firstLine + 1, column };
    state.frontier = hit;
    if (!this.#isAccepted(codebase, text)) return;
    this.counts.set(text, (this.counts.get(text) ?? 0) + 1);
    if (this.#wanted === 0 || (this.#last !== undefined && compareHits(hit, this.#last) > 0)) return;
    this.#hits.push(hit);
    if (this.#hits.length <= this.#wanted + spare) return;
    this.#hits = this.first();
    this.#last = this.#hits.at(-1);
  }

  #isAccepted(codebase: PublishedCodebase, text: PackedText): boolean {
    let accepted = this.#accepted.get(text);
    if (accepted === undefined) {
      accepted = codebase.texts.isCurrent(text) && this.#accepts(text.path);
      this.#accepted.set(text, accepted);
    }
    return accepted;
  }

  /** Whether any hit in the pack would count. */
  mayHaveHits(pack: TextPack): boolean {
    const codebase = this.#byPack.get(pack.name)?.codebase;
    return codebase !== undefined && pack.texts.some((text) => this.#isAccepted(codebase, text));
  }

  /** The first hits in order, at most as many as are wanted. */
  first(): Hit[] {
    return this.#hits.sort(compareHits).slice(0, this.#wanted);
  }

  /**
   * Packs that were searched to a limit of `lines` only and may hold hits which come before the last of those wanted.
   * Their hits are forgotten: they have to be searched again, without the limit.
   */
  takeUnfinished(lines: number): TextPack[] {
    const first = this.first();
    const last = first.length < this.#wanted ? undefined : first.at(-1);
    const unfinished = new Set<TextPack>();
    for (const [pack, state] of this.#states) {
      if (state.lines < lines || state.frontier === undefined) continue;
      if (last === undefined || compareHits(state.frontier, last) < 0) unfinished.add(pack);
    }
    this.#hits = first.filter(({ text }) => !unfinished.has(text.pack));
    this.#last = undefined;
    for (const text of this.counts.keys()) if (unfinished.has(text.pack)) this.counts.delete(text);
    return [...unfinished];
  }
}
