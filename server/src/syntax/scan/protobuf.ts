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

type Open = { name: string; keyword: string; symbol: number; end: number };

/** The end of the block or statement that starts at `from`. */
function blockEnd(code: string, from: number): number {
  let depth = 0;
  for (let at = from; at < code.length; at++) {
    const mark = code[at];
    if (mark === '{') depth++;
    else if (mark === '}' && --depth <= 0) return at + 1;
    else if (mark === ';' && depth === 0) return at + 1;
  }
  return code.length;
}

const lastPart = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

/** Messages, enums, services, their fields, members and calls; the types that fields and calls name. */
export function scanProtobuf(text: string): Omit<Syntax, 'language'> {
  const { code, comments } = blankOut(text, marks);
  const result = new ScanResult(text, comments);
  const open: Open[] = [];
  // A statement starts after `;`, `{` or `}`; its head ends before the next of them.
  for (const match of code.matchAll(/[^;{}\s][^;{}]*/g)) {
    const at = match.index;
    while (open.length > 0 && (open.at(-1) as Open).end <= at) open.pop();
    statement(code, text, match[0], at, open, result);
  }
  return result.finish();
}

function statement(code: string, text: string, head: string, at: number, open: Open[], result: ScanResult): void {
  const parent = open.map((one) => one.name).join('.');
  const inside = open.at(-1);
  if (!/^[)\]>,=]/.test(head)) result.border(at, open.length);
  if (/^import\b/.test(head)) {
    const path = /["']([^"']+)["']/.exec(text.slice(at, blockEnd(code, at)))?.[1] ?? '';
    result.import(path, at);
    return;
  }
  const block = /^(message|enum|service|oneof|rpc|extend|group)\s+([\w.]+)/.exec(head);
  if (block !== null) {
    openBlock(code, head, at, block[1] as string, block[2] as string, parent, open, result);
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

function openBlock(
  code: string,
  head: string,
  at: number,
  keyword: string,
  name: string,
  parent: string,
  open: Open[],
  result: ScanResult,
): void {
  const end = blockEnd(code, at);
  const nameAt = at + head.indexOf(name, keyword.length);
  const kind = kinds[keyword];
  const outer = open.at(-1)?.symbol ?? -1;
  const symbol = kind === undefined ? outer : result.define({ name, kind, parent }, at, end, nameAt);
  if (keyword === 'extend') result.refer(lastPart(name), nameAt, 'type', outer);
  if (keyword === 'rpc') {
    for (const type of head.matchAll(/\(\s*(?:stream\s+)?([\w.]+)\s*\)/g))
      result.refer(lastPart(type[1] as string), at + type.index, 'type', symbol);
  }
  open.push({ name, keyword, symbol, end });
}
