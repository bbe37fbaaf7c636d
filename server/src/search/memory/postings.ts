/** Decides how the words of chunks become postings: for each word the chunks that have it, in order, and how often. */
import { Grow, growWords } from './grow.ts';
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

const blockBits = 18;
const blockSize = 1 << blockBits;
type Block = { terms: Uint32Array; chunks: Uint16Array; counts: Uint8Array };

/** Postings in the order they were added, in blocks: growing one array would take its memory two and a half times. */
class PostingList {
  #blocks: Block[] = [];
  length = 0;

  push(term: number, chunk: number, count: number): void {
    const at = this.length++ & (blockSize - 1);
    if (at === 0) {
      this.#blocks.push({
        terms: new Uint32Array(blockSize),
        chunks: new Uint16Array(blockSize),
        counts: new Uint8Array(blockSize),
      });
    }
    const block = this.#blocks[this.#blocks.length - 1] as Block;
    block.terms[at] = term;
    block.chunks[at] = chunk;
    block.counts[at] = count;
  }

  /** One more occurrence in a posting. */
  countUp(posting: number): void {
    const { counts } = this.#blocks[posting >> blockBits] as Block;
    const at = posting & (blockSize - 1);
    if ((counts[at] as number) < mostCount) counts[at] = (counts[at] as number) + 1;
  }

  /** The postings by term, of one term in the order they were added. The list is empty then. */
  sortedByTerm(terms: number) {
    const postingStarts = new Uint32Array(terms + 1);
    this.#each((term) => {
      postingStarts[term + 1] = (postingStarts[term + 1] as number) + 1;
    });
    for (let term = 0; term < terms; term++) {
      postingStarts[term + 1] = (postingStarts[term + 1] as number) + (postingStarts[term] as number);
    }
    const next = postingStarts.slice(0, terms);
    const postingChunks = new Uint16Array(this.length);
    const postingCounts = new Uint8Array(this.length);
    this.#each((term, chunk, count) => {
      const at = next[term] as number;
      next[term] = at + 1;
      postingChunks[at] = chunk;
      postingCounts[at] = count;
    });
    this.#blocks = [];
    this.length = 0;
    return { postingStarts, postingChunks, postingCounts };
  }

  #each(visit: (term: number, chunk: number, count: number) => void): void {
    for (let i = 0; i < this.length; i++) {
      const { terms, chunks, counts } = this.#blocks[i >> blockBits] as Block;
      const at = i & (blockSize - 1);
      visit(terms[at] as number, chunks[at] as number, counts[at] as number);
    }
  }
}

/** Gathers postings chunk by chunk and sorts them by word at the end. */
export class PostingsBuilder {
  readonly #terms = new TermTable();
  readonly #lengths = new Grow((length) => new Uint16Array(length));
  readonly #postings = new PostingList();
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
      this.#postings.countUp(posting);
      return;
    }
    this.#lastChunk.values[term] = chunk + 1;
    this.#lastPosting.values[term] = this.#postings.length;
    this.#postings.push(term, chunk, 1);
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
        this.#postings.push(term, first + chunk, postingCounts[i] as number);
      }
    }
  }

  finish(): PostingSections {
    const terms = this.#terms.count;
    const chunkLength = this.#lengths.filled();
    const sorted = this.#postings.sortedByTerm(terms);
    const termMostCount = new Uint8Array(terms);
    const termLeastLength = new Uint16Array(terms).fill(longestLength);
    const { postingStarts, postingChunks, postingCounts } = sorted;
    for (let term = 0; term < terms; term++) {
      for (let i = postingStarts[term] as number; i < (postingStarts[term + 1] as number); i++) {
        const count = postingCounts[i] as number;
        if (count > (termMostCount[term] as number)) termMostCount[term] = count;
        const length = chunkLength[postingChunks[i] as number] as number;
        if (length < (termLeastLength[term] as number)) termLeastLength[term] = length;
      }
    }
    const { starts: termStarts, bytes: termBytes } = this.#terms.texts.filled();
    return {
      chunkLength,
      termStarts,
      termBytes,
      termSlots: this.#terms.slots,
      ...sorted,
      termMostCount,
      termLeastLength,
    };
  }
}
