/** Decides how the built-in model cuts a text into token ids (steps 1 to 7 of its model card). */
import { PartCutter, WordReader, WordTable, withRoom } from '../chunking/word-bytes.ts';
import type { Vocabulary } from './vocabulary.ts';

const combiningMarks = /[\u0300-\u036f]/g;
/** Only words of usual length are remembered: a megabyte of base64 is one word, and is not met again. */
const longestKnownBytes = 64;

/** Cuts texts into token ids; it remembers the ids of words, as most words repeat and cutting them is the slow step. */
export class Tokenizer {
  readonly #vocabulary: Vocabulary;
  readonly #reader = new WordReader(false);
  readonly #cutter = new PartCutter();
  readonly #known: WordTable;
  /** The ids of each known word, one after the other, and where each word's start. */
  #knownIds = new Uint32Array(4096);
  readonly #starts: Uint32Array;
  /** The ids of the word at hand. */
  readonly #cut: Uint32Array;
  readonly #found: Uint32Array;

  constructor(vocabulary: Vocabulary, maxTokens: number, maxKnown = 40_000) {
    this.#vocabulary = vocabulary;
    this.#known = new WordTable(maxKnown);
    this.#starts = new Uint32Array(maxKnown + 1);
    this.#cut = new Uint32Array(maxTokens);
    this.#found = new Uint32Array(maxTokens);
  }

  /** The text's token ids in order, at most `maxTokens`; good until the next call. */
  encode(text: string): Uint32Array {
    const reader = this.#reader;
    if (!reader.open(text)) reader.open(text.normalize('NFKD').replace(combiningMarks, ''));
    const found = this.#found;
    let count = 0;
    while (count < found.length && reader.next()) {
      const { bytes, start, end, hash } = reader;
      let number = this.#known.find(bytes, start, end, hash);
      if (number < 0) {
        const length = this.#cutWord();
        if (end - start <= longestKnownBytes) number = this.#learn(length);
        else for (let i = 0; i < length && count < found.length; i++) found[count++] = this.#cut[i] as number;
      }
      if (number < 0) continue;
      const last = this.#starts[number + 1] as number;
      for (let at = this.#starts[number] as number; at < last && count < found.length; at++)
        found[count++] = this.#knownIds[at] as number;
    }
    return found.subarray(0, count);
  }

  /** Remembers the reader's word by its ids, of which `#cut` holds so many; returns its number. */
  #learn(length: number): number {
    const { bytes, start, end, hash } = this.#reader;
    const number = this.#known.add(bytes, start, end, hash);
    const from = this.#starts[number] as number;
    this.#knownIds = withRoom(this.#knownIds, from + length);
    this.#knownIds.set(this.#cut.subarray(0, length), from);
    this.#starts[number + 1] = from + length;
    return number;
  }

  /** Puts the ids of the reader's word into `#cut`; returns how many there are. */
  #cutWord(): number {
    const { bytes, start, end } = this.#reader;
    if ((bytes[start] as number) < 128) return this.#cutName(bytes, start, end);
    const lower = Buffer.from(lowerByCodePoint(bytes.toString('utf8', start, end)));
    return this.#vocabulary.pieces(lower, 0, lower.length, this.#cut, 0);
  }

  /** First the whole name, where it has several parts and is in the vocabulary, then its parts. */
  #cutName(name: Uint8Array, start: number, end: number): number {
    const cutter = this.#cutter;
    cutter.cut(name, start, end);
    const { bytes, ends, count: parts } = cutter;
    let count = 0;
    if (parts > 1) {
      const whole = this.#vocabulary.idOf(bytes, 0, ends[parts - 1] as number);
      if (whole >= 0) this.#cut[count++] = whole;
    }
    for (let part = 0, from = 0; part < parts; part++) {
      const to = ends[part] as number;
      count = this.#vocabulary.pieces(bytes, from, to, this.#cut, count);
      from = to;
    }
    return count;
  }
}

/** Code point by code point, so that no context rule (the final sigma) applies. */
function lowerByCodePoint(word: string): string {
  let lower = '';
  for (const character of word) lower += character.toLowerCase();
  return lower;
}
