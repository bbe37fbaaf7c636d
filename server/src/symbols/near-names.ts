/** Decides which existing names somebody may have meant who wrote one that does not exist. */
import { identifierParts } from '../chunking/words.ts';

/** Most letters that may differ, as a part of the longer name. */
const maxDistanceShare = 0.25;
/** A name that is a part of the other says something from this share of its letters on. */
const minPart = 0.4;
/** Names with fewer words in common than this share are others. */
const minSharedWords = 0.6;
const mostSeen = 100_000;

/** Names of a stream that are near to a written one, best first. Feed it with `add`; it keeps only a few. */
export class NearNames {
  readonly #wanted: string;
  readonly #parts: ReadonlySet<string>;
  readonly #letters: number;
  readonly #seen = new Set<string>();
  readonly #limit: number;
  #best: { name: string; score: number }[] = [];

  constructor(wanted: string, limit = 8) {
    this.#wanted = wanted.toLowerCase();
    this.#parts = new Set(identifierParts(wanted));
    this.#letters = lettersOf(this.#wanted);
    this.#limit = limit;
  }

  add(name: string): void {
    if (this.#seen.has(name)) return;
    // Repetitions come near each other; a set of all names of a large codebase would be large.
    if (this.#seen.size >= mostSeen) this.#seen.clear();
    this.#seen.add(name);
    const score = this.#score(name);
    if (score <= 0 || this.#best.some((known) => known.name === name)) return;
    if (this.#best.length === this.#limit && score <= (this.#best.at(-1)?.score ?? 0)) return;
    this.#best.push({ name, score });
    this.#best.sort((a, b) => b.score - a.score || a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
    this.#best = this.#best.slice(0, this.#limit);
  }

  list(): string[] {
    return this.#best.map(({ name }) => name);
  }

  /** 0: not near. Otherwise 0 to 2: few letters differ, one holds the other, or they share words. */
  #score(name: string): number {
    const lower = name.toLowerCase();
    if (lower === this.#wanted) return 2;
    const [short, long] = lower.length < this.#wanted.length ? [lower, this.#wanted] : [this.#wanted, lower];
    if (short.length >= Math.max(3, long.length * minPart) && long.includes(short))
      return 1 + short.length / long.length / 2;
    const allowed = Math.floor(long.length * maxDistanceShare);
    // Each letter that differs changes two letters of the sets at most.
    if (long.length - short.length <= allowed && bitsIn(this.#letters ^ lettersOf(lower)) <= 2 * allowed) {
      const distance = editDistance(short, long, allowed);
      if (distance <= allowed) return 1.4 - distance / long.length;
    }
    return this.#sharedWords(name, lower);
  }

  #sharedWords(name: string, lower: string): number {
    if (this.#parts.size < 2) return 0;
    // Cutting a name into words costs more than all else; hardly any has two of these letter by letter.
    let held = 0;
    for (const part of this.#parts) if (part.length > 1 && lower.includes(part)) held++;
    if (held < 2) return 0;
    const parts = new Set(identifierParts(name));
    let shared = 0;
    for (const part of parts) if (part.length > 1 && this.#parts.has(part)) shared++;
    const share = shared / Math.max(parts.size, this.#parts.size);
    return shared < 2 || share < minSharedWords ? 0 : share;
  }
}

/** One bit for each letter and digit that occurs; others share one. */
function lettersOf(text: string): number {
  let bits = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    bits |= 1 << (code >= 97 && code <= 122 ? code - 97 : code >= 48 && code <= 57 ? 26 + (code % 5) : 31);
  }
  return bits;
}

function bitsIn(value: number): number {
  let left = value >>> 0;
  let count = 0;
  for (; left !== 0; left &= left - 1) count++;
  return count;
}

/** Two rows of the table of distances, used again for each pair of names. */
let above = new Uint16Array(128);
let row = new Uint16Array(128);

/**
 * Levenshtein's distance, or `limit + 1` as soon as it is surely larger. Only cells within `limit` of the diagonal can
 * belong to a smaller one (Ukkonen, 1985).
 */
export function editDistance(a: string, b: string, limit: number): number {
  const tooFar = limit + 1;
  if (Math.abs(a.length - b.length) > limit) return tooFar;
  if (row.length < b.length + 2) {
    above = new Uint16Array(b.length * 2 + 2);
    row = new Uint16Array(b.length * 2 + 2);
  }
  for (let j = 0; j <= b.length; j++) above[j] = j;
  for (let i = 1; i <= a.length; i++) {
    const letter = a.charCodeAt(i - 1);
    const from = Math.max(1, i - limit);
    const to = Math.min(b.length, i + limit);
    let left = from === 1 ? i : tooFar;
    let least = left;
    row[from - 1] = left;
    for (let j = from; j <= to; j++) {
      const exchanged = (above[j - 1] as number) + (b.charCodeAt(j - 1) === letter ? 0 : 1);
      left = Math.min((above[j] as number) + 1, left + 1, exchanged);
      row[j] = left;
      if (left < least) least = left;
    }
    if (least > limit) return tooFar;
    // The next row looks one cell further.
    row[to + 1] = tooFar;
    [above, row] = [row, above];
  }
  return Math.min(tooFar, above[b.length] as number);
}
