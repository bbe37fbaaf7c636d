/** Decides which bytes of a source file are code, comment or string, in one linear pass without a grammar. */
import type { LexicalSyntax, StringRule } from './comment-syntax.ts';

export const spanKinds = { code: 0, comment: 1, string: 2 } as const;
export type SpanKind = (typeof spanKinds)[keyof typeof spanKinds];

/** Told of each span, in order and without gaps; offsets are bytes, `end` excluded. */
export type OnSpan = (kind: SpanKind, start: number, end: number) => void;

const newline = 10;
const carriageReturn = 13;
const quote = 39;
const doubleQuote = 34;
const backslash = 92;
const backquote = 96;
const slash = 47;
const maxRawHashes = 32;

const isSpace = (byte: number) => byte === 32 || (byte >= 9 && byte <= 13);
/** Letters, digits, `_`, `$` and all of UTF-8 beyond ASCII. */
export const isWordByte = (byte: number): boolean =>
  (byte >= 97 && byte <= 122) ||
  (byte >= 65 && byte <= 90) ||
  (byte >= 48 && byte <= 57) ||
  byte === 95 ||
  byte === 36 ||
  byte >= 128;

type Mark = { bytes: Uint8Array; atLineStart: boolean };
type Compiled = {
  /** 1 for bytes at which something other than code may start. */
  starts: Uint8Array;
  line: Mark[];
  block: { open: Mark; close: Uint8Array }[];
  strings: { rule: StringRule; open: Uint8Array; close: Uint8Array }[];
  syntax: LexicalSyntax;
};

const encoder = new TextEncoder();
const compiled = new WeakMap<LexicalSyntax, Compiled>();

function markOf(text: string, atLineStart: boolean): Mark {
  const own = text.startsWith('\n');
  return { bytes: encoder.encode(own ? text.slice(1) : text), atLineStart: own || atLineStart };
}

function compile(syntax: LexicalSyntax): Compiled {
  const known = compiled.get(syntax);
  if (known !== undefined) return known;
  const longestFirst = <T extends { open: string }>(a: T, b: T) => b.open.length - a.open.length;
  const result: Compiled = {
    starts: new Uint8Array(256),
    line: syntax.line.map((mark) => markOf(mark, syntax.features.has('lineStartComments'))),
    block: syntax.block.map(([open, close]) => ({ open: markOf(open, false), close: encoder.encode(close) })),
    strings: [...syntax.strings]
      .sort(longestFirst)
      .map((rule) => ({ rule, open: encoder.encode(rule.open), close: encoder.encode(rule.close) })),
    syntax,
  };
  const firsts = [...result.line, ...result.block.map(({ open }) => open)].map(({ bytes }) => bytes);
  for (const bytes of [...firsts, ...result.strings.map(({ open }) => open)]) result.starts[bytes[0] as number] = 1;
  const { features } = syntax;
  if (features.has('templates')) result.starts[backquote] = 1;
  if (features.has('regexes')) result.starts[slash] = 1;
  if (features.has('rust')) result.starts[quote] = 1;
  if (features.has('longBrackets')) result.starts[91] = 1;
  compiled.set(syntax, result);
  return result;
}

/** Cuts `bytes` from `from` to `to` into spans. Linear in their number, whatever they hold. */
export function forEachSpan(bytes: Uint8Array, from: number, to: number, syntax: LexicalSyntax, onSpan: OnSpan): void {
  new SpanReader(bytes, from, to, compile(syntax), onSpan).run();
}

/** Reads one file; its state is where it stands. */
class SpanReader {
  readonly #bytes: Uint8Array;
  readonly #from: number;
  readonly #to: number;
  readonly #marks: Compiled;
  readonly #onSpan: OnSpan;
  /** Kind of the span that `#endOf` found. */
  #kind: SpanKind = spanKinds.code;
  /** Where that span starts. */
  #start = 0;

  constructor(bytes: Uint8Array, from: number, to: number, marks: Compiled, onSpan: OnSpan) {
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
    this.#marks = marks;
    this.#onSpan = onSpan;
  }

  run(): void {
    const bytes = this.#bytes;
    const { starts } = this.#marks;
    let codeStart = this.#from;
    let at = this.#from;
    while (at < this.#to) {
      if (starts[bytes[at] as number] === 0) {
        at++;
        continue;
      }
      const end = this.#endOf(at);
      if (end < 0) {
        at++;
        continue;
      }
      // A docstring's prefix goes with it: it is no code.
      const start = this.#kind === spanKinds.comment ? Math.max(codeStart, this.#start) : at;
      if (start > codeStart) this.#onSpan(spanKinds.code, codeStart, start);
      this.#onSpan(this.#kind, start, end);
      at = end;
      codeStart = end;
    }
    if (at > codeStart) this.#onSpan(spanKinds.code, codeStart, at);
  }

  /** Where the comment or string that starts at `at` ends; -1 when none does. */
  #endOf(at: number): number {
    this.#start = at;
    const comment = this.#commentEnd(at);
    if (comment >= 0) {
      this.#kind = spanKinds.comment;
      return comment;
    }
    this.#kind = spanKinds.string;
    return this.#stringEnd(at);
  }

  #commentEnd(at: number): number {
    const { block, line, syntax } = this.#marks;
    if (syntax.features.has('longBrackets') && this.#has(at, dashes)) {
      const end = this.#longBracketEnd(at + 2);
      if (end >= 0) return end;
    }
    for (const { open, close } of block) {
      if (!this.#has(at, open.bytes) || (open.atLineStart && !this.#startsLine(at, false))) continue;
      return this.#blockEnd(at + open.bytes.length, open.bytes, close);
    }
    for (const { bytes, atLineStart } of line) {
      if (!this.#has(at, bytes)) continue;
      if (atLineStart && !this.#startsLine(at, true)) continue;
      if (syntax.features.has('spacedComments') && at > this.#from && !isSpace(this.#bytes[at - 1] as number)) continue;
      return this.#lineEnd(at);
    }
    return -1;
  }

  #blockEnd(start: number, open: Uint8Array, close: Uint8Array): number {
    const { nested } = this.#marks.syntax;
    let depth = 1;
    for (let at = start; at < this.#to; ) {
      if (this.#has(at, close)) {
        at += close.length;
        // The rest of the line of `=end` and `=cut` belongs to the comment.
        if (--depth === 0) return close[0] === newline ? this.#lineEnd(at) : at;
      } else if (nested && this.#has(at, open)) {
        at += open.length;
        depth++;
      } else at++;
    }
    return this.#to;
  }

  #stringEnd(at: number): number {
    const { strings, syntax } = this.#marks;
    const { features } = syntax;
    const byte = this.#bytes[at] as number;
    const before = at > this.#from ? (this.#bytes[at - 1] as number) : 0;
    if (byte === backquote && features.has('templates')) return this.#templateEnd(at + 1);
    if (byte === slash && features.has('regexes')) return this.#isValuePlace(at) ? this.#regexEnd(at + 1) : -1;
    if (byte === 91 && features.has('longBrackets')) return this.#longBracketEnd(at);
    if (byte === quote && features.has('rust')) return this.#rustCharEnd(at);
    if (byte === quote && (features.has('primes') || features.has('cpp')) && isWordByte(before)) return -1;
    if (byte === doubleQuote && features.has('rust') && (before === 35 || before === 114)) {
      const raw = this.#rawRustEnd(at);
      if (raw >= 0) return raw;
    }
    if (byte === doubleQuote && features.has('cpp') && before === 82) return this.#rawCppEnd(at);
    for (const { rule, open, close } of strings) {
      if (!this.#has(at, open)) continue;
      if (rule.multiline && open.length === 3 && features.has('docstrings')) {
        this.#start = this.#withoutPrefix(at);
        const isDoc = this.#startsLine(this.#start, true) && this.#isStatementPlace(this.#start);
        this.#kind = isDoc ? spanKinds.comment : spanKinds.string;
      }
      return this.#quotedEnd(at + open.length, close, rule);
    }
    return -1;
  }

  #quotedEnd(start: number, close: Uint8Array, { escapes, multiline }: StringRule): number {
    for (let at = start; at < this.#to; at++) {
      const byte = this.#bytes[at];
      if (byte === backslash && escapes) at++;
      else if (byte === newline && !multiline) return at;
      else if (this.#has(at, close)) return at + close.length;
    }
    return this.#to;
  }

  /** A template's end, `${…}` and what is quoted in there skipped; nesting is followed with a stack, not by recursion. */
  #templateEnd(start: number): number {
    const braces: number[] = [];
    for (let at = start; at < this.#to; at++) {
      const byte = this.#bytes[at];
      const inText = braces.length === 0 || braces.at(-1) === -1;
      if (byte === backslash) at++;
      else if (inText && byte === backquote) {
        if (braces.pop() === undefined) return at + 1;
      } else if (inText && byte === 36 && this.#bytes[at + 1] === 123) {
        braces.push(0);
        at++;
      } else if (!inText) at = this.#inExpression(at, byte as number, braces);
    }
    return this.#to;
  }

  /** One byte of a `${…}`: -1 on the stack is a template inside it, other numbers are open braces. */
  #inExpression(at: number, byte: number, braces: number[]): number {
    const depth = braces.length - 1;
    if (byte === backquote) braces.push(-1);
    else if (byte === 123) braces[depth] = (braces[depth] as number) + 1;
    else if (byte === 125) {
      if (braces[depth] === 0) braces.pop();
      else braces[depth] = (braces[depth] as number) - 1;
    } else if (byte === quote || byte === doubleQuote) {
      const rule = { open: '', close: '', escapes: true, multiline: false };
      return this.#quotedEnd(at + 1, Uint8Array.of(byte), rule) - 1;
    }
    return at;
  }

  /** True where a value, not an operator, is expected. */
  #isValuePlace(at: number): boolean {
    let before = at - 1;
    while (before >= this.#from && isSpace(this.#bytes[before] as number)) before--;
    if (before < this.#from) return true;
    const byte = this.#bytes[before] as number;
    if (byte === 41 || byte === 93 || byte === 125 || byte === quote || byte === doubleQuote || byte === backquote)
      return false;
    if (!isWordByte(byte)) return true;
    let start = before;
    while (start > this.#from && isWordByte(this.#bytes[start - 1] as number) && before - start < 12) start--;
    const word = String.fromCharCode(...this.#bytes.subarray(start, before + 1));
    return valueWords.has(word);
  }

  #regexEnd(start: number): number {
    let inClass = false;
    for (let at = start; at < this.#to; at++) {
      const byte = this.#bytes[at];
      if (byte === newline) return -1;
      if (byte === backslash) at++;
      else if (byte === 91) inClass = true;
      else if (byte === 93) inClass = false;
      else if (byte === slash && !inClass) return at + 1;
    }
    return -1;
  }

  #rustCharEnd(at: number): number {
    const next = this.#bytes[at + 1] as number;
    if (next === backslash) return this.#quotedEnd(at + 1, Uint8Array.of(quote), charRule);
    const length = next < 128 ? 1 : next < 224 ? 2 : next < 240 ? 3 : 4;
    return this.#bytes[at + 1 + length] === quote ? at + 2 + length : -1;
  }

  #rawRustEnd(at: number): number {
    let hashes = 0;
    while (hashes < maxRawHashes && this.#bytes[at - 1 - hashes] === 35) hashes++;
    if (this.#bytes[at - 1 - hashes] !== 114) return -1;
    return this.#find(at + 1, encoder.encode(`"${'#'.repeat(hashes)}`));
  }

  #rawCppEnd(at: number): number {
    const open = this.#bytes.indexOf(40, at);
    if (open < 0 || open - at > 17) return this.#quotedEnd(at + 1, Uint8Array.of(doubleQuote), charRule);
    const delimiter = this.#bytes.subarray(at + 1, open);
    return this.#find(open + 1, Uint8Array.of(41, ...delimiter, doubleQuote));
  }

  #longBracketEnd(at: number): number {
    if (this.#bytes[at] !== 91) return -1;
    let equals = 0;
    while (equals < maxRawHashes && this.#bytes[at + 1 + equals] === 61) equals++;
    if (this.#bytes[at + 1 + equals] !== 91) return -1;
    return this.#find(at + 2 + equals, encoder.encode(`]${'='.repeat(equals)}]`));
  }

  /** End of the next occurrence of `wanted`, or of the file. */
  #find(start: number, wanted: Uint8Array): number {
    for (let at = start; at < this.#to; at++) if (this.#has(at, wanted)) return at + wanted.length;
    return this.#to;
  }

  #has(at: number, wanted: Uint8Array): boolean {
    if (this.#bytes[at] !== wanted[0] || at + wanted.length > this.#to) return false;
    for (let i = 1; i < wanted.length; i++) if (this.#bytes[at + i] !== wanted[i]) return false;
    return true;
  }

  #lineEnd(at: number): number {
    const end = this.#bytes.indexOf(newline, at);
    if (end < 0 || end > this.#to) return this.#to;
    return this.#bytes[end - 1] === carriageReturn && end > at ? end - 1 : end;
  }

  #startsLine(at: number, afterSpace: boolean): boolean {
    let before = at - 1;
    while (afterSpace && before >= this.#from && (this.#bytes[before] === 32 || this.#bytes[before] === 9)) before--;
    return before < this.#from || this.#bytes[before] === newline;
  }

  /** Where a literal starts whose quote is at `at`, with a prefix such as `r` or `Rb`. */
  #withoutPrefix(at: number): number {
    let start = at;
    while (start > this.#from && at - start < 2 && stringPrefixes.has(this.#bytes[start - 1] as number)) start--;
    return start;
  }

  /** True when the line before `at` is complete: it leaves no bracket, comma, operator or continuation open. */
  #isStatementPlace(at: number): boolean {
    let before = at - 1;
    while (before >= this.#from && isSpace(this.#bytes[before] as number)) before--;
    return before < this.#from || !openEnds.has(this.#bytes[before] as number);
  }
}

const charRule: StringRule = { open: '', close: '', escapes: true, multiline: false };
const dashes = Uint8Array.of(45, 45);
const valueWords = new Set(['return', 'typeof', 'case', 'in', 'of', 'delete', 'void', 'throw', 'new', 'else', 'do']);
/** b, f, r and u in both cases. */
const stringPrefixes = new Set([...'bBfFrRuU'].map((letter) => letter.charCodeAt(0)));
/** `(`, `[`, `{`, `,`, `=`, `+`, `%` and a backslash. */
const openEnds = new Set([40, 91, 123, 44, 61, 43, 37, 92]);
