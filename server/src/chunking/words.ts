/** Decides which words of a text full-text search knows: every identifier whole, and its parts. */
import { WordReader, WordTable, withRoom } from './word-bytes.ts';

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

function expand(word: string): string {
  const whole = word.toLowerCase();
  if (word.charCodeAt(0) > 127) return whole;
  const parts = identifierParts(word);
  return parts.length > 1 ? `${whole} ${parts.join(' ')}` : whole;
}

/** A word that is longer in UTF-8 has more than `maxWordLength` UTF-16 units. */
const maxWordBytes = maxWordLength * 3;
const space = 32;

/** Turns texts into search words; it remembers how it cut common words, so keep one a thread. */
export class WordSplitter {
  readonly #reader = new WordReader(true);
  readonly #known: WordTable;
  /** What each known word becomes, a space before it, one after the other, and where each starts. */
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
    const reader = this.#reader;
    const isAscii = reader.open(text);
    this.#length = 0;
    while (reader.next()) {
      if (reader.end - reader.start > maxWordBytes) continue;
      const known = this.#known.find(reader);
      const number = known < 0 ? this.#learn() : known;
      if (number >= 0) this.#write(number);
    }
    return this.#length === 0 ? '' : this.#out.toString(isAscii ? 'latin1' : 'utf8', 1, this.#length);
  }

  /** The number of the reader's word, now known; -1 for one that is too long. */
  #learn(): number {
    const word = this.#reader.word();
    if (word.length > maxWordLength) return -1;
    const number = this.#known.add(this.#reader);
    const expansion = Buffer.from(expand(word));
    const start = this.#starts[number] as number;
    const end = start + 1 + expansion.length;
    this.#expansions = withRoom(this.#expansions, end);
    this.#expansions[start] = space;
    this.#expansions.set(expansion, start + 1);
    this.#starts[number + 1] = end;
    return number;
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
