/** Decides which places ripgrep's JSON events tell of. */
import { z } from 'zod';
import type { Place } from './multiline.ts';

const textSchema = z.union([z.object({ text: z.string() }), z.object({ bytes: z.string() })]);
const matchSchema = z.object({
  type: z.literal('match'),
  data: z.object({
    path: textSchema,
    lines: textSchema,
    line_number: z.number(),
    /** Offsets in bytes of what matched within the lines. */
    submatches: z.array(z.object({ start: z.number(), end: z.number() })),
  }),
});

function decode(value: z.infer<typeof textSchema>): Buffer {
  return 'text' in value ? Buffer.from(value.text) : Buffer.from(value.bytes, 'base64');
}

const matchMark = '{"type":"match"';
const newline = 10;

/** The matches of whole lines of JSON output, by the name of their file. */
export function* eventsOf(output: Buffer): Generator<{ file: string; places: Place[] }> {
  for (const line of output.toString('utf8').split('\n')) {
    if (!line.startsWith(matchMark)) continue;
    const parsed = matchSchema.safeParse(shortened(JSON.parse(line)));
    if (!parsed.success) continue;
    const { path, lines, line_number, submatches } = parsed.data.data;
    yield { file: decode(path).toString('utf8'), places: placesIn(decode(lines), line_number, submatches) };
  }
}

/** A pattern for single characters has a million matches in one event; no answer shows as many. */
const mostSubmatches = 10_000;

function shortened(event: { data?: { submatches?: unknown } }): unknown {
  if (Array.isArray(event.data?.submatches))
    event.data.submatches.length = Math.min(event.data.submatches.length, mostSubmatches);
  return event;
}

/** Each match that starts on a line of its own; what else starts on that line is seen with it. */
function placesIn(lines: Buffer, first: number, submatches: readonly { start: number; end: number }[]): Place[] {
  const places: Place[] = [];
  let line = first;
  let lineStart = 0;
  for (const { start, end } of submatches) {
    for (let at = lines.indexOf(newline, lineStart); at >= 0 && at < start; at = lines.indexOf(newline, lineStart)) {
      line++;
      lineStart = at + 1;
    }
    if (places.at(-1)?.line === line) continue;
    let endLine = line;
    // A newline that ends the match is the end of its last line.
    for (let at = lines.indexOf(newline, start); at >= 0 && at < end - 1; at = lines.indexOf(newline, at + 1))
      endLine++;
    places.push({ line, endLine, column: start - lineStart + 1 });
  }
  return places;
}
