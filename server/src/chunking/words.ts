/** Decides which words of a text full-text search knows: every identifier whole, and its parts. */
import { PartCutter, WordReader, WordTable, withRoom } from './word-bytes.ts';

const partPattern = /[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+/g;
/** Longer words are data, not names; the full-text index would drop them anyway. */
const maxWordLength = 100;

/**
 * The lower-cased parts of an identifier: `getHTTPResponse2` → get http response 2, `parse_url` → parse url.
 * Camel and snake case as in semble's tokens.py, except that a snake-case name's camel-case parts are cut too.
 */
export function identifierParts(identifier: string): string[] {
  const parts: string[] = [];
  for (const match of identifier.matchAll(partPattern)) parts.push(match[0].toLowerCase());
  return parts;
}

/** A word that is longer in UTF-8 has more than `maxWordLength` UTF-16 units. */
const maxWordBytes = maxWordLength * 3;
const space = 32;

/** Turns texts into search words; it remembers how it cut common words, so keep one a thread. */
export class WordSplitter {
  readonly #reader = new WordReader(true);
  readonly #cutter = new PartCutter();
  readonly #known: WordTable;
  /** What each known word becomes, a space before each of its words, one after the other, and where each starts. */
  #expansions = new Uint8Array(4096);
  readonly #starts: Uint32Array;
  #out = Buffer.alloc(4096);
  #length = 0;

  constructor(maxKnown = 40_000) {
    this.#known = new WordTable(maxKnown);
    this.#starts = new Uint32Array(maxKnown + 1);
  }

  /** The text's words in order, lower-cased, separated by spaces: each identifier whole, then its parts if it has several. */
  split(text: string): string {
    return this.splitBytes(text).toString('utf8');
  }

  /** As `split`, in UTF-8; good until the next call. */
  splitBytes(text: string): Buffer {
    const reader = this.#reader;
    reader.open(text);
    this.#length = 0;
    while (reader.next()) {
      const { bytes, start, end, hash } = reader;
      if (end - start > maxWordBytes) continue;
      const known = this.#known.find(bytes, start, end, hash);
      const number = known < 0 ? this.#learn() : known;
      if (number >= 0) this.#write(number);
    }
    return this.#out.subarray(Math.min(1, this.#length), this.#length);
  }

  /** The number of the reader's word, now known; -1 for one that is too long. */
  #learn(): number {
    const { bytes, start, end, hash } = this.#reader;
    const isAscii = (bytes[start] as number) < 128;
    const beyond = isAscii ? '' : bytes.toString('utf8', start, end);
    if ((isAscii ? end - start : beyond.length) > maxWordLength) return -1;
    const number = this.#known.add(bytes, start, end, hash);
    const from = this.#starts[number] as number;
    // Each byte of an identifier stands in it once whole and once in a part, each part with a space before it.
    this.#expansions = withRoom(this.#expansions, from + 3 * (end - start) + 2);
    const to = isAscii ? this.#expand(from) : this.#take(Buffer.from(beyond.toLowerCase()), from);
    this.#starts[number + 1] = to;
    return number;
  }

  /** Writes what the reader's identifier becomes; returns where that ends. */
  #expand(from: number): number {
    const { bytes, start, end } = this.#reader;
    const cutter = this.#cutter;
    cutter.cut(bytes, start, end);
    const out = this.#expansions;
    let to = from;
    out[to++] = space;
    for (let i = start; i < end; i++) out[to++] = lowerCase(bytes[i] as number);
    if (cutter.count < 2) return to;
    for (let part = 0, i = 0; part < cutter.count; part++) {
      out[to++] = space;
      while (i < (cutter.ends[part] as number)) out[to++] = cutter.bytes[i++] as number;
    }
    return to;
  }

  #take(word: Uint8Array, from: number): number {
    // Lower case may take more bytes.
    this.#expansions = withRoom(this.#expansions, from + 1 + word.length);
    this.#expansions[from] = space;
    this.#expansions.set(word, from + 1);
    return from + 1 + word.length;
  }

  #write(number: number): void {
    const end = this.#starts[number + 1] as number;
    let from = this.#starts[number] as number;
    let to = this.#length;
    if (to + end - from > this.#out.length) this.#out = Buffer.concat([this.#out, this.#out]);
    const [expansions, out] = [this.#expansions, this.#out];
    // Words are short: a call to copy one takes longer than this.
    while (from < end) out[to++] = expansions[from++] as number;
    this.#length = to;
  }
}

const lowerCase = (byte: number) => (byte >= 65 && byte <= 90 ? byte + 32 : byte);

/** Search words of a path: the file's stem twice and its last three directories, as published for semble. */
export function pathWords(splitter: WordSplitter, path: string): string {
  const segments = path.split('/');
  const name = segments.pop() ?? '';
  const stem = name.replace(/\.[^.]*$/, '');
  return splitter.split(`${stem} ${stem} ${segments.slice(-3).join(' ')}`);
}

/** Marks a word of the full-text column as "this chunk defines it"; no source text can contain it, as words hold no colon. */
export function definitionWord(symbol: string): string {
  return `def:${symbol.toLowerCase()}`;
}
