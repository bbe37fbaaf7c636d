/**
 * Decides which lines mention a name as a plain value: a callback handed over, a constant read. Syntax records calls,
 * types and imports only, so these are found by text, without comments and strings as far as a line shows them.
 */
import { dataKinds } from './facts.ts';
import { familyOf } from './families.ts';
import { findName } from './line-context.ts';

/** Lines of a codebase that hold a name as a whole word, by path and line number. */
export type NamedLines = { lines: ReadonlyMap<string, ReadonlyMap<number, string>>; truncated: boolean };

/** Looks a name up in all texts of a codebase. */
export type FindLines = (codebase: string, name: string, signal?: AbortSignal) => Promise<NamedLines>;

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

/** True for kinds whose names stand for something in code; a heading or a key is found by text search. */
export function isCodeKind(kind: Parameters<typeof dataKinds.has>[0]): boolean {
  return !dataKinds.has(kind);
}
