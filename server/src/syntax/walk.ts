/** Decides what a parsed file's symbols, references, imports and borders are: one pass over the tree, bounded in nodes, depth and time. */
import { BorderCollector } from './borders.ts';
import { type CompiledRules, flag } from './compile.ts';
import { type Cursor, errorTypeId } from './cursor.ts';
import { defineSymbols } from './definitions.ts';
import { LineIndex } from './lines.ts';
import { maxNameLength, tailIdentifier, typeNamesIn } from './names.ts';
import { Peek } from './peek.ts';
import { type CallRule, listedNames, type NameSpan, type ParsedImport, renamesIn } from './rules/rule.ts';
import { type Scope, ScopeStack } from './scopes.ts';
import type {
  ImportReference,
  ReferenceKind,
  SymbolDefinition,
  SymbolReference,
  Syntax,
  SyntaxProblem,
} from './types.ts';

/** Bounds of one walk; `now` in milliseconds. */
export type WalkLimits = { maxNodes: number; maxDepth: number; deadline: number; now: () => number };

/** Most entries of each list that a file gives; more is generated code. */
const maxSymbols = 20_000;
const maxReferences = 50_000;
const maxImports = 5_000;

/** Longest text of one type expression that is read for names. */
const maxTypeText = 2_000;

/** So many references back a repetition is looked for. */
const repeatWindow = 12;

/** Each so many nodes the clock is read. */
const clockMask = 0xfff;

/** So many characters before an import that is called are looked through for what it is set to. */
const maxBinding = 400;
const bindingAtEnd = /\b(?:const|let|var)\s+(\{[^{}=;]*\}|[\w$]+)\s*=\s*(?:await\s+)?$/;

type Found = Pick<Syntax, 'symbols' | 'references' | 'imports' | 'borders'>;

/** Collects from one tree; `cursor` must be open on it and stays at its root's level. */
export class Walk {
  readonly text: string;
  readonly rules: CompiledRules;
  readonly cursor: Cursor;
  readonly lines: LineIndex;
  readonly peek: Peek;
  readonly scopes = new ScopeStack();
  readonly borders: BorderCollector;
  readonly symbols: SymbolDefinition[] = [];
  readonly #references: SymbolReference[] = [];
  readonly #imports: ImportReference[] = [];
  /** Type id of the node at each depth above the current one. */
  readonly #types: number[] = [];
  /** Start of the wrapper chain that the node at a depth stands in; -1 without one. */
  readonly wrapStart: number[] = [-1];
  /** True at depths whose wrapper holds many definitions. */
  readonly inGroup: boolean[] = [false];
  /** Start of the wrapper visited last. */
  #wrapperAt = 0;
  /** Start of the wrapper chain that already belongs to a definition. */
  claimedWrap = -1;
  /** Offset of the last definition's name, which is no reference to it. */
  nameAt = -1;

  constructor(text: string, rules: CompiledRules, cursor: Cursor) {
    this.text = text;
    this.rules = rules;
    this.cursor = cursor;
    this.lines = new LineIndex(text);
    this.peek = new Peek(text, cursor, rules.names);
    this.borders = new BorderCollector(this.lines);
  }

  /** Walks the whole tree, or up to a limit. */
  run(limits: WalkLimits): SyntaxProblem | undefined {
    const { cursor, borders } = this;
    const { flags } = this.rules;
    let depth = 0;
    for (let nodes = 1; ; nodes++) {
      if (nodes > limits.maxNodes) return 'TooManyNodes';
      if ((nodes & clockMask) === 0 && limits.now() > limits.deadline) return 'TimedOut';
      const type = cursor.typeId();
      const bits = type === errorTypeId ? 0 : (flags[type] as number);
      if ((bits & flag.token) === 0 && borders.watches(depth)) this.#atBorder(bits, depth);
      const inside = (bits & ~flag.token) === flag.leaf ? false : this.#visit(type, bits, depth);
      if (inside && depth < limits.maxDepth && cursor.firstChild()) {
        this.#descend(type, bits, depth);
        depth++;
        continue;
      }
      while (!cursor.nextSibling()) {
        if (depth === 0 || !cursor.parent()) return undefined;
        depth--;
        this.scopes.leave(depth);
      }
      this.scopes.leave(depth);
    }
  }

  /** What was found, in file order. */
  found(): Found {
    return {
      symbols: this.symbols,
      // A chain of calls over several lines is visited from its last call to its first.
      references: this.#references.sort((a, b) => a.line - b.line),
      imports: this.#imports,
      borders: this.borders.finish(),
    };
  }

  #descend(type: number, bits: number, depth: number): void {
    this.#types[depth] = type;
    // `type T struct {` is no block, `type (` is one.
    const single =
      (bits & flag.group) !== 0 && !/^\w+\s*\(/.test(this.text.slice(this.#wrapperAt, this.#wrapperAt + 40));
    this.borders.descend(depth, ((bits & flag.block) !== 0 && !single) || depth === 0, (bits & flag.flatBlock) !== 0);
    const wraps = (bits & (flag.wrapper | flag.group)) !== 0;
    const outer = this.wrapStart[depth] as number;
    this.wrapStart[depth + 1] = wraps ? (outer >= 0 ? outer : this.#wrapperAt) : -1;
    this.inGroup[depth + 1] = (bits & flag.group) !== 0;
  }

  #atBorder(bits: number, depth: number): void {
    if ((bits & (flag.comment | flag.attached)) !== 0) return;
    this.borders.node(this.cursor.start(), depth);
  }

  /** Handles a node that means something; false: the walk need not look inside. */
  #visit(type: number, bits: number, depth: number): boolean {
    if ((bits & (flag.wrapper | flag.group)) !== 0) this.#wrapperAt = this.cursor.start();
    if ((bits & flag.comment) !== 0) {
      this.borders.comment(this.cursor.start(), this.cursor.end(), depth);
      return false;
    }
    if ((bits & flag.decision) !== 0) this.scopes.decide();
    if ((bits & flag.attached) !== 0 && this.#attach(type, bits, depth)) return false;
    if ((bits & flag.import) !== 0 && this.#import(type)) return false;
    const defines = (bits & flag.definition) !== 0 && this.#define(type, depth);
    if ((bits & flag.typeField) !== 0) this.#typeFieldsOf(type);
    if (defines) return (bits & flag.leaf) === 0;
    if ((bits & flag.call) !== 0) this.#refer(this.rules.calls[type], 'call');
    if ((bits & flag.mention) !== 0) this.#refer(this.rules.mentions[type], 'other');
    if ((bits & flag.typeLeaf) !== 0) this.#typeLeaf();
    if ((bits & flag.typeText) !== 0) this.#typeText(this.cursor.start(), this.cursor.end());
    return (bits & (flag.leaf | flag.typeText)) === 0;
  }

  #attach(type: number, bits: number, depth: number): boolean {
    const { isAttached } = this.rules.rules;
    this.#look(depth);
    if (isAttached !== undefined && !isAttached(this.peek)) {
      if (this.borders.watches(depth)) this.borders.node(this.cursor.start(), depth);
      return false;
    }
    const documents = /^@doc\b/.test(this.text.slice(this.cursor.start(), this.cursor.start() + 5));
    this.borders.attach(this.cursor.start(), this.cursor.end(), depth, documents);
    if ((bits & flag.mention) !== 0) this.#refer(this.rules.mentions[type], 'other');
    return true;
  }

  #import(type: number): boolean {
    const parsed = this.rules.imports[type]?.(this.peek) ?? [];
    if (parsed.length === 0) return false;
    const start = this.cursor.start();
    const end = this.cursor.end();
    for (const one of parsed) this.#addImport(one, start, one.namesEnd ?? end);
    return true;
  }

  /** Each name counts on its own line: `start` and `end` are where the names stand. */
  #addImport({ module, names, renames }: ParsedImport, start: number, end: number): void {
    if (module === '' || module.length > maxTypeText || this.#imports.length >= maxImports) return;
    const line = this.lines.lineOf(start);
    this.#imports.push(renames === undefined ? { module, names, line } : { module, names, renames, line });
    const isLong = this.lines.lastLineOf(start, end) > line;
    for (const name of names) {
      const at = isLong ? lastWord(this.text, name, start, end) : -1;
      this.#addReference(name, at < 0 ? line : this.lines.lineOf(at), 'import');
    }
  }

  /** Records what the node defines and makes it a scope; false when it defines nothing. */
  #define(type: number, depth: number): boolean {
    const rule = this.rules.definitions[type];
    this.#look(depth);
    return rule !== undefined && this.symbols.length < maxSymbols && defineSymbols(this, rule, depth);
  }

  #look(depth: number): void {
    const scope: Scope | undefined = this.scopes.top();
    this.peek.scopeKind = scope?.kind;
    this.peek.scopeName = scope?.name ?? '';
    this.peek.wrapperStart = this.wrapStart[depth] as number;
    this.peek.parentType = depth === 0 ? '' : (this.rules.names.types[this.#types[depth - 1] as number] ?? '');
  }

  #refer(rule: CallRule | undefined, kind: ReferenceKind): void {
    if (rule === undefined) return;
    const span: NameSpan | undefined =
      'field' in rule ? this.peek.field(rule.field) : 'first' in rule ? this.peek.first() : rule.find(this.peek);
    if (span === undefined || span.start === this.nameAt) return;
    const name = span.label ?? tailIdentifier(this.text, span.start, span.end);
    if (name === '') return;
    const line = this.lines.lineOf(Math.max(span.start, span.end - 1));
    if (kind === 'call' && this.rules.rules.importCalls?.has(name) === true && this.#importCall(span)) return;
    this.#addReference(name, line, kind);
  }

  /** `require('x')`: true when a string follows. What it is set to (`const { a, b: c } = require('x')`) is what it takes. */
  #importCall({ start, end }: NameSpan): boolean {
    const module = /^[\s(]*["'`]([^"'`]+)["'`]/.exec(this.text.slice(end, end + 300))?.[1];
    if (module === undefined) return false;
    const from = Math.max(0, start - maxBinding);
    const set = bindingAtEnd.exec(this.text.slice(from, start));
    const at = set === null ? start : from + set.index;
    this.#addImport({ module, ...takenBy(set?.[1] ?? '') }, at, start);
    return true;
  }

  #typeLeaf(): void {
    const start = this.cursor.start();
    const end = this.cursor.end();
    if (start === this.nameAt || end - start < 2 || end - start > maxNameLength) return;
    const name = this.text.slice(start, end);
    this.#addReference(name.slice(name.lastIndexOf('.') + 1), this.lines.lineOf(start), 'type');
  }

  #typeFieldsOf(type: number): void {
    const fields = this.rules.typeFields[type];
    if (fields === undefined) return;
    for (const field of fields) {
      const span = this.peek.field(field);
      if (span !== undefined) this.#typeText(span.start, span.end);
    }
  }

  #typeText(start: number, end: number): void {
    const line = this.lines.lineOf(start);
    for (const name of typeNamesIn(this.text.slice(start, Math.min(end, start + maxTypeText))))
      this.#addReference(name, line, 'type');
  }

  #addReference(name: string, line: number, kind: ReferenceKind): void {
    if (this.#references.length >= maxReferences || this.rules.rules.ignored?.has(name) === true) return;
    const enclosing = this.scopes.symbol();
    if (this.#isRepeated(name, line, kind)) return;
    this.#references.push(enclosing < 0 ? { name, line, kind } : { name, line, kind, enclosing });
  }

  /** A name counts once a line. */
  #isRepeated(name: string, line: number, kind: ReferenceKind): boolean {
    const found = this.#references;
    for (let at = found.length - 1; at >= 0 && at >= found.length - repeatWindow; at--) {
      const other = found[at] as SymbolReference;
      if (other.line === line && other.name === name && other.kind === kind) return true;
    }
    return false;
  }
}

/** What `{ a, b: c }` takes of a module, or under which word the whole is known. */
function takenBy(binding: string): Omit<ParsedImport, 'module'> {
  if (!binding.startsWith('{')) return { names: [], ...(binding !== '' && { renames: [{ name: '', as: binding }] }) };
  const list = binding.replace(/\s*:\s*/g, ' as ');
  return { names: listedNames(list), ...renamesIn(list) };
}

/** Where a name stands as a whole word for the last time; -1 where it does not. */
function lastWord(text: string, name: string, start: number, end: number): number {
  const isWord = (at: number): boolean => /[\p{L}\p{N}_$]/u.test(text[at] ?? ' ');
  let from = end - name.length;
  while (from >= start) {
    const at = text.lastIndexOf(name, from);
    if (at < start) return -1;
    if (!isWord(at - 1) && !isWord(at + name.length)) return at;
    from = at - 1;
  }
  return -1;
}
