/** Decides what a definition is called, where it starts and ends, what documents it, and who may use it. */
import { firstSentence, type PendingComments } from './comments.ts';
import { maxNameLength, splitQualified } from './names.ts';
import { type DefinitionRule, isTypeKind, type NameSpan } from './rules/rule.ts';
import type { DocComment, SymbolDefinition, SymbolKind } from './types.ts';
import type { Walk } from './walk.ts';

const maxSignature = 200;
/** A head longer than this (annotations) is cut in its middle: words that matter stand at its ends. */
const maxHead = 600;

const localKinds: ReadonlySet<SymbolKind> = new Set(['variable', 'constant', 'field']);
const functionKinds: ReadonlySet<SymbolKind> = new Set(['function', 'method']);

/** One definition as its node and name say it, before its surroundings are known. */
type Named = { span: NameSpan; name: string; parent: string | undefined; kind: SymbolKind };

/**
 * Records what the node under the walk's cursor defines, and makes it the scope of what is inside. False when it
 * defines nothing here: no name, a local variable, or a key too deep in a data file.
 */
export function defineSymbols(walk: Walk, rule: DefinitionRule, depth: number): boolean {
  const { peek } = walk;
  // Data files have most of their keys below: those need not be looked at.
  if (walk.scopes.size() > (walk.rules.rules.maxScope ?? Number.POSITIVE_INFINITY)) return false;
  const found = typeof rule.name === 'function' ? rule.name(peek) : peek.field(rule.name ?? 'name');
  if (found === undefined) return false;
  const spans = Array.isArray(found) ? found : [found];
  const known: Named[] = [];
  for (const span of spans) {
    const one = nameOne(walk, rule, span);
    if (one !== undefined) known.push(one);
  }
  const last = known.at(-1);
  if (last === undefined) return false;
  if (rule.scopeOnly === true || (typeof rule.scopeOnly === 'function' && rule.scopeOnly(peek))) {
    openScope(walk, depth, last, walk.scopes.symbol(), undefined);
    return true;
  }
  const isInFunction = walk.scopes.top()?.inFunction === true;
  const kept = isInFunction ? known.filter((one) => !localKinds.has(one.kind)) : known;
  for (const one of kept) {
    const index = record(walk, rule, one, depth, kept.length > 1 || rule.flat === true);
    if (one === kept.at(-1) && rule.flat !== true) openScope(walk, depth, one, index, walk.symbols[index]);
  }
  return kept.length > 0;
}

function nameOne(walk: Walk, rule: DefinitionRule, span: NameSpan): Named | undefined {
  const text = span.label ?? walk.text.slice(span.start, Math.min(span.end, span.start + maxNameLength + 1));
  const kind = typeof rule.kind === 'function' ? rule.kind(walk.peek, text) : rule.kind;
  if (kind === undefined) return undefined;
  // The title of a test is no path.
  const whole = rule.whole === true || kind === 'test';
  const { name, parent } = whole ? { name: text.replace(/^["']|["']$/g, ''), parent: undefined } : splitQualified(text);
  if (name === '' || name.length > maxNameLength) return undefined;
  const stated = rule.parent?.(walk.peek) ?? parent;
  const isMethod = kind === 'function' && (stated !== undefined || isTypeKind(walk.scopes.top()?.kind));
  return { span, name, parent: stated, kind: isMethod ? 'method' : kind };
}

function pathOf(walk: Walk, stated: string | undefined): string | undefined {
  const outer = walk.scopes.top()?.path;
  if (outer === undefined) return stated;
  return stated === undefined ? outer : `${outer}.${stated}`;
}

function openScope(walk: Walk, depth: number, one: Named, symbol: number, own: SymbolDefinition | undefined): void {
  const outer = walk.scopes.top();
  const parent = pathOf(walk, one.parent);
  const isFunction = functionKinds.has(one.kind) || one.kind === 'macro';
  walk.scopes.push({
    depth,
    kind: one.kind,
    name: one.name,
    path: parent === undefined ? one.name : `${parent}.${one.name}`,
    symbol,
    inFunction: outer?.inFunction === true || (isFunction && own !== undefined),
    counted: own?.complexity === undefined ? outer?.counted : own,
    lastChild: -1,
  });
}

/** Adds the symbol, or a further clause to the one before it. Returns its index. */
function record(walk: Walk, rule: DefinitionRule, one: Named, depth: number, several: boolean): number {
  const { cursor, lines, symbols } = walk;
  const start = several ? one.span.start : cursor.start();
  const end = several ? one.span.end : cursor.end();
  walk.nameAt = one.span.start;
  const endLine = lines.lastLineOf(start, end);
  const parent = pathOf(walk, one.parent);
  const before = walk.rules.rules.mergeClauses === true ? symbols[walk.scopes.lastChild()] : undefined;
  if (before !== undefined && before.name === one.name && before.kind === one.kind) {
    before.endLine = Math.max(before.endLine, endLine);
    if (before.complexity !== undefined) before.complexity++;
    walk.borders.take(lines.lineOf(start));
    return walk.scopes.lastChild();
  }
  const outerStart = several ? start : claimWrapper(walk, start, depth);
  const pending = walk.borders.take(lines.lineOf(outerStart));
  const nameLine = lines.lineOf(one.span.start);
  const from = pending !== undefined && pending.attributeStart >= 0 ? pending.attributeStart : outerStart;
  const symbol: SymbolDefinition = {
    name: one.name,
    kind: one.kind,
    startLine: Math.min(lines.lineOf(from), nameLine),
    endLine: Math.max(endLine, nameLine),
    nameLine,
    signature: lines.trimmed(nameLine).slice(0, maxSignature),
  };
  if (parent !== undefined) symbol.parent = parent;
  const doc = docOf(walk, pending, one.kind);
  if (doc !== undefined) symbol.docComment = doc;
  const exported = walk.rules.rules.exported?.(headOf(walk, start, one.span.start, depth), one.name, walk.peek);
  if (exported !== undefined) symbol.exported = exported;
  if (functionKinds.has(one.kind) && hasBody(walk, rule, start, end)) symbol.complexity = 1;
  symbols.push(symbol);
  walk.scopes.setLastChild(symbols.length - 1);
  return symbols.length - 1;
}

/** Where the declaration starts, its `export`, template or decorators included; the first definition inside gets them. */
function claimWrapper(walk: Walk, start: number, depth: number): number {
  const wrapper = walk.wrapStart[depth] as number;
  if (wrapper < 0) return start;
  const own = walk.lines.lineOf(start);
  const sameLine = walk.lines.lineOf(wrapper) === own;
  if (walk.inGroup[depth] === true) return sameLine ? wrapper : start;
  if (walk.claimedWrap === wrapper && !sameLine) return start;
  walk.claimedWrap = wrapper;
  return wrapper;
}

function headOf(walk: Walk, start: number, nameStart: number, depth: number): string {
  const wrapper = walk.wrapStart[depth] as number;
  const head = walk.text.slice(wrapper >= 0 ? wrapper : start, nameStart);
  return head.length > maxHead ? `${head.slice(0, maxHead / 2)} ${head.slice(-maxHead / 2)}` : head;
}

/** A prototype ends with a semicolon and has neither braces nor an arrow. */
function hasBody(walk: Walk, rule: DefinitionRule, start: number, end: number): boolean {
  if (rule.bodiless === true || (typeof rule.bodiless === 'function' && rule.bodiless(walk.peek))) return false;
  return walk.text[end - 1] !== ';' || /\{|=>/.test(walk.text.slice(start, end));
}

function docOf(walk: Walk, pending: PendingComments | undefined, kind: SymbolKind): DocComment | undefined {
  const { innerDoc, isDoc } = walk.rules.rules;
  const inner = innerDoc?.(walk.peek);
  const span = inner ?? (pending === undefined ? undefined : { start: pending.textStart, end: pending.textEnd });
  if (span === undefined || span.end <= span.start) return undefined;
  const text = walk.text.slice(span.start, span.end);
  if (inner === undefined && isDoc?.(text, kind) === false) return undefined;
  const sentence = firstSentence(text);
  if (sentence === '') return undefined;
  return { startLine: walk.lines.lineOf(span.start), endLine: walk.lines.lastLineOf(span.start, span.end), sentence };
}
