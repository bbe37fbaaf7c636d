/** Decides what the simplest tools find: words as they stand, ranked by BM25 or by how many lines have them. */
import { chunkByLines } from '../../../server/src/chunking/lines.ts';
import { Bm25 } from './bm25.ts';

const chunkLength = 1500;
const wordPattern = /[\p{L}_][\p{L}\p{N}_]*/gu;
const wordsOf = (text: string): string[] => (text.match(wordPattern) ?? []).map((word) => word.toLowerCase());

/** Paths by the best of their chunks, best first. */
export function filesOf(found: Iterable<string>): string[] {
  return [...new Set(found)];
}

export type TextFile = { path: string; text: string };

/** Searches a package without knowing code: identifiers stay whole, nothing but words counts. */
export class PlainSearch {
  readonly #bm25: Bm25;
  readonly #rowPaths: string[] = [];
  /** Lines that have a word: the file's number times `lineSpan` plus the line. */
  readonly #lines = new Map<string, number[]>();
  readonly #paths: string[];

  constructor(files: readonly TextFile[]) {
    this.#paths = files.map(({ path }) => path);
    const rows: string[][] = [];
    for (const [file, { path, text }] of files.entries()) {
      for (const chunk of chunkByLines(text, chunkLength)) {
        rows.push(wordsOf(chunk.text));
        this.#rowPaths.push(path);
      }
      for (const [line, words] of text.split('\n').entries()) {
        for (const word of new Set(wordsOf(words))) {
          const lines = this.#lines.get(word);
          if (lines === undefined) this.#lines.set(word, [file * lineSpan + line]);
          else lines.push(file * lineSpan + line);
        }
      }
    }
    this.#bm25 = new Bm25(rows, { k1: 1.2, b: 0.75 });
  }

  /** Files by their best piece of 1,500 characters, ranked by BM25 over whole words. */
  byBm25(query: string): string[] {
    const terms = [...new Set(wordsOf(query))].map((word) => ({ word, weight: 1 }));
    return filesOf(this.#bm25.search(terms, 200).map(({ row }) => this.#rowPaths[row] ?? ''));
  }

  /** Files by how many of their lines have a word of the query, as `rg -i -w -c` counts. */
  byLineCount(query: string): string[] {
    const lines = new Set(wordsOf(query).flatMap((word) => this.#lines.get(word) ?? []));
    const counts = new Map<number, number>();
    for (const line of lines) {
      const file = Math.floor(line / lineSpan);
      counts.set(file, (counts.get(file) ?? 0) + 1);
    }
    return [...counts].sort(([a, m], [b, n]) => n - m || a - b).map(([file]) => this.#paths[file] ?? '');
  }
}

/** No file has more lines. */
const lineSpan = 2 ** 24;
