/** Decides how strings are gathered into one column; without Arrow, which a thread need not load for it. */

/** A column of strings in Arrow's own form: UTF-8 bytes, and where each string starts. */
export type TextColumn = { offsets: Int32Array; bytes: Uint8Array };

/** A UTF-16 unit takes at most so many bytes of UTF-8. */
const bytesPerUnit = 3;

/** Up to so many units a loop writes faster than a call. */
const shortUnits = 24;

const nothing = new Uint8Array();

/** Gathers strings into one column: a growing array of bytes instead of an array a string. */
export class TextColumnBuilder {
  #bytes = Buffer.from(new ArrayBuffer(4096));
  #offsets = new Int32Array(256);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Adds one string: `before`, which is UTF-8, and `value` after it. */
  add(value: string, before: Uint8Array = nothing): void {
    const start = this.#offsets[this.#count] as number;
    const at = start + before.length;
    const most = at + value.length * bytesPerUnit;
    if (most > this.#bytes.length) this.#growBytes(most);
    if (this.#count + 1 >= this.#offsets.length) this.#growOffsets();
    this.#count++;
    if (before.length > 0) this.#bytes.set(before, start);
    this.#offsets[this.#count] = this.#write(value, at);
  }

  /** Writes a value at an offset; returns where it ends. */
  #write(value: string, at: number): number {
    const { length } = value;
    if (length > shortUnits) return at + this.#bytes.write(value, at, 'utf8');
    const bytes = this.#bytes;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 127) return at + bytes.write(value, at, 'utf8');
      bytes[at + i] = unit;
    }
    return at + length;
  }

  /** The column so far, in arrays of its own size. */
  finish(): TextColumn {
    const offsets = this.#offsets.slice(0, this.#count + 1);
    return { offsets, bytes: new Uint8Array(this.#bytes.subarray(0, offsets[this.#count])) };
  }

  #growBytes(least: number): void {
    const larger = Buffer.from(new ArrayBuffer(Math.max(least, this.#bytes.length * 2)));
    this.#bytes.copy(larger, 0, 0, this.#offsets[this.#count]);
    this.#bytes = larger;
  }

  #growOffsets(): void {
    const larger = new Int32Array(this.#offsets.length * 2);
    larger.set(this.#offsets);
    this.#offsets = larger;
  }
}

export function packText(values: Iterable<string>): TextColumn {
  const builder = new TextColumnBuilder();
  for (const value of values) builder.add(value);
  return builder.finish();
}
