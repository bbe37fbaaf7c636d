/** Decides how Markdown is read: line by line, since headings need no tree and the grammar's lexer is the largest of all. */
import type { Syntax } from '../types.ts';
import { ScanResult } from './scanner.ts';

type Line = { start: number; end: number; text: string };
type Heading = { level: number; name: string; line: Line };
type Open = { level: number; name: string; symbol: number };

const maxName = 120;
/** No heading is longer; patterns look no further. */
const maxLineRead = 1_000;
const fence = /^ {0,3}(`{3,}|~{3,})/;
const atx = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const underline = /^ {0,3}(=+|-+)[ \t]*$/;
/** Starts of lines that are no paragraph text, so that a line of dashes below them is a rule or a table. */
const notParagraph = /^ {0,3}(?:[>#|]|[-*+][ \t]|\d+[.)][ \t]|```|~~~|<)|^(?: {4}|\t)/;

function splitLines(text: string): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < text.length; ) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    lines.push({ start, end, text: text.slice(start, Math.min(end, start + maxLineRead)).trimEnd() });
    start = end + 1;
  }
  return lines;
}

/** The words of a heading without marks of emphasis, code and links. */
function plainName(text: string): string {
  return text
    .slice(0, 1_000)
    .replace(/\]\([^)]*\)|\{#[^}]*\}|[[*_`]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, maxName);
}

/** The line after the front matter (`---` … `---`) at a file's start. */
function afterFrontMatter(lines: readonly Line[]): number {
  if (lines[0]?.text !== '---') return 0;
  const end = lines.findIndex((line, at) => at > 0 && (line.text === '---' || line.text === '...'));
  return end < 0 ? 0 : end + 1;
}

function headingAt(lines: readonly Line[], at: number): Heading | undefined {
  const line = lines[at] as Line;
  const match = atx.exec(line.text);
  if (match !== null) return { level: (match[1] as string).length, name: plainName(match[2] ?? ''), line };
  const below = underline.exec(lines[at + 1]?.text ?? '')?.[1];
  if (below === undefined || line.text.trim() === '' || notParagraph.test(line.text)) return undefined;
  return { level: below.startsWith('=') ? 1 : 2, name: plainName(line.text), line };
}

/** Headings as nested definitions, each up to the next of its level; borders at headings, paragraphs and code blocks. */
export function scanMarkdown(text: string): Omit<Syntax, 'language'> {
  const lines = splitLines(text);
  const result = new ScanResult(text, []);
  const open: Open[] = [];
  let closing = '';
  let blankBefore = true;
  let written = 0;
  const closeTo = (level: number): void => {
    while (open.length > 0 && (open.at(-1) as Open).level >= level) result.extend((open.pop() as Open).symbol, written);
  };
  for (let at = afterFrontMatter(lines); at < lines.length; at++) {
    const line = lines[at] as Line;
    const blank = line.text.trim() === '';
    if (closing !== '') {
      if (line.text.trim().startsWith(closing) && /^[`~]+$/.test(line.text.trim())) closing = '';
    } else if (!blank) {
      closing = fence.exec(line.text)?.[1] ?? '';
      const heading = closing === '' ? headingAt(lines, at) : undefined;
      if (heading !== undefined) {
        closeTo(heading.level);
        result.border(line.start, open.length);
        open.push(define(heading, open, result));
      } else if (blankBefore || closing !== '') result.border(line.start, open.length);
    }
    if (!blank) written = line.end;
    blankBefore = blank;
  }
  closeTo(0);
  return result.finish();
}

function define(heading: Heading, open: readonly Open[], result: ScanResult): Open {
  const { level, name, line } = heading;
  const parent = open.map((one) => one.name).join('.');
  const symbol = name === '' ? -1 : result.define({ name, kind: 'heading', parent }, line.start, line.end, line.start);
  return { level, name, symbol };
}
