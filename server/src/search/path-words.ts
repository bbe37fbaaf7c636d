/** Decides which words a path is known by, and how much a query word that matches them says: the rarer, the more. */
import { setImmediate as pause } from 'node:timers/promises';
import { identifierParts } from '../chunking/words.ts';

const minPrefix = 3;
/** About five milliseconds' work. */
const pathsAtOnce = 1000;

const mostKnown = 20_000;
const known = new Map<string, readonly string[]>();

/** `wordsOfPath`, remembered: searches find the same files again and again. */
export function knownWordsOfPath(path: string): readonly string[] {
  const before = known.get(path);
  if (before !== undefined) return before;
  const words = [...wordsOfPath(path)];
  if (known.size >= mostKnown) known.clear();
  known.set(path, words);
  return words;
}

/** The words of a file's stem and of the directory it is in (semble's published stem boost looks at these two). */
export function wordsOfPath(path: string): Set<string> {
  const segments = path.split('/');
  const stem = (segments.at(-1) ?? '').replace(/\.[^.]*$/, '');
  const parent = segments.at(-2) ?? '';
  const words = new Set([...identifierParts(stem), ...identifierParts(parent)]);
  for (const whole of [stem, parent]) if (whole !== '') words.add(whole.toLowerCase());
  return words;
}

/** True when one of the two is the other's beginning, of three letters or more: "config" and "configuration". */
export function sharesBeginning(a: string, b: string): boolean {
  if (a.length <= b.length) return a.length >= minPrefix && b.startsWith(a);
  return b.length >= minPrefix && a.startsWith(b);
}

/** How often each path word occurs among a codebase's files. */
export class PathWordStatistics {
  readonly #frequencies = new Map<string, number>();
  /** The words by their first letters: only those can share a beginning. */
  readonly #byBeginning = new Map<string, string[]>();
  readonly #weights = new Map<string, number>();
  #files = 0;

  constructor(paths: Iterable<string>) {
    for (const path of paths) this.#add(path);
  }

  /** The same, with pauses for whoever else waits: a hundred thousand paths take several hundred milliseconds. */
  static async gather(paths: Iterable<string>): Promise<PathWordStatistics> {
    const statistics = new PathWordStatistics([]);
    let added = 0;
    for (const path of paths) {
      statistics.#add(path);
      if (++added % pathsAtOnce === 0) await pause();
    }
    return statistics;
  }

  /** What they are once files came and went; these stay as they are. */
  with(added: readonly string[], removed: readonly string[]): PathWordStatistics {
    if (added.length === 0 && removed.length === 0) return this;
    const other = new PathWordStatistics([]);
    other.#files = this.#files;
    for (const [word, files] of this.#frequencies) other.#frequencies.set(word, files);
    for (const [beginning, words] of this.#byBeginning) other.#byBeginning.set(beginning, [...words]);
    for (const path of added) other.#add(path);
    for (const path of removed) {
      other.#files--;
      // A word of no file stays known: it weighs nothing.
      for (const word of wordsOfPath(path)) other.#frequencies.set(word, (other.#frequencies.get(word) ?? 1) - 1);
    }
    return other;
  }

  #add(path: string): void {
    this.#files++;
    for (const word of wordsOfPath(path)) this.#count(word);
  }

  #count(word: string): void {
    const before = this.#frequencies.get(word);
    this.#frequencies.set(word, (before ?? 0) + 1);
    if (before !== undefined || word.length < minPrefix) return;
    const beginning = word.slice(0, minPrefix);
    const words = this.#byBeginning.get(beginning);
    if (words === undefined) this.#byBeginning.set(beginning, [word]);
    else words.push(word);
  }

  /**
   * Weight of a query word, 0 to 1: ln(1 + N/n) / ln(1 + N) for a word that matches the paths of about n of N files. A
   * word that matches no path says nothing about paths and weighs as much as one that matches √N of them.
   */
  weight(word: string): number {
    const known = this.#weights.get(word);
    if (known !== undefined) return known;
    const matching = this.#matching(word);
    const total = Math.max(1, this.#files);
    const n = matching === 0 ? Math.sqrt(total) : Math.min(matching, total);
    const weight = Math.log(1 + total / n) / Math.log(1 + total);
    if (this.#weights.size > 5000) this.#weights.clear();
    this.#weights.set(word, weight);
    return weight;
  }

  #matching(word: string): number {
    let files = 0;
    for (const candidate of this.#byBeginning.get(word.slice(0, minPrefix)) ?? []) {
      if (sharesBeginning(word, candidate)) files += this.#frequencies.get(candidate) ?? 0;
    }
    return files === 0 ? (this.#frequencies.get(word) ?? 0) : files;
  }
}
