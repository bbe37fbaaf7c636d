/** Decides how Protocol Buffers are read: a scan over statements and braces, since no package carries a grammar. */
import type { SymbolKind, Syntax } from '../types.ts';
import { blankOut, ScanResult } from './scanner.ts';

const marks = { line: ['//'], block: true, quotes: `"'` } as const;
const kinds: Readonly<Record<string, SymbolKind>> = {
  message: 'struct',
  group: 'struct',
  enum: 'enum',
  service: 'interface',
  oneof: 'section',
  rpc: 'method',
};
const scalars = new Set(
  'double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 bool string bytes map'.split(
    ' ',
  ),
);

/** `end` is where its block ends, or the statement itself when it has none. */
type Statement = { head: string; at: number; end: number };
type Open = { name: string; keyword: string; symbol: number; end: number };

/** Blocks nested deeper than this are no scope of their own. */
const maxNesting = 64;

/** Where the block that each opening brace starts ends; an unclosed one ends with the text. */
function blockEnds(code: string): Map<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  for (const match of code.matchAll(/[{}]/g)) {
    if (match[0] === '{') open.push(match.index);
    else {
      const start = open.pop();
      if (start !== undefined) ends.set(start, match.index + 1);
    }
  }
  for (const start of open) ends.set(start, code.length);
  return ends;
}

const lastPart = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

/** Messages, enums, services, their fields, members and calls; the types that fields and calls name. */
export function scanProtobuf(text: string): Omit<Syntax, 'language'> {
  const { code, comments } = blankOut(text, marks);
  const result = new ScanResult(text, comments);
  const open: Open[] = [];
  const ends = blockEnds(code);
  // A statement starts after `;`, `{` or `}`; its head ends before the next of them.
  for (const match of code.matchAll(/[^;{}\s][^;{}]*/g)) {
    const at = match.index;
    while (open.length > 0 && (open.at(-1) as Open).end <= at) open.pop();
    const end = ends.get(at + match[0].length) ?? at + match[0].length + 1;
    statement(text, { head: match[0], at, end }, open, result);
  }
  return result.finish();
}

function statement(text: string, one: Statement, open: Open[], result: ScanResult): void {
  const { head, at } = one;
  const parent = open.map((one) => one.name).join('.');
  const inside = open.at(-1);
  if (!/^[)\]>,=]/.test(head)) result.border(at, open.length);
  if (/^import\b/.test(head)) {
    const path = /["']([^"']+)["']/.exec(text.slice(at, at + head.length))?.[1] ?? '';
    result.import(path, at);
    return;
  }
  const block = /^(message|enum|service|oneof|rpc|extend|group)\s+([\w.]+)/.exec(head);
  if (block !== null) {
    openBlock(one, block[1] as string, block[2] as string, open, result);
    return;
  }
  const member = /^(\w+)\s*=/.exec(head);
  if (member !== null && inside?.keyword === 'enum') {
    result.define({ name: member[1] as string, kind: 'member', parent }, at, at + head.length, at);
    return;
  }
  const field = /^(?:(?:repeated|optional|required)\s+)?(map\s*<[^>]*>|[\w.]+)\s+(\w+)\s*=\s*\d/.exec(head);
  if (field === null || inside === undefined || inside.keyword === 'enum') return;
  const index = result.define({ name: field[2] as string, kind: 'field', parent }, at, at + head.length, at);
  for (const type of (field[1] as string).matchAll(/[\w.]+/g)) {
    if (!scalars.has(type[0])) result.refer(lastPart(type[0]), at, 'type', index);
  }
}

function openBlock(one: Statement, keyword: string, name: string, open: Open[], result: ScanResult): void {
  const { head, at, end } = one;
  const parent = open.map((outer) => outer.name).join('.');
  const nameAt = at + head.indexOf(name, keyword.length);
  const kind = kinds[keyword];
  const outer = open.at(-1)?.symbol ?? -1;
  const symbol = kind === undefined ? outer : result.define({ name, kind, parent }, at, end, nameAt);
  if (keyword === 'extend') result.refer(lastPart(name), nameAt, 'type', outer);
  if (keyword === 'rpc') {
    for (const type of head.matchAll(/\(\s*(?:stream\s+)?([\w.]+)\s*\)/g))
      result.refer(lastPart(type[1] as string), at + type.index, 'type', symbol);
  }
  if (open.length < maxNesting) open.push({ name, keyword, symbol, end });
}
