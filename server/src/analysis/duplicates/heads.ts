/** Decides where a file's code begins, below its licence and imports: what is copied does not reach over these. */
import type { Region } from './extend.ts';
import {
  closerTokens,
  colonToken,
  kindOf,
  openerTokens,
  type TokenizedFile,
  type TokenStore,
  tokenKinds,
} from './tokens.ts';

/** Lines of code that are a file's head, as `<?php` and `declare(strict_types=1);` or a header's guard. */
const maxHeadLines = 3;
/** How far below them the next line of code is, at least, where a licence or imports lie between. */
const minApart = 4;

/** Without the heads of both files: licence and imports below them, which are not compared, would read as copied. */
export function withoutHeads(store: TokenStore, region: Region, fileA: number, fileB: number): Region {
  const headA = headEnd(store, fileA);
  const first = region.a < headA ? cutTo(region, headA, region.aEnd) : region;
  const headB = headEnd(store, fileB);
  return first.b < headB ? flipped(cutTo(flipped(first), headB, first.bEnd)) : first;
}

/** The first token behind a file's head: the last one of its first lines that is far below the one before. */
function headEnd({ lines, values, files }: TokenStore, file: number): number {
  const { start, end } = files[file] as TokenizedFile;
  let after = start;
  let seen = 0;
  let open = 0;
  for (let at = start + 1; at < end && seen < maxHeadLines; at++) {
    const before = values[at - 1] as number;
    if (openerTokens.has(before)) open++;
    else if (closerTokens.has(before)) open--;
    const apart = (lines[at] as number) - (lines[at - 1] as number);
    if (apart > 0) seen++;
    // What opens a block is part of it, and a text may itself be many lines long.
    const opensOrSpans = open > 0 || before === colonToken || kindOf(before) === tokenKinds.literal;
    if (apart >= minApart && !opensOrSpans) after = at;
  }
  return after;
}

/** With its sides exchanged. */
function flipped({ a, aEnd, b, bEnd, runs }: Region): Region {
  return { a: b, aEnd: bEnd, b: a, bEnd: aEnd, runs: runs.map((run) => ({ a: run.b, b: run.a, length: run.length })) };
}

/** The part of a region that lies between two tokens of its first side; inside a gap the run after or before counts. */
export function cutTo({ runs }: Region, from: number, to: number): Region {
  const kept = runs.flatMap((run) => {
    const start = Math.max(run.a, from);
    const end = Math.min(run.a + run.length, to);
    return end > start ? [{ a: start, b: run.b + start - run.a, length: end - start }] : [];
  });
  const [first, last] = [kept[0], kept.at(-1)];
  if (first === undefined || last === undefined) return { a: from, aEnd: from, b: 0, bEnd: 0, runs: [] };
  return { a: first.a, aEnd: last.a + last.length, b: first.b, bEnd: last.b + last.length, runs: kept };
}
