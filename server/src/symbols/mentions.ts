/**
 * Decides which lines mention a name as a plain value: a callback handed over, a constant read. Syntax records calls,
 * types and imports only, so these are found by text, without comments and strings as far as a line shows them.
 */
import { familyOf } from './families.ts';
import { findName } from './line-context.ts';

/** Paths of the files of a codebase that hold a name as a whole word, comments and strings included. */
export type FindFiles = (codebase: string, name: string) => Promise<string[]>;

/** Lines that hold a name as a whole word, by path and line number. */
export type NamedLines = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** The lines of a text that hold the name, by number. */
export function linesWith(text: string, name: string): Map<number, string> {
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
    if (findName(line, name) >= 0) lines.set(number, line);
    at = end < 0 ? -1 : text.indexOf(name, end);
  }
  return lines;
}

const hashComments = new Set([
  'python',
  'ruby',
  'shell',
  'elixir',
  'hcl',
  'toml',
  'yaml',
  'starlark',
  'perl',
  'r',
  'make',
  'dockerfile',
  'php',
]);
const dashComments = new Set(['sql', 'lua', 'haskell', 'elm']);
const singleQuoted = new Set(['js', 'python', 'ruby', 'php', 'lua', 'shell', 'sql']);

/** True when a line of code holds the name outside of comments and strings, as far as the line alone tells. */
export function mentionsName(line: string, name: string, language: string): boolean {
  const family = familyOf(language);
  const trimmed = line.trimStart();
  if (/^(?:\/\/|\/\*|\*(?:\s|\/|$)|<!--|"""|''')/.test(trimmed)) return false;
  const comment = hashComments.has(family) ? /(?:^|\s)#(?!\{)/ : dashComments.has(family) ? /--/ : /(?:^|\s)\/\//;
  const at = findName(line, name);
  if (at < 0) return false;
  const before = line.slice(0, at);
  if (comment.test(before)) return false;
  const marks = singleQuoted.has(family) ? ['"', "'", '`'] : ['"', '`'];
  return marks.every((mark) => count(before, mark) % 2 === 0);
}

function count(text: string, mark: string): number {
  let found = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) if (text[at - 1] !== '\\') found++;
  return found;
}
