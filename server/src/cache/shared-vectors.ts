/**
 * Decides how indexing threads share one cache of vectors: a table in shared memory, so that threads come and go without
 * losing it, and the main thread can save it. Sets of eight entries each, the least recently used of a set goes first.
 */

/** What a thread needs to use the table; can be posted. */
export type VectorTable = { buffer: SharedArrayBuffer; entries: number; dimensions: number };

/** Entries that share a place; a longer search would find the least recently used more exactly, but cost more. */
const mostWays = 8;
const keyWords = 4;
/** Words before the entries: the clock of uses, and the number of entries in use. */
const headWords = 2;
const clockAt = 0;
const sizeAt = 1;
const unlocked = 0;
const locked = 1;
/** A thread that was ended inside the few microseconds of a lock never gives it back: its set is then left alone. */
const tries = 200;

function layoutOf(entries: number, dimensions: number) {
  const ways = Math.min(mostWays, entries);
  const sets = Math.max(1, Math.floor(entries / Math.max(1, ways)));
  const count = sets * ways;
  const locksAt = headWords;
  const stampsAt = locksAt + sets;
  const keysAt = stampsAt + count;
  // Float64 starts at whole eights of bytes.
  const timesAt = Math.ceil((keysAt + count * keyWords) / 2) * 2;
  const vectorsAt = timesAt + count * 2;
  return { ways, sets, count, locksAt, stampsAt, keysAt, timesAt, vectorsAt, words: vectorsAt + count * dimensions };
}

/** Makes an empty table. Memory is taken as it fills. */
export function createVectorTable(entries: number, dimensions: number): VectorTable {
  return { buffer: new SharedArrayBuffer(layoutOf(entries, dimensions).words * 4), entries, dimensions };
}

export type StoredVector = { key: Uint8Array; storedAtMs: number; vector: Float32Array };

/** One thread's view of the table. Keys are digests: their first 16 bytes tell entries apart. */
export class SharedVectors {
  readonly table: VectorTable;
  readonly #layout: ReturnType<typeof layoutOf>;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly #vectors: Float32Array;

  constructor(table: VectorTable) {
    this.table = table;
    this.#layout = layoutOf(table.entries, table.dimensions);
    const { timesAt, count, vectorsAt } = this.#layout;
    this.#words = new Int32Array(table.buffer);
    this.#times = new Float64Array(table.buffer, timesAt * 4, count);
    this.#vectors = new Float32Array(table.buffer, vectorsAt * 4, count * table.dimensions);
  }

  /** Entries in use. */
  get size(): number {
    return Atomics.load(this.#words, sizeAt);
  }

  get capacity(): number {
    return this.#layout.count;
  }

  /** Copies the vector of `key` to `out` at `offset`; false when there is none, or one stored before `notBeforeMs`. */
  read(key: Uint8Array, out: Float32Array, offset: number, notBeforeMs = 0): boolean {
    const words = wordsOf(key);
    return this.#inSet(words, false, (first) => {
      const entry = this.#find(first, words);
      if (entry === undefined || (this.#times[entry] ?? 0) < notBeforeMs) return false;
      this.#touch(entry);
      const { dimensions } = this.table;
      out.set(this.#vectors.subarray(entry * dimensions, (entry + 1) * dimensions), offset);
      return true;
    });
  }

  /** Keeps the vector at `offset` of `from`; returns whether another one had to go for it. */
  write(key: Uint8Array, from: Float32Array, offset: number, storedAtMs: number): boolean {
    const words = wordsOf(key);
    return this.#inSet(words, false, (first) => {
      const known = this.#find(first, words);
      const entry = known ?? this.#oldest(first);
      const isEvicting = known === undefined && this.#stamp(entry) !== 0;
      if (known === undefined && !isEvicting) Atomics.add(this.#words, sizeAt, 1);
      this.#words.set(words, this.#layout.keysAt + entry * keyWords);
      this.#times[entry] = storedAtMs;
      const { dimensions } = this.table;
      this.#vectors.set(from.subarray(offset, offset + dimensions), entry * dimensions);
      this.#touch(entry);
      return isEvicting;
    });
  }

  /** Drops entries stored before this time; returns how many. */
  prune(notBeforeMs: number): number {
    let dropped = 0;
    for (let entry = 0; entry < this.#layout.count; entry++) {
      if (this.#stamp(entry) === 0 || (this.#times[entry] ?? 0) >= notBeforeMs) continue;
      this.#words[this.#layout.stampsAt + entry] = 0;
      Atomics.sub(this.#words, sizeAt, 1);
      dropped++;
    }
    return dropped;
  }

  /** Copies of all entries, the least recently used first. */
  entries(): StoredVector[] {
    const found: (StoredVector & { stamp: number })[] = [];
    const { dimensions } = this.table;
    for (let entry = 0; entry < this.#layout.count; entry++) {
      const stamp = this.#stamp(entry);
      if (stamp === 0) continue;
      const at = this.#layout.keysAt + entry * keyWords;
      const words = this.#words.slice(at, at + keyWords);
      const stored = this.#inSet(words, undefined, (first) =>
        this.#find(first, words) !== entry
          ? undefined
          : {
              key: new Uint8Array(words.buffer),
              storedAtMs: this.#times[entry] ?? 0,
              vector: this.#vectors.slice(entry * dimensions, (entry + 1) * dimensions),
            },
      );
      if (stored !== undefined) found.push({ ...stored, stamp });
    }
    return found.sort((a, b) => a.stamp - b.stamp).map(({ stamp: _, ...stored }) => stored);
  }

  #stamp(entry: number): number {
    return this.#words[this.#layout.stampsAt + entry] ?? 0;
  }

  #touch(entry: number): void {
    this.#words[this.#layout.stampsAt + entry] = Atomics.add(this.#words, clockAt, 1) + 1;
  }

  #find(first: number, words: Int32Array): number | undefined {
    for (let entry = first; entry < first + this.#layout.ways; entry++) {
      if (this.#stamp(entry) !== 0 && this.#hasKey(entry, words)) return entry;
    }
    return undefined;
  }

  #hasKey(entry: number, words: Int32Array): boolean {
    const at = this.#layout.keysAt + entry * keyWords;
    for (let i = 0; i < keyWords; i++) if (this.#words[at + i] !== words[i]) return false;
    return true;
  }

  #oldest(first: number): number {
    let oldest = first;
    for (let entry = first + 1; entry < first + this.#layout.ways; entry++)
      if (this.#stamp(entry) < this.#stamp(oldest)) oldest = entry;
    return oldest;
  }

  /** Runs `work` with the set to itself; `otherwise` is the answer when another thread does not let go of it. */
  #inSet<T>(words: Int32Array, otherwise: T, work: (firstEntry: number) => T): T {
    const set = ((words[0] ?? 0) >>> 0) % this.#layout.sets;
    const lock = this.#layout.locksAt + set;
    for (let i = 0; Atomics.compareExchange(this.#words, lock, unlocked, locked) !== unlocked; i++)
      if (i === tries) return otherwise;
    try {
      return work(set * this.#layout.ways);
    } finally {
      Atomics.store(this.#words, lock, unlocked);
    }
  }
}

function wordsOf(key: Uint8Array): Int32Array {
  const words = new Int32Array(keyWords);
  new Uint8Array(words.buffer).set(key.subarray(0, keyWords * 4));
  return words;
}
