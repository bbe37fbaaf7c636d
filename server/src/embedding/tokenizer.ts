/** Decides how the built-in model cuts a text into token ids (steps 1 to 7 of its model card). */

const wordPattern = /[A-Za-z0-9_]+|[\u0080-\u{10ffff}]+/gu;
const partPattern = /[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+/g;
const combiningMarks = /[\u0300-\u036f]/g;
const nonAscii = /[\u0080-\uffff]/;

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

/** Cuts texts into token ids; it remembers the ids of words, as most words repeat and the greedy cut is the slow step. */
export class Tokenizer {
  readonly #vocabulary: Vocabulary;
  readonly #maxTokens: number;
  readonly #maxKnown: number;
  #known = new Map<string, readonly number[]>();

  constructor(vocabulary: Vocabulary, maxTokens: number, maxKnown = 20_000) {
    this.#vocabulary = vocabulary;
    this.#maxTokens = maxTokens;
    this.#maxKnown = maxKnown;
  }

  /** The text's token ids in order, at most `maxTokens`. */
  encode(text: string): number[] {
    const ids: number[] = [];
    const normal = nonAscii.test(text) ? text.normalize('NFKD').replace(combiningMarks, '') : text;
    for (const match of normal.matchAll(wordPattern)) {
      for (const id of this.#idsOf(match[0])) ids.push(id);
      if (ids.length >= this.#maxTokens) break;
    }
    if (ids.length > this.#maxTokens) ids.length = this.#maxTokens;
    return ids;
  }

  #idsOf(word: string): readonly number[] {
    const known = this.#known.get(word);
    if (known !== undefined) return known;
    const ids = word.charCodeAt(0) < 128 ? this.#asciiWord(word) : this.#pieces(lowerByCodePoint(word));
    // Only words of usual length: a megabyte of base64 is one word, and is not met again.
    if (word.length <= 64) {
      if (this.#known.size >= this.#maxKnown) this.#known.clear();
      // A copy, as the match is a view that would keep the whole text alive.
      this.#known.set(Buffer.from(word).toString(), ids);
    }
    return ids;
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
