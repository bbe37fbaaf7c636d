/** Decides which of ripgrep's JSON events become matches, and with which lines around them. */
import { z } from 'zod';
import type { ExactMatch } from '../engine.ts';

const textSchema = z.union([z.object({ text: z.string() }), z.object({ bytes: z.string() })]);
const lineSchema = z.object({
  path: textSchema,
  lines: textSchema,
  line_number: z.number().nullable(),
  /** Offsets in bytes of what matched in the line; none for lines of context. */
  submatches: z.array(z.object({ start: z.number() })).default([]),
});
const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('begin'), data: z.object({ path: textSchema }) }),
  z.object({ type: z.literal('match'), data: lineSchema }),
  z.object({ type: z.literal('context'), data: lineSchema }),
  z.object({ type: z.literal('end') }),
  z.object({ type: z.literal('summary') }),
]);

const maxLineLength = 2000;

function decode(value: z.infer<typeof textSchema>): string {
  return 'text' in value ? value.text : Buffer.from(value.bytes, 'base64').toString('utf8');
}

/** Text kept before a match that stands far in a long line. */
const leadLength = 200;

/**
 * The line without its end. One that is too long, as in bundles, is cut to a window that holds its first match.
 * @param matchStart offset of that match in bytes of UTF-8
 */
export function shorten(line: string, matchStart = 0): string {
  const text = line.replace(/\r?\n$/, '');
  if (text.length <= maxLineLength) return text;
  const at = Buffer.from(text).subarray(0, matchStart).toString('utf8').length;
  const start = at + leadLength < maxLineLength ? 0 : at - leadLength;
  const end = start + maxLineLength;
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
}

type Line = { number: number; text: string; isMatch: boolean };

/** Gathers the matches of the accepted files, at most `limit`. */
export class MatchCollector {
  readonly #limit: number;
  readonly #accepts: (path: string) => boolean;
  readonly #matches: ExactMatch[] = [];
  #path: string | undefined;
  #lines: Line[] = [];
  #found = 0;

  constructor(limit: number, accepts: (path: string) => boolean) {
    this.#limit = limit;
    this.#accepts = accepts;
  }

  /** True when no more is wanted. One match over the limit is awaited, to know that there is more. */
  get isFull(): boolean {
    return this.#found > this.#limit;
  }

  get truncated(): boolean {
    return this.#found > this.#limit;
  }

  matches(): ExactMatch[] {
    this.#closeFile();
    return this.#matches.slice(0, this.#limit);
  }

  /** Takes one line of ripgrep's output. */
  take(json: string): void {
    const parsed = eventSchema.safeParse(JSON.parse(json));
    if (!parsed.success) return;
    const event = parsed.data;
    if (event.type === 'begin') {
      const path = decode(event.data.path).replace(/^\.\//, '');
      this.#path = this.#accepts(path) ? path : undefined;
    } else if (event.type === 'end') {
      this.#closeFile();
    } else if (event.type !== 'summary' && this.#path !== undefined) {
      const isMatch = event.type === 'match';
      if (isMatch) this.#found++;
      this.#lines.push({
        number: event.data.line_number ?? 0,
        text: shorten(decode(event.data.lines), event.data.submatches[0]?.start),
        isMatch,
      });
    }
  }

  #closeFile(): void {
    const lines = this.#lines;
    const path = this.#path;
    this.#lines = [];
    if (path === undefined) return;
    for (const [i, line] of lines.entries()) {
      if (!line.isMatch) continue;
      this.#matches.push({
        path,
        lineNumber: line.number,
        lineContent: line.text,
        before: neighbours(lines, i, -1).reverse(),
        after: neighbours(lines, i, 1),
      });
    }
  }
}

/** The context lines that follow line `i` without a gap, up to the next match, in the direction of `step`. */
function neighbours(lines: readonly Line[], i: number, step: 1 | -1): string[] {
  const found: string[] = [];
  for (let at = i + step; at >= 0 && at < lines.length; at += step) {
    const line = lines[at];
    const previous = lines[at - step];
    if (line === undefined || previous === undefined || line.isMatch || line.number !== previous.number + step) break;
    found.push(line.text);
  }
  return found;
}
