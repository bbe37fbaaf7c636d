/** Decides how a match is shown: its line, cut around it when it is long, and the lines around that. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExactMatch } from '../engine.ts';
import { type ExactSearch, matchingArguments } from './exact-run.ts';
import type { Hit } from './hit-list.ts';
import { runRipgrep, TextsGoneError } from './ripgrep.ts';
import type { PackedText } from './text-pack.ts';

const maxLineLength = 2000;
/** Text kept before a match that stands far in a long line. */
const leadLength = 200;
const newline = 10;
const lineEnd = Buffer.from([newline]);
const textsAtOnce = 8;
/** A match further away in a line of a bundle is shown without its place. */
const maxBytesForColumn = 256 * 1024;

/**
 * The line without its end. One that is too long, as in bundles, is cut to a window that holds its first match.
 * @param matchStart where that match starts, in UTF-16 units
 */
export function shorten(line: string, matchStart = 0): string {
  const text = line.replace(/\r?\n$/, '');
  if (text.length <= maxLineLength) return text;
  const start = matchStart + leadLength < maxLineLength ? 0 : matchStart - leadLength;
  const end = start + maxLineLength;
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
}

/** The lines of one text, decoded one by one as they are asked for. */
export class TextLines {
  readonly #content: Buffer;
  readonly #starts: number[] = [0];

  constructor(content: Buffer) {
    this.#content = content;
  }

  /** Line `number`, from 1, without its end; undefined where there is none. */
  bytes(number: number): Buffer | undefined {
    while (this.#starts.length <= number) {
      const from = this.#starts.at(-1) ?? 0;
      const end = this.#content.indexOf(newline, from);
      if (end < 0) return undefined;
      this.#starts.push(end + 1);
    }
    return this.#content.subarray(this.#starts[number - 1], (this.#starts[number] ?? 0) - 1);
  }

  /** Lines `from` to `to`, both included, cut where they are long; those that do not exist are left out. */
  range(from: number, to: number): string[] {
    const lines: string[] = [];
    for (let number = Math.max(1, from); number <= to; number++) {
      const line = this.bytes(number);
      if (line === undefined) break;
      lines.push(shorten(line.toString('utf8').replace(/\r$/, '')));
    }
    return lines;
  }
}

/** The text as it was published, from its pack. @throws TextsGoneError when it is not there any more. */
export async function readPacked(text: PackedText, directory: string): Promise<Buffer> {
  const content = Buffer.alloc(text.bytes);
  try {
    const file = await open(join(directory, text.pack.name), 'r');
    try {
      const { bytesRead } = await file.read(content, 0, text.bytes, text.start);
      if (bytesRead === text.bytes) return content;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new TextsGoneError(text.pack.name, { cause: error });
  }
  throw new TextsGoneError(text.pack.name);
}

/** Hits as the answer shows them, in their order. */
export async function renderHits(search: ExactSearch, hits: readonly Hit[]): Promise<ExactMatch[]> {
  const placed = await withColumns(search, hits);
  return inTexts(placed, search.directory, (inText, lines) => {
    const isMatch = new Set(inText.map(({ line }) => line));
    return inText.map((hit) => render(hit, lines, isMatch, search.request.contextLines));
  });
}

/** What `work` makes of the hits of each text, with the text's lines at hand; few texts are in memory at once. */
async function inTexts<T>(
  hits: readonly Hit[],
  directory: string,
  work: (hits: readonly Hit[], lines: TextLines) => T[],
): Promise<T[]> {
  const byText = new Map<PackedText, Hit[]>();
  for (const hit of hits) {
    const known = byText.get(hit.text);
    if (known === undefined) byText.set(hit.text, [hit]);
    else known.push(hit);
  }
  const groups = [...byText];
  const results: T[][] = [];
  for (let at = 0; at < groups.length; at += textsAtOnce) {
    const some = groups
      .slice(at, at + textsAtOnce)
      .map(async ([text, inText]) => work(inText, new TextLines(await readPacked(text, directory))));
    results.push(...(await Promise.all(some)));
  }
  return results.flat();
}

/** Asks ripgrep where the matches start in those lines of which that is not known yet. */
async function withColumns(search: ExactSearch, hits: readonly Hit[]): Promise<readonly Hit[]> {
  const { request, directory, stop } = search;
  const unknown = hits.filter(({ column }) => column === 0);
  if (unknown.length === 0) return hits;
  const texts = await inTexts(unknown, directory, (inText, lines) =>
    inText.map(({ line }) =>
      Buffer.concat([(lines.bytes(line) ?? Buffer.alloc(0)).subarray(0, maxBytesForColumn), lineEnd]),
    ),
  );
  const columns = new Map<Hit, number>();
  await runRipgrep({
    args: [...matchingArguments(request), '--line-number', '--column', '--max-columns=1', '--no-filename'],
    pattern: request.pattern,
    directory,
    files: [],
    input: Buffer.concat(texts),
    stop,
    take: (output) => {
      for (const [, line, column] of output.toString('latin1').matchAll(/^(\d+):(\d+):/gm)) {
        const hit = unknown[Number(line) - 1];
        if (hit !== undefined) columns.set(hit, Number(column));
      }
      return true;
    },
  });
  return hits.map((hit) => ({ ...hit, column: columns.get(hit) ?? Math.max(1, hit.column) }));
}

function render(hit: Hit, lines: TextLines, isMatch: ReadonlySet<number>, contextLines: number): ExactMatch {
  const bytes = lines.bytes(hit.line) ?? Buffer.alloc(0);
  const before = bytes.subarray(0, Math.max(0, hit.column - 1)).toString('utf8').length;
  return {
    codebase: hit.codebase.name,
    path: hit.text.path,
    lineNumber: hit.line,
    column: before + 1,
    lineContent: shorten(bytes.toString('utf8').replace(/\r$/, ''), before),
    ...contextOf(hit.line, hit.line, lines, isMatch, contextLines),
  };
}

/** Lines around a match, up to the next match shown. */
export function contextOf(
  first: number,
  last: number,
  lines: TextLines,
  isMatch: ReadonlySet<number>,
  contextLines: number,
): Pick<ExactMatch, 'before' | 'after'> {
  let from = first;
  while (from > 1 && first - from < contextLines && !isMatch.has(from - 1)) from--;
  let to = last;
  while (to - last < contextLines && !isMatch.has(to + 1)) to++;
  return { before: lines.range(from, first - 1), after: lines.range(last + 1, to) };
}
