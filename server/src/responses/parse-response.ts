/** Decides which parts a language model's response has: JSON, code, lists, keys with values, headings and text, in its order. */
import { type Block, blocksOf } from './blocks.ts';
import { endOfJson, newRepairBudget, parseJson, type RepairBudget } from './parse-json.ts';

/** One part of a response. Lines are 1-based, both ends included. */
export type ResponsePart = { startLine: number; endLine: number } & (
  | { kind: 'json'; value: unknown; repairs: string[] }
  | { kind: 'code'; language: string; text: string; repairs: string[] }
  | { kind: 'list'; isOrdered: boolean; items: string[] }
  | { kind: 'key_values'; values: Record<string, string> }
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'text' | 'reasoning'; text: string }
);

const jsonLanguages = new Set(['json', 'jsonc', 'json5', 'jsonl', 'ndjson', 'geojson']);
const bullet = /^\s{0,12}(?:[-*+•]|(\d{1,4})[.)])\s+(\S.*)$/;
const heading = /^ {0,3}(#{1,6})\s+(\S.*)$/;
const keyValue =
  /^\s{0,3}(?:\*\*|__|`)?([\p{L}][\p{L}\p{N} _./()-]{0,59}?)(?:\*\*|__|`)?\s*[:=](?:\*\*|__)?(?!\/\/)\s+(\S.*)$/u;
/** Lines longer than this are text, so that no pattern reads far. */
const maxPatternLine = 2_000;
const maxKeyWords = 5;
/** Each bracket that nothing closes is read to the end of the text. */
const maxUnclosed = 3;

/** Parses a response. Never throws for what it holds; time grows with its length and no faster. */
export function parseResponse(text: string): ResponsePart[] {
  const budget = newRepairBudget();
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  return blocksOf(plain).flatMap((block) => {
    if (block.kind === 'reasoning') return [{ ...placeOf(block), kind: 'reasoning', text: block.lines.join('\n') }];
    return block.kind === 'fenced' ? [fencedPart(block, budget)] : plainParts(block, budget);
  });
}

function placeOf({ startLine, endLine }: Block): { startLine: number; endLine: number } {
  return { startLine, endLine };
}

function fencedPart(block: Block & { kind: 'fenced' }, budget: RepairBudget): ResponsePart {
  const { language, isClosed } = block;
  const text = block.lines.join('\n');
  const unclosed = isClosed ? [] : ['closed a code fence that was open at the end'];
  const mayBeJson = jsonLanguages.has(language) || (language === '' && /^\s*[[{]/.test(text.slice(0, 200)));
  const json = mayBeJson ? (parsedLines(language, block.lines, budget) ?? parseJson(text, budget)) : undefined;
  if (json !== undefined)
    return { ...placeOf(block), kind: 'json', value: json.value, repairs: [...unclosed, ...json.repairs] };
  return { ...placeOf(block), kind: 'code', language, text, repairs: unclosed };
}

/** One value a line, as JSON Lines has it. */
function parsedLines(language: string, lines: readonly string[], budget: RepairBudget) {
  if (language !== 'jsonl' && language !== 'ndjson') return undefined;
  const values = lines.filter((line) => line.trim() !== '').map((line) => parseJson(line, budget));
  if (values.length === 0 || values.includes(undefined)) return undefined;
  return {
    value: values.map((one) => one?.value),
    repairs: [...new Set(values.flatMap((one) => one?.repairs ?? []))],
  };
}

/** The parts of a block without fences: JSON that stands in it, and what the lines around that say. */
function plainParts(block: Block, budget: RepairBudget): ResponsePart[] {
  const text = block.lines.join('\n');
  const parts: ResponsePart[] = [];
  let from = 0;
  let line = block.startLine;
  let counted = 0;
  const lineAt = (offset: number): number => {
    for (; counted < offset; counted++) if (text.charCodeAt(counted) === 10) line += 1;
    return line;
  };
  const takeText = (to: number) => {
    const startLine = lineAt(from);
    parts.push(...lineParts(text.slice(from, to).split('\n'), startLine));
    lineAt(to);
  };
  let skipTo = 0;
  let unclosed = 0;
  for (const start of jsonStarts(text)) {
    if (start < Math.max(from, skipTo)) continue;
    const { end, isClosed } = endOfJson(text, start);
    const json = parseJson(text.slice(start, end), budget);
    const isData = json !== undefined && typeof json.value === 'object' && json.value !== null;
    if (isData) {
      takeText(start);
      const startLine = lineAt(start);
      parts.push({ startLine, endLine: lineAt(end), kind: 'json', value: json.value, repairs: json.repairs });
      from = end;
    } else if (isClosed) skipTo = end;
    else if (++unclosed >= maxUnclosed) break;
  }
  takeText(text.length);
  return parts;
}

/** Where JSON may begin: a bracket with what JSON has behind it, an array only at the start of a line or behind a colon. */
function* jsonStarts(text: string): Generator<number> {
  const candidate =
    /\{\s{0,200}(?:["'“]|\/[/*]|[A-Za-z_]\w{0,60}\s{0,20}:\s)|(?:^|\n|:)[ \t]{0,40}(\[\s{0,200}(?:[[{"'\]-]|\d|true\b|false\b|null\b)|\{\s{0,200}\})/g;
  for (const match of text.matchAll(candidate))
    yield match[1] === undefined ? match.index : match.index + match[0].length - match[1].length;
}

/** Lists, keys with values, headings, and paragraphs of text. */
function lineParts(lines: readonly string[], firstLine: number): ResponsePart[] {
  const parts: ResponsePart[] = [];
  for (let at = 0; at < lines.length; ) {
    if ((lines[at] as string).trim() === '') {
      at += 1;
      continue;
    }
    const found = headingAt(lines, at) ?? listAt(lines, at) ?? keyValuesAt(lines, at) ?? textAt(lines, at);
    parts.push({ startLine: firstLine + at, endLine: firstLine + at + found.count - 1, ...found.part });
    at += found.count;
  }
  return parts;
}

type Found = { count: number; part: DistributedOmit<ResponsePart, 'startLine' | 'endLine'> };
type DistributedOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function matched(pattern: RegExp, line: string | undefined): RegExpExecArray | null {
  return line === undefined || line.length > maxPatternLine ? null : pattern.exec(line);
}

function headingAt(lines: readonly string[], at: number): Found | undefined {
  const match = matched(heading, lines[at]);
  if (match === null) return undefined;
  const text = (match[2] as string).replace(/\s#{1,6}\s*$/, '');
  return { count: 1, part: { kind: 'heading', level: (match[1] as string).length, text } };
}

/** Items with the lines that go on below them, indented. */
function listAt(lines: readonly string[], at: number): Found | undefined {
  const first = matched(bullet, lines[at]);
  if (first === null) return undefined;
  const items: string[][] = [];
  let to = at;
  for (; to < lines.length; to++) {
    const line = lines[to] as string;
    const item = matched(bullet, line);
    if (item !== null && items.length > 0 && isOtherList(first, item)) break;
    if (item !== null) items.push([item[2] as string]);
    else if (/^\s{2,}\S/.test(line.slice(0, 200))) items.at(-1)?.push(line.trim());
    else if (line.trim() !== '' || matched(bullet, lines[to + 1]) === null) break;
  }
  return {
    count: to - at,
    part: { kind: 'list', isOrdered: first[1] !== undefined, items: items.map((one) => one.join('\n')) },
  };
}

/** Numbers after bullets, or the other way round, at the same level. */
function isOtherList(first: RegExpExecArray, item: RegExpExecArray): boolean {
  const indent = (match: RegExpExecArray) => match[0].length - match[0].trimStart().length;
  return (first[1] === undefined) !== (item[1] === undefined) && indent(item) <= indent(first);
}

/** Two lines and more that each name a value. */
function keyValuesAt(lines: readonly string[], at: number): Found | undefined {
  const values = new Map<string, string>();
  let to = at;
  for (; to < lines.length; to++) {
    const match = matched(keyValue, lines[to]);
    const key = match?.[1]?.trim() ?? '';
    if (match === null || key.split(/\s+/).length > maxKeyWords) break;
    values.set(key, (match[2] as string).trim());
  }
  return to - at < 2 ? undefined : { count: to - at, part: { kind: 'key_values', values: Object.fromEntries(values) } };
}

/** A paragraph: lines up to an empty one, or to what is no text. */
function textAt(lines: readonly string[], at: number): Found {
  let to = at + 1;
  for (; to < lines.length; to++) {
    const line = lines[to] as string;
    const isOther = line.trim() === '' || matched(heading, line) !== null || matched(bullet, line) !== null;
    if (isOther || (matched(keyValue, line) !== null && matched(keyValue, lines[to + 1]) !== null)) break;
  }
  return { count: to - at, part: { kind: 'text', text: lines.slice(at, to).join('\n').trim() } };
}
