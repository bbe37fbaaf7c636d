/** Decides how a word finds its number: a hash table of word bytes, so that millions of words are no objects. */
import { growWords, TextList } from './grow.ts';

/** FNV-1a, 32 bits. */
export function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash >>> 0;
}

/** Distinct words, numbered as they come. */
export class TermTable {
  readonly texts = new TextList();
  readonly #hashes = growWords();
  #slots = new Uint32Array(1024);

  get count(): number {
    return this.texts.count;
  }

  /** Slots of the table: term + 1, or 0. */
  get slots(): Uint32Array<ArrayBuffer> {
    return this.#slots;
  }

  /** The number of a word, a new one when it is new. */
  add(bytes: Uint8Array, from: number, to: number, hash = hashBytes(bytes, from, to)): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const term = (this.#slots[slot] as number) - 1;
      if (term === -1) return this.#insert(slot, bytes, from, to, hash);
      if (this.#hashes.values[term] === hash && this.texts.equals(term, bytes, from, to)) return term;
    }
  }

  #insert(slot: number, bytes: Uint8Array, from: number, to: number, hash: number): number {
    const term = this.texts.count;
    this.texts.add(bytes, from, to);
    this.#hashes.push(hash);
    this.#slots[slot] = term + 1;
    if (this.texts.count * 2 > this.#slots.length) this.#enlarge();
    return term;
  }

  #enlarge(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let term = 0; term < this.texts.count; term++) {
      let slot = (this.#hashes.values[term] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = term + 1;
    }
    this.#slots = slots;
  }
}

/** The number of `word` in a finished table, or -1. */
export function findTerm(
  word: Uint8Array,
  { termSlots, termStarts, termBytes }: Record<'termSlots' | 'termStarts', Uint32Array> & { termBytes: Uint8Array },
): number {
  const mask = termSlots.length - 1;
  for (let slot = hashBytes(word, 0, word.length) & mask; ; slot = (slot + 1) & mask) {
    const term = (termSlots[slot] as number) - 1;
    if (term === -1) return -1;
    const start = termStarts[term] as number;
    if ((termStarts[term + 1] as number) - start !== word.length) continue;
    let same = true;
    for (let i = 0; i < word.length && same; i++) same = termBytes[start + i] === word[i];
    if (same) return term;
  }
}
