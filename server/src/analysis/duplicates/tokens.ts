/** Decides what of a source file is compared: its tokens without comments, white space and imports, with their lines. */
import { lexicalSyntaxOf } from '../../syntax/comment-syntax.ts';
import { forEachSpan, isWordByte, spanKinds } from '../../syntax/spans.ts';

/** The low two bits of a token tell its kind; the rest is a hash of its text. */
export const tokenKinds = { fixed: 0, name: 1, literal: 2 } as const;
const kindBits = 2;
const kindMask = 3;

export const kindOf = (token: number): number => token & kindMask;
/** What of a token stays when names and literals are replaced by others: keywords and punctuation alone. */
export const shapeOf = (token: number): number => ((token & kindMask) === tokenKinds.fixed ? token : token & kindMask);

/** Words that are no names, of all languages together: one taken for a keyword by mistake costs next to nothing. */
const keywords =
  `abstract and as assert async await begin bool boolean break byte case catch chan char class const continue debugger def
  default defer del delete do double elif else elsif end enum except export extends extern fallthrough false final finally
  float fn for foreach from func function go goto if impl implements import in instanceof int interface internal is lambda
  let long loop map match mod module mut namespace new nil none None nonlocal not null or override package pass private
  protected protocol pub public raise range readonly record ref return rescue sealed select self Self short signed sizeof
  static string struct super switch template then this throw throws trait True False true try type typedef typeof undefined
  union unless unsafe unsigned until use using val var virtual void volatile when where while with yield`.split(/\s+/);

const importWords: Readonly<Record<string, readonly string[]>> = {
  csharp: ['using'],
  dart: ['import', 'export', 'part'],
  elixir: ['alias', 'import', 'require', 'use'],
  go: ['import', 'package'],
  groovy: ['import', 'package'],
  haskell: ['import'],
  java: ['import', 'package'],
  javascript: ['import'],
  kotlin: ['import', 'package'],
  php: ['use', 'namespace'],
  python: ['import', 'from'],
  ruby: ['require', 'require_relative'],
  rust: ['use', 'extern'],
  scala: ['import', 'package'],
  starlark: ['load'],
  swift: ['import'],
  typescript: ['import'],
};

const offsetBasis = 0x811c9dc5 | 0;
const prime = 0x01000193;
const newline = 10;

function hashText(text: string): number {
  let hash = offsetBasis;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, prime);
  return hash;
}

const keywordHashes = new Set(keywords.map(hashText));
const importHashes = new Map(Object.entries(importWords).map(([name, words]) => [name, new Set(words.map(hashText))]));
const noImports: ReadonlySet<number> = new Set();
const includeHashes = new Set(['include', 'pragma', 'import'].map(hashText));

const openers = new Set([...'([{'].map((mark) => mark.charCodeAt(0)));
const closers = new Set([...')]}'].map((mark) => mark.charCodeAt(0)));
const punctuationToken = (byte: number) => (Math.imul(offsetBasis ^ byte, prime) << kindBits) | tokenKinds.fixed;
export const openerTokens: ReadonlySet<number> = new Set([...openers].map(punctuationToken));
export const closerTokens: ReadonlySet<number> = new Set([...closers].map(punctuationToken));

/** At a line's end it opens a block in Python. */
export const colonToken = punctuationToken(58);

/** One file's place among the tokens of all. */
export type TokenizedFile = { path: string; start: number; end: number };

/** The tokens of many files, one after the other, in two growing arrays: 8 bytes a token. */
export class TokenStore {
  #values = new Int32Array(1 << 16);
  #lines = new Int32Array(1 << 16);
  #count = 0;
  readonly files: TokenizedFile[] = [];

  get values(): Int32Array {
    return this.#values;
  }
  /** The line of each token, from 1. */
  get lines(): Int32Array {
    return this.#lines;
  }
  get count(): number {
    return this.#count;
  }

  /** Reads one file's UTF-8 text. */
  addFile(path: string, language: string, bytes: Uint8Array, from = 0, to = bytes.length): void {
    const start = this.#count;
    new FileTokenizer(bytes, language, (value, line) => this.#push(value, line)).run(from, to);
    this.files.push({ path, start, end: this.#count });
  }

  /** Index of the file that a token belongs to. */
  fileAt(token: number): number {
    let low = 0;
    let high = this.files.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.files[middle] as TokenizedFile).start <= token) low = middle;
      else high = middle;
    }
    return low;
  }

  #push(value: number, line: number): void {
    if (this.#count === this.#values.length) {
      this.#values = grown(this.#values);
      this.#lines = grown(this.#lines);
    }
    this.#values[this.#count] = value;
    this.#lines[this.#count++] = line;
  }
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length + Math.min(array.length, 1 << 22));
  larger.set(array);
  return larger;
}

/** Reads the spans of one file into tokens, and leaves out statements that only bring in other files. */
class FileTokenizer {
  readonly #bytes: Uint8Array;
  readonly #language: string;
  readonly #emit: (value: number, line: number) => void;
  readonly #imports: ReadonlySet<number>;
  readonly #hasIncludes: boolean;
  #line = 1;
  #atLineStart = true;
  #inImport = false;
  #depth = 0;

  constructor(bytes: Uint8Array, language: string, emit: (value: number, line: number) => void) {
    this.#bytes = bytes;
    this.#language = language;
    this.#emit = emit;
    this.#imports = importHashes.get(language) ?? noImports;
    this.#hasIncludes = language === 'c' || language === 'cpp' || language === 'objectivec';
  }

  run(from: number, to: number): void {
    forEachSpan(this.#bytes, from, to, lexicalSyntaxOf(this.#language), (kind, start, end) => {
      if (kind === spanKinds.code) this.#code(start, end);
      else if (kind === spanKinds.comment) this.#passLines(start, end);
      else this.#string(start, end);
    });
  }

  #code(start: number, end: number): void {
    const bytes = this.#bytes;
    for (let at = start; at < end; ) {
      const byte = bytes[at] as number;
      if (byte === newline) {
        this.#endLine();
        at++;
      } else if (byte <= 32) at++;
      else if (isWordByte(byte)) at = this.#word(at, end);
      else {
        if (byte === 35 && this.#hasIncludes && this.#atLineStart) this.#directive(at + 1, end);
        this.#punctuation(byte);
        at++;
      }
    }
  }

  #word(start: number, end: number): number {
    const bytes = this.#bytes;
    let hash = offsetBasis;
    let at = start;
    for (; at < end && isWordByte(bytes[at] as number); at++) hash = Math.imul(hash ^ (bytes[at] as number), prime);
    if (this.#atLineStart && this.#imports.has(hash)) {
      this.#inImport = true;
      this.#depth = 0;
    }
    this.#atLineStart = false;
    if (this.#inImport) return at;
    const first = bytes[start] as number;
    const isNumber = first >= 48 && first <= 57;
    const kind = isNumber ? tokenKinds.literal : keywordHashes.has(hash) ? tokenKinds.fixed : tokenKinds.name;
    this.#emit((hash << kindBits) | kind, this.#line);
    return at;
  }

  #punctuation(byte: number): void {
    this.#atLineStart = false;
    if (!this.#inImport) {
      // A statement's end says no more than its line's end does.
      if (byte !== 59) this.#emit(punctuationToken(byte), this.#line);
    } else if (openers.has(byte)) this.#depth++;
    else if (closers.has(byte)) this.#depth--;
  }

  #string(start: number, end: number): void {
    let hash = offsetBasis;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (this.#bytes[at] as number), prime);
    this.#atLineStart = false;
    if (!this.#inImport) this.#emit((hash << kindBits) | tokenKinds.literal, this.#line);
    this.#passLines(start, end, false);
  }

  /** `#include` and the like, up to the line's end. */
  #directive(start: number, end: number): void {
    let at = start;
    while (at < end && this.#bytes[at] === 32) at++;
    let hash = offsetBasis;
    for (; at < end && isWordByte(this.#bytes[at] as number); at++)
      hash = Math.imul(hash ^ (this.#bytes[at] as number), prime);
    if (!includeHashes.has(hash)) return;
    this.#inImport = true;
    this.#depth = 0;
  }

  #passLines(start: number, end: number, isBreak = true): void {
    for (let at = this.#bytes.indexOf(newline, start); at >= 0 && at < end; at = this.#bytes.indexOf(newline, at + 1)) {
      if (isBreak) this.#endLine();
      else this.#line++;
    }
  }

  #endLine(): void {
    this.#line++;
    this.#atLineStart = true;
    if (this.#inImport && this.#depth <= 0) this.#inImport = false;
  }
}
