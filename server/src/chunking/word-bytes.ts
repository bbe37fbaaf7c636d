/** Decides how the words of a text are read and found among those met before: by their UTF-8 bytes, without an object for each. */

/** What a byte is to a word; kinds are bits, so that a set of them is a number. */
const kind = { other: 0, letter: 1, digit: 2, beyondAscii: 4 } as const;

const kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte > 127) return kind.beyondAscii;
  if (byte >= 48 && byte <= 57) return kind.digit;
  const lower = byte | 32;
  return byte === 95 || (lower >= 97 && lower <= 122) ? kind.letter : kind.other;
});

/** A UTF-16 unit takes at most so many bytes of UTF-8. */
const bytesPerUnit = 3;

// FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/
const hashFactor = 0x01000193;
/** The hash of no bytes. */
export const hashStart = 0x811c9dc5 | 0;
/** The hash of what `hash` is of and one byte more. */
export const hashOn = (hash: number, byte: number): number => Math.imul(hash ^ byte, hashFactor);

/**
 * Reads a text word by word: runs of ASCII letters, digits and underscores, and runs of anything beyond ASCII. One text at a
 * time; `start`, `end` and `hash` are those of the word that `next` found in `bytes`.
 */
export class WordReader {
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  hash = 0;
  #length = 0;
  /** By the kind of a word's first byte: the kinds of which the rest may be. */
  readonly #goesOn: Uint8Array;

  /** `numbersEnd`: what starts with a digit ends before a letter. */
  constructor(numbersEnd: boolean) {
    const name = kind.letter | kind.digit;
    this.#goesOn = Uint8Array.of(0, name, numbersEnd ? kind.digit : name, 0, kind.beyondAscii);
  }

  /** Starts at a text's first word; false when the text is not all ASCII. */
  open(text: string): boolean {
    if (this.bytes.length < text.length * bytesPerUnit) this.bytes = Buffer.allocUnsafeSlow(text.length * bytesPerUnit);
    this.#length = this.bytes.write(text, 0, 'utf8');
    this.end = 0;
    return this.#length === text.length;
  }

  /** Goes to the next word; false when there is none. */
  next(): boolean {
    const { bytes } = this;
    const length = this.#length;
    let at = this.end;
    while (at < length && kinds[bytes[at] as number] === kind.other) at++;
    if (at >= length) return false;
    const goesOn = this.#goesOn[kinds[bytes[at] as number] as number] as number;
    let hash = hashStart;
    this.start = at;
    do {
      hash = hashOn(hash, bytes[at] as number);
      at++;
    } while (at < length && ((kinds[bytes[at] as number] as number) & goesOn) !== 0);
    this.end = at;
    this.hash = hash;
    return true;
  }

  /** The word as a string. */
  word(): string {
    return this.bytes.toString((this.bytes[this.start] as number) > 127 ? 'utf8' : 'latin1', this.start, this.end);
  }
}

const isUpper = (byte: number | undefined) => byte !== undefined && byte >= 65 && byte <= 90;
const isLower = (byte: number | undefined) => byte !== undefined && byte >= 97 && byte <= 122;
const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 48 && byte <= 57;

/**
 * Cuts ASCII words into parts: `getHTTPResponse2` into get, http, response and 2. It finds what
 * `[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+` finds.
 */
export class PartCutter {
  /** The parts in lower case, one after the other; good until the next call, as the rest is. */
  bytes: Uint8Array = new Uint8Array(256);
  /** Where each part ends; of these, `count`. */
  ends = new Uint32Array(64);
  count = 0;

  cut(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = withRoom(this.bytes, end - start);
    this.count = 0;
    let length = 0;
    for (let at = start; at < end; ) {
      const to = partEnd(bytes, at, end);
      for (let i = at; i < to; i++)
        this.bytes[length++] = isUpper(bytes[i]) ? (bytes[i] as number) + 32 : (bytes[i] as number);
      if (to > at) {
        this.ends = withRoom(this.ends, this.count + 1);
        this.ends[this.count++] = length;
      }
      at = Math.max(to, at + 1);
    }
  }
}

/** Where the part that starts at `at` ends; `at` itself when none does. */
function partEnd(bytes: Uint8Array, at: number, end: number): number {
  let to = at;
  if (isDigit(bytes[at])) {
    while (to < end && isDigit(bytes[to])) to++;
    return to;
  }
  while (to < end && isUpper(bytes[to])) to++;
  if (to < end && isLower(bytes[to])) {
    // The last capital of several begins the next part.
    if (to - at > 1) return to - 1;
    while (to < end && isLower(bytes[to])) to++;
  }
  return to;
}

/** Numbers words in the order in which they were met, and forgets all of them when it is full. */
export class WordTable {
  readonly #capacity: number;
  /** 1 + number of the word, 0 where there is none; linear probing. */
  readonly #slots: Int32Array;
  readonly #hashes: Int32Array;
  readonly #starts: Int32Array;
  #bytes = new Uint8Array(4096);
  #count = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(capacity * 1.5)));
    this.#hashes = new Int32Array(capacity);
    this.#starts = new Int32Array(capacity + 1);
  }

  /** The number of the word in `bytes` from `start` to `end`, `hash` being its hash; -1 when it is new. */
  find(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
      const number = (slots[slot] as number) - 1;
      if (number < 0) return -1;
      if (this.#hashes[number] === hash && this.#isWord(number, bytes, start, end)) return number;
    }
  }

  /** Takes in a new word. Its number is 0 when all others were forgotten for it, or when it is the first. */
  add(bytes: Uint8Array, start: number, end: number, hash: number): number {
    if (this.#count >= this.#capacity) {
      this.#slots.fill(0);
      this.#count = 0;
    }
    const number = this.#count++;
    const from = this.#starts[number] as number;
    this.#bytes = withRoom(this.#bytes, from + end - start);
    this.#bytes.set(bytes.subarray(start, end), from);
    this.#starts[number + 1] = from + end - start;
    this.#hashes[number] = hash;
    const mask = this.#slots.length - 1;
    let slot = spread(hash) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = number + 1;
    return number;
  }

  #isWord(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#starts[number] as number;
    if ((this.#starts[number + 1] as number) - from !== end - start) return false;
    const known = this.#bytes;
    for (let i = end - start - 1; i >= 0; i--) if (known[from + i] !== bytes[start + i]) return false;
    return true;
  }
}

/** FNV's low bits alone are spread badly. */
const spread = (hash: number) => hash ^ (hash >>> 15);

/** The array itself when it has `length` elements, else a larger copy. */
export function withRoom<T extends Uint8Array | Uint32Array>(array: T, length: number): T {
  if (length <= array.length) return array;
  const larger = new (array.constructor as new (length: number) => T)(Math.max(length, array.length * 2));
  larger.set(array);
  return larger;
}
