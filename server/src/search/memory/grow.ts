/** Decides how typed arrays grow while a segment is built: by half, so that few bytes are copied and few are spare. */

type Own = ArrayBuffer;
type Numbers =
  | Uint8Array<Own>
  | Int8Array<Own>
  | Uint16Array<Own>
  | Uint32Array<Own>
  | Int32Array<Own>
  | Float32Array<Own>
  | Float64Array<Own>;

/** An array that is appended to. `values` has spare room at its end; only the first `length` count. */
export class Grow<T extends Numbers> {
  values: T;
  length = 0;
  readonly #make: (length: number) => T;

  constructor(make: (length: number) => T, capacity = 1024) {
    this.#make = make;
    this.values = make(capacity);
  }

  /** Makes room for `more` further values. */
  reserve(more: number): void {
    if (this.length + more <= this.values.length) return;
    const larger = this.#make(Math.ceil((this.length + more) * 1.5));
    larger.set(this.values.subarray(0, this.length));
    this.values = larger;
  }

  push(value: number): void {
    if (this.length === this.values.length) this.reserve(1);
    this.values[this.length++] = value;
  }

  /** What was appended, without the spare room; a view. */
  filled(): T {
    return this.values.subarray(0, this.length) as T;
  }
}

export const growBytes = (): Grow<Uint8Array<Own>> => new Grow((length) => new Uint8Array(length));
export const growWords = (): Grow<Uint32Array<Own>> => new Grow((length) => new Uint32Array(length));

/** Strings appended as UTF-8 with the place where each starts. */
export class TextList {
  readonly #bytes = growBytes();
  readonly #starts = growWords();

  constructor() {
    this.#starts.push(0);
  }

  get count(): number {
    return this.#starts.length - 1;
  }

  /** Appends the bytes from `from` to `to`. */
  add(bytes: Uint8Array, from = 0, to = bytes.length): void {
    this.#bytes.reserve(to - from);
    this.#bytes.values.set(bytes.subarray(from, to), this.#bytes.length);
    this.#bytes.length += to - from;
    this.#starts.push(this.#bytes.length);
  }

  /** True when string `index` is these bytes. */
  equals(index: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#starts.values[index] as number;
    if ((this.#starts.values[index + 1] as number) - start !== to - from) return false;
    const own = this.#bytes.values;
    for (let i = start, at = from; at < to; i++, at++) if (own[i] !== bytes[at]) return false;
    return true;
  }

  filled(): { starts: Uint32Array<Own>; bytes: Uint8Array<Own> } {
    return { starts: this.#starts.filled(), bytes: this.#bytes.filled() };
  }
}
