/** Decides how the built-in model cuts a text into token ids (steps 1 to 7 of its model card). */
import { WordReader, WordTable, withRoom } from '../chunking/word-bytes.ts';

const partPattern = /[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+/g;
const combiningMarks = /[\u0300-\u036f]/g;

/** A vocabulary with its words and `##` continuations, and the longest of each, so that the greedy cut tries no longer ones. */
export type Vocabulary = { ids: Map<string, number>; longest: number };

/** Reads `vocab.txt`: one token a line, the line number from 0 is the id. */
export function readVocabulary(text: string): Vocabulary {
  const ids = new Map<string, number>();
  let longest = 0;
  const tokens = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
  for (const [id, token] of tokens.entries()) {
    ids.set(token, id);
    longest = Math.max(longest, token.length);
  }
  return { ids, longest };
}

/** Only words of usual length are remembered: a megabyte of base64 is one word, and is not met again. */
const longestKnownBytes = 64;

/** Cuts texts into token ids; it remembers the ids of words, as most words repeat and the greedy cut is the slow step. */
export class Tokenizer {
  readonly #vocabulary: Vocabulary;
  readonly #maxTokens: number;
  readonly #reader = new WordReader(false);
  readonly #known: WordTable;
  /** The ids of each known word, one after the other, and where each word's start. */
  #knownIds = new Uint32Array(4096);
  readonly #starts: Uint32Array;
  readonly #found: Uint32Array;

  constructor(vocabulary: Vocabulary, maxTokens: number, maxKnown = 40_000) {
    this.#vocabulary = vocabulary;
    this.#maxTokens = maxTokens;
    this.#known = new WordTable(maxKnown);
    this.#starts = new Uint32Array(maxKnown + 1);
    this.#found = new Uint32Array(maxTokens);
  }

  /** The text's token ids in order, at most `maxTokens`; good until the next call. */
  encode(text: string): Uint32Array {
    const reader = this.#reader;
    if (!reader.open(text)) reader.open(text.normalize('NFKD').replace(combiningMarks, ''));
    const found = this.#found;
    let count = 0;
    while (count < this.#maxTokens && reader.next()) {
      const known = this.#known.find(reader);
      const number = known < 0 ? this.#learn() : known;
      if (number < 0) {
        for (const id of this.#idsOf(reader.word())) if (count < this.#maxTokens) found[count++] = id;
        continue;
      }
      const end = this.#starts[number + 1] as number;
      for (let at = this.#starts[number] as number; at < end && count < this.#maxTokens; at++)
        found[count++] = this.#knownIds[at] as number;
    }
    return found.subarray(0, count);
  }

  /** The number of the reader's word, now known; -1 for one that is not worth it. */
  #learn(): number {
    if (this.#reader.end - this.#reader.start > longestKnownBytes) return -1;
    const number = this.#known.add(this.#reader);
    const ids = this.#idsOf(this.#reader.word());
    const start = this.#starts[number] as number;
    this.#knownIds = withRoom(this.#knownIds, start + ids.length);
    this.#knownIds.set(ids, start);
    this.#starts[number + 1] = start + ids.length;
    return number;
  }

  #idsOf(word: string): number[] {
    return word.charCodeAt(0) < 128 ? this.#asciiWord(word) : this.#pieces(lowerByCodePoint(word));
  }

  #asciiWord(word: string): number[] {
    const parts: string[] = [];
    for (const match of word.matchAll(partPattern)) parts.push(match[0].toLowerCase());
    const ids: number[] = [];
    if (parts.length > 1) {
      const whole = this.#vocabulary.ids.get(parts.join(''));
      if (whole !== undefined) ids.push(whole);
    }
    for (const part of parts) {
      for (const id of this.#pieces(part)) ids.push(id);
      if (ids.length >= this.#maxTokens) break;
    }
    return ids;
  }

  /** Greedy longest match from the left; where nothing matches, one code point is skipped. */
  #pieces(part: string): number[] {
    const { ids: vocabulary, longest } = this.#vocabulary;
    const ids: number[] = [];
    for (let at = 0; at < part.length && ids.length < this.#maxTokens; ) {
      const prefix = at === 0 ? '' : '##';
      let end = Math.min(part.length, at + longest);
      let id: number | undefined;
      for (; end > at; end--) {
        id = vocabulary.get(prefix + part.slice(at, end));
        if (id !== undefined) break;
      }
      if (id === undefined) {
        at += (part.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
      } else {
        ids.push(id);
        at = end;
      }
    }
    return ids;
  }
}

/** Code point by code point, so that no context rule (the final sigma) applies. */
function lowerByCodePoint(word: string): string {
  let lower = '';
  for (const character of word) lower += character.toLowerCase();
  return lower;
}
