/**
 * Decides which lines mention a name as a plain value: a callback handed over, a constant read. Syntax records calls,
 * types and imports only, so these are found by text, without comments and strings.
 */
import { lexicalSyntaxOf } from '../syntax/comment-syntax.ts';
import { forEachSpan, isWordByte, spanKinds } from '../syntax/spans.ts';
import { familyOf, usesSigils } from './families.ts';
import { findName } from './line-context.ts';

/** Paths of the files of a codebase that hold a name as a whole word, comments and strings included. */
export type FindFiles = (codebase: string, name: string, signal?: AbortSignal) => Promise<string[]>;

/** Lines that hold a name as a whole word, by path and line number. */
export type NamedLines = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** The lines of a text that hold the name, by number. */
export function linesWith(text: string, name: string, language: string): Map<number, string> {
  const hasSigils = usesSigils(language);
  const lines = new Map<number, string>();
  let number = 1;
  let counted = 0;
  for (let at = text.indexOf(name); at >= 0; ) {
    for (let end = text.indexOf('\n', counted); end >= 0 && end < at; end = text.indexOf('\n', counted)) {
      counted = end + 1;
      number++;
    }
    const end = text.indexOf('\n', at);
    const line = text.slice(counted, end < 0 ? text.length : end).replace(/\r$/, '');
    if (findName(line, name, { hasSigils }) >= 0) lines.set(number, line);
    at = end < 0 ? -1 : text.indexOf(name, end);
  }
  return lines;
}

/** Numbers of the lines that hold the name in code: not in a comment, not in a string. */
export function codeLinesWith(text: string, name: string, language: string): Set<number> {
  const bytes = Buffer.from(text);
  const places = placesOf(bytes, Buffer.from(name), usesSigils(language));
  const interpolation = interpolations[familyOf(language)];
  const inCode: number[] = [];
  let next = 0;
  forEachSpan(bytes, 0, bytes.length, lexicalSyntaxOf(language), (kind, start, end) => {
    for (let at = places[next]; at !== undefined && at < end; at = places[++next]) {
      const isRead =
        kind === spanKinds.string && interpolation !== undefined && isInterpolated(bytes, start, at, interpolation);
      if (kind === spanKinds.code || isRead) inCode.push(at);
    }
  });
  return linesAt(bytes, inCode);
}

/** Where the name stands as a whole word, in order. */
function placesOf(bytes: Buffer, name: Buffer, hasSigils: boolean): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1))
    if (isWholeWord(bytes, at, name, hasSigils)) places.push(at);
  return places;
}

/** The lines of ascending places. */
function linesAt(bytes: Buffer, places: readonly number[]): Set<number> {
  const lines = new Set<number>();
  let number = 1;
  let counted = 0;
  for (const place of places) {
    for (let end = bytes.indexOf(newline, counted); end >= 0 && end < place; end = bytes.indexOf(newline, counted)) {
      counted = end + 1;
      number++;
    }
    lines.add(number);
  }
  return lines;
}

/** What opens and closes code within a string. */
const interpolations: Readonly<Record<string, readonly [open: string, close: string]>> = {
  js: ['${', '}'],
  jvm: ['${', '}'],
  shell: ['$', ' '],
  python: ['{', '}'],
  csharp: ['{', '}'],
  rust: ['{', '}'],
  ruby: ['#{', '}'],
  elixir: ['#{', '}'],
  php: ['{$', '}'],
  swift: ['\\(', ')'],
};
const longestInterpolation = 200;

function isInterpolated(bytes: Buffer, start: number, at: number, [open, close]: readonly [string, string]): boolean {
  const before = bytes.toString('latin1', Math.max(start, at - longestInterpolation), at);
  const opened = before.lastIndexOf(open);
  return opened >= 0 && !before.includes(close, opened + open.length);
}

function isWholeWord(bytes: Buffer, at: number, name: Buffer, hasSigils: boolean): boolean {
  const end = at + name.length;
  const isOpen = (edge: number | undefined, beside: number | undefined) =>
    edge === undefined || beside === undefined || !isWordByte(edge) || !isWordByte(beside);
  const isVariable = hasSigils && bytes[at - 1] === dollar;
  return (isVariable || isOpen(name[0], bytes[at - 1])) && isOpen(name.at(-1), bytes[end]);
}

const dollar = 36;
const newline = 10;
