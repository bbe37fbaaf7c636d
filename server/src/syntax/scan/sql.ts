/** Decides how SQL is read: statement by statement, since the one grammar on npm comes without its WASM file. */
import type { SymbolKind, Syntax } from '../types.ts';
import { blankOut, ScanResult } from './scanner.ts';

const marks = { line: ['--', '#!'], block: true, quotes: "'", dollarQuotes: true } as const;
const name = String.raw`(?:[\w$]+|"[^"\n]+"|\x60[^\x60\n]+\x60|\[[^\]\n]+\])`;
const path = `${name}(?:\\s*\\.\\s*${name})*`;
const created = new RegExp(
  String.raw`^(?:create|alter)\s+(?:or\s+(?:replace|alter)\s+)?(?:(?:global|local|temp|temporary|unlogged|external|unique|clustered|materialized|recursive|secure|virtual|definer\s*=\s*\S+)\s+)*` +
    String.raw`(table|view|function|procedure|trigger|type|domain|index|schema|database|sequence|extension|policy|role|user)\s+` +
    String.raw`(?:concurrently\s+)?(?:if\s+(?:not\s+)?exists\s+)?(${path})`,
  'i',
);
const used = new RegExp(
  String.raw`\b(from|join|into|update|references|table|on)\s+(?!(?:on|of|or|select|set|each)\b)(?:only\s+|if\s+(?:not\s+)?exists\s+)?(${path})`,
  'gi',
);
const called = new RegExp(String.raw`\b(?:call|execute\s+(?:function|procedure)|perform)\s+(${path})`, 'gi');
const column = new RegExp(String.raw`^\s*(${name})\s+[a-z]`, 'i');
const notColumns = /^(?:primary|foreign|unique|check|constraint|key|index|exclude|like|partition|period)$/i;
const notTables =
  /^(?:select|set|each|delete|update|insert|conflict|commit|lateral|unnest|values|only|as|if|where|by|cascade)$/i;

const kinds: Readonly<Record<string, SymbolKind>> = {
  table: 'table',
  view: 'table',
  function: 'function',
  procedure: 'function',
  trigger: 'function',
  type: 'type',
  domain: 'type',
  schema: 'module',
  database: 'module',
};

/** Longest statement that is searched for names: dumps insert megabytes at once. */
const maxStatement = 50_000;

/** The segments of `shop."users"`, without quotes. */
function segments(written: string): string[] {
  return written.split('.').map((part) => part.trim().replace(/^["`[]|["`\]]$/g, ''));
}

/** Tables with their columns, views, functions, triggers, types; the tables that statements use. */
export function scanSql(text: string): Omit<Syntax, 'language'> {
  const { code, comments } = blankOut(text, marks);
  const result = new ScanResult(text, comments);
  let from = 0;
  while (from < code.length) {
    const semicolon = code.indexOf(';', from);
    const end = semicolon < 0 ? code.length : semicolon + 1;
    const lead = /\S/.exec(code.slice(from, Math.min(end, from + maxStatement)))?.index ?? -1;
    if (lead >= 0 && code[from + lead] !== ';') statement(code, text, from + lead, end, result);
    from = end;
  }
  return result.finish();
}

function statement(code: string, text: string, start: number, end: number, result: ScanResult): void {
  result.border(start, 0);
  const body = code.slice(start, Math.min(end, start + maxStatement));
  const match = created.exec(body);
  const what = match?.[1]?.toLowerCase() ?? '';
  const kind = kinds[what];
  let symbol = -1;
  let from = 0;
  if (match !== null && kind !== undefined && /^create/i.test(body)) {
    const parts = segments(match[2] as string);
    const own = parts.at(-1) as string;
    symbol = result.define(
      { name: own, kind, parent: parts.slice(0, -1).join('.') },
      start,
      end,
      start + match[0].length - 1,
    );
    if (what === 'table') columns(body, start, match[0].length, parts.join('.'), result);
    from = match[0].length;
  }
  // Inside of dollar quotes stands a function's body, which names tables too.
  const searched = kind === 'function' ? text.slice(start, Math.min(end, start + maxStatement)) : body;
  uses(searched, from, start, symbol, result);
}

function uses(body: string, from: number, start: number, symbol: number, result: ScanResult): void {
  const seen: { at: number; name: string; kind: 'type' | 'call' }[] = [];
  for (const match of body.matchAll(used)) {
    const own = segments(match[2] as string).at(-1) as string;
    // `ON a.b = c` is a condition; `ON users (…)` and `ON orders FOR` name a table.
    const condition =
      /^on$/i.test(match[1] as string) &&
      /^\s*(?:=|<|>|!|\.|and\b|in\b|is\b)/i.test(body.slice(match.index + match[0].length));
    if (match.index >= from && !condition && !notTables.test(own))
      seen.push({ at: match.index, name: own, kind: 'type' });
  }
  for (const match of body.matchAll(called))
    seen.push({ at: match.index, name: segments(match[1] as string).at(-1) as string, kind: 'call' });
  for (const { at, name: own, kind } of seen.sort((a, b) => a.at - b.at)) result.refer(own, start + at, kind, symbol);
}

/** The columns between the outer parentheses of CREATE TABLE. */
function columns(body: string, start: number, from: number, parent: string, result: ScanResult): void {
  const opening = body.indexOf('(', from);
  if (opening < 0) return;
  let depth = 0;
  let itemStart = opening + 1;
  for (let at = opening; at < body.length; at++) {
    const mark = body[at];
    if (mark === '(') depth++;
    else if (mark === ')') depth--;
    if (!(depth === 0 || (mark === ',' && depth === 1))) continue;
    const item = body.slice(itemStart, at);
    const own = segments(column.exec(item)?.[1] ?? '')[0] ?? '';
    const itemAt = start + itemStart + item.search(/\S/);
    if (own !== '' && !notColumns.test(own)) {
      result.define({ name: own, kind: 'field', parent }, itemAt, start + at, itemAt);
      if (result.lines.isFirstOnLine(itemAt)) result.border(itemAt, 1);
    }
    if (depth === 0) return;
    itemStart = at + 1;
  }
}
