/** Decides which existing names somebody may have meant who wrote one that does not exist. */
import { identifierParts } from '../chunking/words.ts';

/** Most letters that may differ, as a part of the longer name. */
const maxDistanceShare = 0.34;

/** Names of a stream that are near to a written one, best first. Feed it with `add`; it keeps only a few. */
export class NearNames {
  readonly #wanted: string;
  readonly #parts: ReadonlySet<string>;
  readonly #seen = new Set<string>();
  readonly #limit: number;
  #best: { name: string; score: number }[] = [];

  constructor(wanted: string, limit = 8) {
    this.#wanted = wanted.toLowerCase();
    this.#parts = new Set(identifierParts(wanted));
    this.#limit = limit;
  }

  add(name: string): void {
    const score = this.#score(name);
    if (score <= 0 || this.#seen.has(name)) return;
    if (this.#best.length === this.#limit && score <= (this.#best.at(-1)?.score ?? 0)) return;
    this.#seen.add(name);
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
    if (short.length >= 3 && long.includes(short)) return 1 + short.length / long.length / 2;
    const allowed = Math.floor(long.length * maxDistanceShare);
    if (long.length - short.length <= allowed) {
      const distance = editDistance(short, long, allowed);
      if (distance <= allowed) return 1.4 - distance / long.length;
    }
    return this.#sharedWords(name);
  }

  #sharedWords(name: string): number {
    if (this.#parts.size < 2) return 0;
    const parts = identifierParts(name);
    const shared = parts.filter((part) => part.length > 2 && this.#parts.has(part)).length;
    return shared < 2 ? 0 : shared / Math.max(parts.length, this.#parts.size);
  }
}

/** Levenshtein's distance, or `limit + 1` as soon as it is surely larger. */
export function editDistance(a: string, b: string, limit: number): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const value = Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + cost);
      next.push(value);
      least = Math.min(least, value);
    }
    if (least > limit) return limit + 1;
    row = next;
  }
  return row[b.length] as number;
}
