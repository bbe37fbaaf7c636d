/** Decides how the words of chunks become postings: for each word the chunks that have it, in order, and how often. */
import { Grow, growBytes, growWords } from './grow.ts';
import type { Sections } from './segment-format.ts';
import { hashBytes, TermTable } from './terms.ts';

const space = 0x20;
const mostCount = 255;
const longestLength = 65_535;

export type PostingSections = Pick<
  Sections,
  | 'chunkLength'
  | 'termStarts'
  | 'termBytes'
  | 'termSlots'
  | 'postingStarts'
  | 'postingChunks'
  | 'postingCounts'
  | 'termMostCount'
  | 'termLeastLength'
>;

/** Gathers postings chunk by chunk and sorts them by word at the end. */
export class PostingsBuilder {
  readonly #terms = new TermTable();
  readonly #lengths = new Grow((length) => new Uint16Array(length));
  readonly #postingTerm = growWords();
  readonly #postingChunk = new Grow((length) => new Uint16Array(length));
  readonly #postingCount = growBytes();
  /** For each term its last chunk + 1, and where that posting is. */
  readonly #lastChunk = growWords();
  readonly #lastPosting = growWords();
  #totalLength = 0;

  get chunks(): number {
    return this.#lengths.length;
  }

  get totalLength(): number {
    return this.#totalLength;
  }

  /** Adds a chunk whose words are `bytes` from `from` to `to`, separated by spaces. */
  addWords(bytes: Uint8Array, from: number, to: number): void {
    const chunk = this.#lengths.length;
    let length = 0;
    for (let start = from; start < to; ) {
      if (bytes[start] === space) {
        start++;
        continue;
      }
      let end = start + 1;
      while (end < to && bytes[end] !== space) end++;
      this.#count(chunk, this.#terms.add(bytes, start, end, hashBytes(bytes, start, end)));
      length++;
      start = end + 1;
    }
    this.#endChunk(length);
  }

  #endChunk(length: number): void {
    this.#lengths.push(Math.min(length, longestLength));
    this.#totalLength += length;
  }

  #count(chunk: number, term: number): void {
    while (this.#lastChunk.length <= term) {
      this.#lastChunk.push(0);
      this.#lastPosting.push(0);
    }
    const posting = this.#lastPosting.values[term] as number;
    if (this.#lastChunk.values[term] === chunk + 1) {
      const count = this.#postingCount.values[posting] as number;
      if (count < mostCount) this.#postingCount.values[posting] = count + 1;
      return;
    }
    this.#lastChunk.values[term] = chunk + 1;
    this.#lastPosting.values[term] = this.#postingTerm.length;
    this.#addPosting(term, chunk, 1);
  }

  #addPosting(term: number, chunk: number, count: number): void {
    this.#postingTerm.push(term);
    this.#postingChunk.push(chunk);
    this.#postingCount.push(count);
  }

  /** Adds the chunks of a finished segment for which `renumbered` is not -1; it says how many come before them there. */
  addSegment(sections: PostingSections, renumbered: Int32Array): void {
    const first = this.#lengths.length;
    for (let chunk = 0; chunk < renumbered.length; chunk++) {
      if (renumbered[chunk] !== -1) this.#endChunk(sections.chunkLength[chunk] as number);
    }
    const { termStarts, termBytes, postingStarts, postingChunks, postingCounts } = sections;
    for (let old = 0; old + 1 < termStarts.length; old++) {
      let term = -1;
      const end = postingStarts[old + 1] as number;
      for (let i = postingStarts[old] as number; i < end; i++) {
        const chunk = renumbered[postingChunks[i] as number] as number;
        if (chunk === -1) continue;
        if (term === -1) term = this.#terms.add(termBytes, termStarts[old] as number, termStarts[old + 1] as number);
        this.#addPosting(term, first + chunk, postingCounts[i] as number);
      }
    }
  }

  finish(): PostingSections {
    const terms = this.#terms.count;
    const chunkLength = this.#lengths.filled();
    const postingTerm = this.#postingTerm.filled();
    const postingStarts = new Uint32Array(terms + 1);
    for (const term of postingTerm) postingStarts[term + 1] = (postingStarts[term + 1] as number) + 1;
    for (let term = 0; term < terms; term++) {
      postingStarts[term + 1] = (postingStarts[term + 1] as number) + (postingStarts[term] as number);
    }
    const next = postingStarts.slice(0, terms);
    const postingChunks = new Uint16Array(postingTerm.length);
    const postingCounts = new Uint8Array(postingTerm.length);
    const termMostCount = new Uint8Array(terms);
    const termLeastLength = new Uint16Array(terms).fill(longestLength);
    for (let i = 0; i < postingTerm.length; i++) {
      const term = postingTerm[i] as number;
      const at = next[term] as number;
      const chunk = this.#postingChunk.values[i] as number;
      const count = this.#postingCount.values[i] as number;
      next[term] = at + 1;
      postingChunks[at] = chunk;
      postingCounts[at] = count;
      if (count > (termMostCount[term] as number)) termMostCount[term] = count;
      const length = chunkLength[chunk] as number;
      if (length < (termLeastLength[term] as number)) termLeastLength[term] = length;
    }
    const { starts: termStarts, bytes: termBytes } = this.#terms.texts.filled();
    return {
      chunkLength,
      termStarts,
      termBytes,
      termSlots: this.#terms.slots,
      postingStarts,
      postingChunks,
      postingCounts,
      termMostCount,
      termLeastLength,
    };
  }
}
