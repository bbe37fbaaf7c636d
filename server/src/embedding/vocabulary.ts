/** Decides how a text's bytes are cut into tokens of a vocabulary: the longest that fits, from the left. */
import { hashOn, hashStart, WordTable } from '../chunking/word-bytes.ts';

const continuation = '##';

/** Tokens that are found by their bytes. */
class Tokens {
  readonly #table: WordTable;
  readonly #ids: Uint32Array;
  /** Bytes of the longest: no longer ones are tried. */
  #longest = 0;

  constructor(count: number) {
    this.#table = new WordTable(Math.max(1, count));
    this.#ids = new Uint32Array(count);
  }

  add(token: string, id: number): void {
    const bytes = Buffer.from(token);
    const hash = bytes.reduce(hashOn, hashStart);
    const known = this.#table.find(bytes, 0, bytes.length, hash);
    this.#ids[known < 0 ? this.#table.add(bytes, 0, bytes.length, hash) : known] = id;
    this.#longest = Math.max(this.#longest, bytes.length);
  }

  /** The id of what is in `bytes` from `start` to `end`; -1 without one. */
  idOf(bytes: Uint8Array, start: number, end: number): number {
    let hash = hashStart;
    for (let i = start; i < end; i++) hash = hashOn(hash, bytes[i] as number);
    const number = this.#table.find(bytes, start, end, hash);
    return number < 0 ? -1 : (this.#ids[number] as number);
  }

  /** Where the longest token that starts at `start` and ends at `end` or before ends; `start` when there is none. */
  longestEnd(bytes: Uint8Array, start: number, end: number): number {
    const last = Math.min(end, start + this.#longest);
    let hash = hashStart;
    let found = start;
    for (let at = start; at < last; ) {
      hash = hashOn(hash, bytes[at] as number);
      at++;
      if (this.#table.find(bytes, start, at, hash) >= 0) found = at;
    }
    return found;
  }
}

/** The words of a vocabulary, and its `##` continuations. */
export class Vocabulary {
  readonly #words: Tokens;
  readonly #continuations: Tokens;

  /** `text` is `vocab.txt`: one token a line, the line number from 0 is the id. */
  constructor(text: string) {
    const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
    this.#words = new Tokens(lines.length);
    this.#continuations = new Tokens(lines.length);
    for (const [id, token] of lines.entries()) {
      if (token.startsWith(continuation)) this.#continuations.add(token.slice(continuation.length), id);
      else this.#words.add(token, id);
    }
  }

  /** The id of a whole word; -1 when the vocabulary has it not. */
  idOf(bytes: Uint8Array, start: number, end: number): number {
    return this.#words.idOf(bytes, start, end);
  }

  /**
   * Writes the ids of a word's pieces to `ids` from `count` on, as far as they fit; returns their new count. Greedy
   * longest match from the left; where nothing matches, one code point is skipped.
   */
  pieces(bytes: Uint8Array, start: number, end: number, ids: Uint32Array, count: number): number {
    let written = count;
    for (let at = start; at < end && written < ids.length; ) {
      const tokens = at === start ? this.#words : this.#continuations;
      const to = tokens.longestEnd(bytes, at, end);
      if (to > at) ids[written++] = tokens.idOf(bytes, at, to);
      at = to > at ? to : at + codePointBytes(bytes[at] as number);
    }
    return written;
  }
}

/** Bytes of the code point whose UTF-8 starts so. */
function codePointBytes(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
