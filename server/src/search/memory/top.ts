/** Decides which few of many scored chunks are the best: a heap whose root is the worst of those kept. */

/** A chunk by its number within a segment, and the segment by its place in the index. */
export type Scored = { segment: number; chunk: number; score: number };

/** Keeps the `limit` best. Of equal scores those that came first stay, so that an answer does not depend on chance. */
export class Top {
  readonly #limit: number;
  readonly #heap: Scored[] = [];
  #threshold = Number.NEGATIVE_INFINITY;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What a score must exceed to be kept. */
  get threshold(): number {
    return this.#threshold;
  }

  offer(segment: number, chunk: number, score: number): void {
    const heap = this.#heap;
    if (score < this.#threshold) return;
    if (heap.length < this.#limit) {
      heap.push({ segment, chunk, score });
      this.#rise(heap.length - 1);
    } else {
      const worst = heap[0];
      const entry = { segment, chunk, score };
      if (worst === undefined || !isWorse(worst, entry)) return;
      this.#sink(entry);
    }
    if (heap.length === this.#limit) this.#threshold = (heap[0] as Scored).score;
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const entry = heap[from] as Scored;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Scored;
      if (!isWorse(entry, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Puts `entry` in place of the worst. */
  #sink(entry: Scored): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isWorse(heap[child + 1] as Scored, heap[child] as Scored)) child++;
      const worst = heap[child] as Scored;
      if (!isWorse(worst, entry)) break;
      heap[at] = worst;
      at = child;
    }
    heap[at] = entry;
  }

  /** The best first. */
  sorted(): Scored[] {
    return [...this.#heap].sort((a, b) => (isWorse(a, b) ? 1 : -1));
  }
}

function isWorse(a: Scored, b: Scored): boolean {
  if (a.score !== b.score) return a.score < b.score;
  return a.segment === b.segment ? a.chunk > b.chunk : a.segment > b.segment;
}
