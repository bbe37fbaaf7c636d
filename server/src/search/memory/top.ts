/** Decides which few of many scored chunks are the best: a heap whose root is the worst of those kept. */

/** A chunk by its number within a segment, and the segment by its place in the index. */
export type Scored = { segment: number; chunk: number; score: number };

/** Keeps the `limit` best. Of equal scores those that came first stay, so that an answer does not depend on chance. */
export class Top {
  readonly #limit: number;
  readonly #heap: Scored[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What a score must exceed to be kept. */
  get threshold(): number {
    return this.#heap.length < this.#limit
      ? Number.NEGATIVE_INFINITY
      : (this.#heap[0]?.score ?? Number.NEGATIVE_INFINITY);
  }

  offer(segment: number, chunk: number, score: number): void {
    const heap = this.#heap;
    if (score < this.threshold) return;
    const entry = { segment, chunk, score };
    if (heap.length < this.#limit) {
      heap.push(entry);
      this.#rise(heap.length - 1);
    } else if (this.#limit > 0 && isWorse(heap[0] as Scored, entry)) {
      heap[0] = entry;
      this.#sink();
    }
  }

  #rise(from: number): void {
    const heap = this.#heap;
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!isWorse(heap[at] as Scored, heap[parent] as Scored)) return;
      [heap[at], heap[parent]] = [heap[parent] as Scored, heap[at] as Scored];
      at = parent;
    }
  }

  #sink(): void {
    const heap = this.#heap;
    for (let at = 0; ; ) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && isWorse(heap[child] as Scored, heap[worst] as Scored)) worst = child;
      }
      if (worst === at) return;
      [heap[at], heap[worst]] = [heap[worst] as Scored, heap[at] as Scored];
      at = worst;
    }
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
