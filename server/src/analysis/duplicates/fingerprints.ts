/**
 * Decides where two files may be alike, by winnowing (Schleimer, Wilkerson, Aiken: "Winnowing: Local Algorithms for
 * Document Fingerprinting", SIGMOD 2003): of each window of k-gram hashes the smallest is kept, so every run of at least
 * k + window - 1 tokens of the same shape, wherever it stands, shares a fingerprint, and only about 2 / (window + 1) of all
 * hashes are kept.
 */
import { shapeOf, type TokenStore } from './tokens.ts';

/** Tokens of one fingerprint, and hashes of which one is kept. */
export type WinnowSizes = { gram: number; window: number };
export const winnowSizes: WinnowSizes = { gram: 24, window: 16 };

/** A gram of fewer different shapes says nothing: lists of numbers, rows of a table. */
const minShapes = 5;

const base = 0x2c1b3c6d | 1;

/** Fingerprints in order of their hash. `at` is where the gram starts among the tokens of the store. */
export type Fingerprints = { hashes: Uint32Array; at: Int32Array; count: number };

/** Spreads what is in the low bits of a polynomial hash (the finaliser of MurmurHash3). */
function mixed(hash: number): number {
  let value = hash ^ (hash >>> 16);
  value = Math.imul(value, 0x85ebca6b);
  value ^= value >>> 13;
  value = Math.imul(value, 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** The fingerprints of all files, sorted. */
export function fingerprint(store: TokenStore, sizes: WinnowSizes = winnowSizes): Fingerprints {
  const collected = new Collector();
  for (const { start, end } of store.files) winnow(store.values, start, end, sizes, collected);
  return sorted(collected);
}

class Collector {
  hashes = new Uint32Array(1 << 12);
  at = new Int32Array(1 << 12);
  count = 0;
  #scratch = new Uint32Array(1 << 12);

  /** Room for so many hashes; what is in it stays until the next call. */
  scratch(length: number): Uint32Array {
    if (length > this.#scratch.length) this.#scratch = new Uint32Array(Math.max(length, this.#scratch.length * 2));
    return this.#scratch.subarray(0, length);
  }

  add(hash: number, at: number): void {
    if (this.count === this.at.length) {
      const hashes = new Uint32Array(this.count * 2);
      hashes.set(this.hashes);
      const places = new Int32Array(this.count * 2);
      places.set(this.at);
      this.hashes = hashes;
      this.at = places;
    }
    this.hashes[this.count] = hash;
    this.at[this.count++] = at;
  }
}

function winnow(values: Int32Array, start: number, end: number, sizes: WinnowSizes, out: Collector): void {
  const { gram, window } = sizes;
  if (end - start < gram) return;
  const grams = out.scratch(end - start - gram + 1);
  hashGrams(values, start, gram, grams);
  let kept = -1;
  let smallest = -1;
  const first = Math.min(window, grams.length) - 1;
  for (let at = 0; at < grams.length; at++) {
    // The rightmost of the smallest: repeated tokens then give few fingerprints.
    if (smallest < 0 || smallest <= at - window) {
      smallest = Math.max(0, at - window + 1);
      for (let i = smallest + 1; i <= at; i++) if ((grams[i] as number) <= (grams[smallest] as number)) smallest = i;
    } else if ((grams[at] as number) <= (grams[smallest] as number)) smallest = at;
    if (smallest === kept || at < first) continue;
    kept = smallest;
    if (saysEnough(values, start + kept, gram)) out.add(grams[kept] as number, start + kept);
  }
}

/** The hash of the shapes of `gram` tokens from each token on (a rolling polynomial, Karp and Rabin 1987). */
export function hashGrams(values: Int32Array, start: number, gram: number, grams: Uint32Array): void {
  let power = 1;
  for (let i = 1; i < gram; i++) power = Math.imul(power, base);
  let hash = 0;
  for (let i = start; i < start + gram; i++) hash = (Math.imul(hash, base) + shapeOf(values[i] as number)) | 0;
  for (let at = 0; ; at++) {
    grams[at] = mixed(hash);
    if (at + 1 === grams.length) return;
    hash = (hash - Math.imul(shapeOf(values[start + at] as number), power)) | 0;
    hash = (Math.imul(hash, base) + shapeOf(values[start + at + gram] as number)) | 0;
  }
}

const seen = new Int32Array(minShapes);

function saysEnough(values: Int32Array, at: number, gram: number): boolean {
  let count = 0;
  for (let i = at; i < at + gram; i++) {
    const shape = shapeOf(values[i] as number);
    let known = 0;
    while (known < count && seen[known] !== shape) known++;
    if (known < count) continue;
    if (count + 1 >= minShapes) return true;
    seen[count++] = shape;
  }
  return false;
}

const digitBits = 11;
const digits = 1 << digitBits;

/** By hash, and by place where hashes are equal: three passes of a radix sort. */
function sorted({ hashes, at, count }: Collector): Fingerprints {
  let from = { hashes: hashes.slice(0, count), at: at.slice(0, count) };
  let to = { hashes: new Uint32Array(count), at: new Int32Array(count) };
  for (let shift = 0; shift < 32; shift += digitBits) {
    const starts = new Int32Array(digits + 1);
    for (const hash of from.hashes) bump(starts, ((hash >>> shift) & (digits - 1)) + 1);
    for (let i = 0; i < digits; i++) starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number);
    for (let i = 0; i < count; i++) {
      const digit = ((from.hashes[i] as number) >>> shift) & (digits - 1);
      const place = starts[digit] as number;
      starts[digit] = place + 1;
      to.hashes[place] = from.hashes[i] as number;
      to.at[place] = from.at[i] as number;
    }
    [from, to] = [to, from];
  }
  return { ...from, count };
}

function bump(counts: Int32Array, at: number): void {
  counts[at] = (counts[at] as number) + 1;
}
