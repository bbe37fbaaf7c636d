/** Decides how texts are ranked by Okapi BM25 alone: the yardstick that needs nothing but words. */

export type Scored = { row: number; score: number };
export type Term = { word: string; weight: number };

/** BM25 over rows of words (Robertson & Zaragoza 2009, §3.3), with the idf that stays positive (Lucene's). */
export class Bm25 {
  readonly #postings = new Map<string, { rows: number[]; counts: number[] }>();
  readonly #lengths: number[] = [];
  #total = 0;
  readonly #k1: number;
  readonly #b: number;

  constructor(rows: Iterable<readonly string[]>, { k1, b }: { k1: number; b: number }) {
    this.#k1 = k1;
    this.#b = b;
    for (const words of rows) this.#add(words);
  }

  #add(words: readonly string[]): void {
    const row = this.#lengths.push(words.length) - 1;
    this.#total += words.length;
    const counts = new Map<string, number>();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    for (const [word, count] of counts) {
      const posting = this.#postings.get(word) ?? { rows: [], counts: [] };
      posting.rows.push(row);
      posting.counts.push(count);
      this.#postings.set(word, posting);
    }
  }

  /** The best rows, best first. */
  search(terms: readonly Term[], limit: number): Scored[] {
    const scores = new Map<number, number>();
    const rows = this.#lengths.length;
    const mean = this.#total / Math.max(1, rows);
    for (const { word, weight } of terms) {
      const posting = this.#postings.get(word);
      if (posting === undefined) continue;
      const found = posting.rows.length;
      const idf = Math.log(1 + (rows - found + 0.5) / (found + 0.5));
      for (const [i, row] of posting.rows.entries()) {
        const count = posting.counts[i] ?? 0;
        const length = this.#k1 * (1 - this.#b + this.#b * ((this.#lengths[row] ?? 0) / mean));
        const gain = (weight * idf * count * (this.#k1 + 1)) / (count + length);
        scores.set(row, (scores.get(row) ?? 0) + gain);
      }
    }
    return [...scores]
      .map(([row, score]) => ({ row, score }))
      .sort((a, b) => b.score - a.score || a.row - b.row)
      .slice(0, limit);
  }
}
