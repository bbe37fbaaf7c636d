/** Decides where to cut a text that no grammar describes: at blank lines and outer indentation, else at any line. */
import type { Chunk } from './chunker.ts';

const newline = 10;
const space = 32;
const tab = 9;

/** How good a line's start is as a cut: 3 after a blank line at the outer level, 2 after a blank line, 1 at the outer level, 0 else. */
function cutQuality(text: string, lineStart: number): number {
  const first = text.charCodeAt(lineStart);
  // A closing bracket belongs to what stands before it.
  const outer = first !== space && first !== tab && first !== newline && !isClosing(first);
  const afterBlank = isBlankLineBefore(text, lineStart);
  return (afterBlank ? 2 : 0) + (outer ? 1 : 0);
}

function isClosing(code: number): boolean {
  return code === 125 /* } */ || code === 41 /* ) */ || code === 93 /* ] */;
}

/** True when the line that ends right before `lineStart` holds only blanks. */
function isBlankLineBefore(text: string, lineStart: number): boolean {
  for (let i = lineStart - 2; i >= 0; i--) {
    const code = text.charCodeAt(i);
    if (code === newline) return true;
    if (code !== space && code !== tab && code !== 13) return false;
  }
  return true;
}

/** The best cut in (start, end]: the latest of the best quality in the second half, else the latest line start, else a hard cut. */
function cutBetween(text: string, start: number, end: number): number {
  const middle = start + ((end - start) >> 1);
  let best = -1;
  let bestQuality = -1;
  // Looking in a slice keeps a search that finds nothing from running to the start of a file of one line.
  const window = text.slice(start, end);
  for (let at = window.lastIndexOf('\n'); at >= 0; at = at === 0 ? -1 : window.lastIndexOf('\n', at - 1)) {
    const lineStart = start + at + 1;
    if (lineStart <= middle && best >= 0) break;
    const quality = cutQuality(text, lineStart);
    if (quality > bestQuality) {
      best = lineStart;
      bestQuality = quality;
    }
    if (quality === 3 || lineStart <= middle) break;
  }
  if (best >= 0) return best;
  // Never between the halves of a surrogate pair.
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last <= 0xdbff && end - 1 > start ? end - 1 : end;
}

function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/**
 * Cuts `text` into chunks of at most `limit` UTF-16 units. Chunks that hold only white space are left out; a line longer
 * than the limit is cut into pieces, so that one-line files survive.
 */
export function chunkByLines(text: string, limit: number): Chunk[] {
  const chunks: Chunk[] = [];
  let line = 1;
  for (let start = 0; start < text.length; ) {
    const end = text.length - start <= limit ? text.length : cutBetween(text, start, start + limit);
    const piece = text.slice(start, end).trimEnd();
    if (piece.trim() !== '') {
      chunks.push({ startLine: line, endLine: line + countNewlines(piece), text: piece });
    }
    line += countNewlines(text.slice(start, end));
    start = end;
  }
  return chunks;
}
