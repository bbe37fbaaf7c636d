/** Decides which regular expressions git may run: its engine takes any amount of time and memory for some of them. */
import { CodeSageError } from '../errors.ts';

const longest = 200;
/** What counted repetitions may multiply to: each is written out. */
const mostRepeated = 500;

/**
 * Lets a POSIX extended expression through, or says what is wrong with it. What else it costs is bounded by the time and
 * memory of the process.
 * @throws CodeSageError `PatternInvalid`
 */
export function checkPattern(pattern: string): void {
  if (pattern.length > longest) throw invalid(`it has ${pattern.length} characters, ${longest} are allowed`);
  if (/(?<!\\)(?:\\\\)*\\[1-9]/.test(pattern)) throw invalid('it refers back to a group');
  let repeated = 1;
  for (const [, low = '', high = ''] of pattern.matchAll(/\{(\d*)(?:,(\d*))?\}/g))
    repeated *= Math.max(1, Number(low), Number(high));
  if (repeated > mostRepeated)
    throw invalid(`its counted repetitions multiply to ${repeated}, ${mostRepeated} are allowed`);
}

function invalid(why: string): CodeSageError {
  return new CodeSageError(
    'PatternInvalid',
    `The regular expression cannot be used: ${why}.`,
    'Write a simpler POSIX extended expression, or literal text with regex=false.',
  );
}
