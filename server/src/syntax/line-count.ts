/** Decides which lines of a file are code, comment or blank, as cloc counts them. */
import { lexicalSyntaxOf } from './comment-syntax.ts';
import { forEachSpan, spanKinds } from './spans.ts';

/** Lines of one file; the three sum up to all of its lines. */
export type LineCounts = { code: number; comment: number; blank: number };

const newline = 10;

/**
 * Counts a file's lines from its UTF-8 bytes. A line with any code is code; one with nothing but comment is comment; one
 * of white space is blank, also inside a comment or a string (so does cloc). Python's docstrings are comments. Where a
 * language has no comments, or none that we know, every line that is not blank is code.
 */
export function countLineKinds(bytes: Uint8Array, language: string): LineCounts {
  const counts = { code: 0, comment: 0, blank: 0 };
  let hasCode = false;
  let hasComment = false;
  let inLine = false;
  const endLine = () => {
    if (hasCode) counts.code++;
    else if (hasComment) counts.comment++;
    else counts.blank++;
    hasCode = hasComment = inLine = false;
  };
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  forEachSpan(bytes, start, bytes.length, lexicalSyntaxOf(language), (kind, from, to) => {
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number;
      if (byte === newline) {
        endLine();
        continue;
      }
      inLine = true;
      if (byte <= 32) continue;
      if (kind === spanKinds.comment) hasComment = true;
      else hasCode = true;
    }
  });
  if (inLine) endLine();
  return counts;
}
