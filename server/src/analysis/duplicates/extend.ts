/**
 * Decides how far two places that share a fingerprint are alike: a seed is extended to both sides, over small gaps, as
 * long as that keeps the similarity asked for (seed and extend with a drop-off, as in BLAST, Altschul et al. 1990).
 */
import { hashGrams, winnowSizes } from './fingerprints.ts';
import { shapeOf, tokenKinds } from './tokens.ts';

/** `length` tokens from `a` on have the same shapes as those from `b` on. */
export type Run = { a: number; b: number; length: number };
/** Two stretches of tokens, ends excluded, with the runs that they share in order. */
export type Region = { a: number; aEnd: number; b: number; bEnd: number; runs: Run[] };
/** Tokens that may belong to a side, end excluded. */
export type Bounds = { from: number; to: number };

/** Widest gap on either side, in tokens. */
const maxGap = 24;
/** Tokens of one shape after a gap that make it one. */
const resync = 8;
/** A seed in a shorter run of one shape is chance: winnowing finds every run of that length anyhow. */
const minSeedRun = winnowSizes.gram + winnowSizes.window - 1;
/** How far the value may fall below its best before the extension ends. */
const dropOff = 12;
/** What a token of the same shape but another text counts for here; the verdict is `similarityOf`'s. */
const renamedWeight = 0.6;

type Side = { runs: Run[]; a: number; b: number };

/** Extends seeds over the tokens of one store. */
export class Extender {
  readonly #values: Int32Array;
  readonly #similarity: number;
  /** Hash of the shapes of `resync` tokens from each one on. */
  readonly #next: Uint32Array;

  constructor(values: Int32Array, count: number, similarity: number) {
    this.#values = values;
    this.#similarity = similarity;
    this.#next = new Uint32Array(Math.max(0, count - resync + 1));
    if (this.#next.length > 0) hashGrams(values, 0, resync, this.#next);
  }

  /** The best region around two seeds, the first before the second; bounds that overlap are kept apart. */
  extend(seedA: number, seedB: number, inA: Bounds, inB: Bounds): Region {
    const sameFile = inA.from === inB.from;
    if (this.#runAround(seedA, seedB, inA, inB) < minSeedRun) {
      return { a: seedA, aEnd: seedA, b: seedB, bEnd: seedB, runs: [] };
    }
    const pivot = this.#pivot(seedA, seedB);
    const [a, b] = [seedA + pivot, seedB + pivot];
    const back = this.#walk(a - 1, b - 1, inA.from - 1, (sameFile ? a + 1 : inB.from) - 1, -1);
    const start = { a: back.a + 1, b: back.b + 1 };
    const ahead = this.#walk(a, b, sameFile ? start.b : inA.to, inB.to, 1);
    const runs = joined([...back.runs.reverse(), ...ahead.runs]);
    return { a: start.a, aEnd: ahead.a, b: start.b, bEnd: ahead.b, runs };
  }

  /** Where in a seed the longest run of equal tokens starts: from there, both sides of it are judged alike. */
  #pivot(a: number, b: number): number {
    const values = this.#values;
    let best = 0;
    let longest = 0;
    let run = 0;
    for (let i = 0; i < winnowSizes.gram; i++) {
      run = values[a + i] === values[b + i] ? run + 1 : 0;
      if (run > longest) {
        longest = run;
        best = i - run + 1;
      }
    }
    return best;
  }

  /** Tokens around two that have the same shape without a gap, as far as it matters. */
  #runAround(a: number, b: number, inA: Bounds, inB: Bounds): number {
    const values = this.#values;
    const alike = (i: number) => shapeOf(values[a + i] as number) === shapeOf(values[b + i] as number);
    let ahead = 0;
    const most = Math.min(minSeedRun, inA.to - a, inB.to - b);
    while (ahead < most && alike(ahead)) ahead++;
    let back = 0;
    const least = Math.min(minSeedRun - ahead, a - inA.from, b - inB.from);
    while (back < least && alike(-back - 1)) back++;
    return ahead + back;
  }

  /**
   * Goes on from two tokens until either reaches its limit (excluded). The value is 2·matched − similarity·(tokens of both
   * sides): where it is positive, the similarity is reached. What lies beyond its highest point is left out.
   */
  #walk(startA: number, startB: number, limitA: number, limitB: number, step: 1 | -1): Side {
    const values = this.#values;
    const s = this.#similarity;
    let [a, b] = [startA, startB];
    let value = 0;
    let best = 0;
    const found: Side = { runs: [], a, b };
    const runs: Run[] = [];
    while (a !== limitA && b !== limitB && value > best - dropOff) {
      const runA = a;
      const runB = b;
      while (a !== limitA && b !== limitB) {
        const left = values[a] as number;
        const right = values[b] as number;
        if (left === right) value += 2 - 2 * s;
        else if (isRenamed(left, right)) value += 2 * renamedWeight - 2 * s;
        else break;
        a += step;
        b += step;
        // Where all must be the same, the same gains nothing: what loses nothing goes on, too.
        if (value >= best) {
          best = value;
          found.a = a;
          found.b = b;
        }
      }
      if (a !== runA) runs.push(runOf(runA, runB, a, step));
      const gap = this.#gap(a, b, limitA, limitB, step);
      if (gap === undefined) break;
      a += step * gap.a;
      b += step * gap.b;
      value -= s * (gap.a + gap.b);
    }
    found.runs = within(runs, found, step);
    return found;
  }

  /** The smallest gap after which both sides go on alike. */
  #gap(a: number, b: number, limitA: number, limitB: number, step: 1 | -1): { a: number; b: number } | undefined {
    const mostA = Math.min(maxGap, Math.abs(limitA - a) - resync);
    const mostB = Math.min(maxGap, Math.abs(limitB - b) - resync);
    const next = this.#next;
    // Backwards, the tokens up to one are those from seven before it.
    const fromA = step === 1 ? a : a - resync + 1;
    const fromB = step === 1 ? b : b - resync + 1;
    for (let total = 1; total <= mostA + mostB; total++) {
      const last = Math.min(total, mostA);
      for (let gapA = Math.max(0, total - mostB); gapA <= last; gapA++) {
        const gapB = total - gapA;
        if (next[fromA + step * gapA] === next[fromB + step * gapB]) return { a: gapA, b: gapB };
      }
    }
    return undefined;
  }
}

/** Two tokens of the same kind, neither of them fixed. */
export function isRenamed(left: number, right: number): boolean {
  return (left & 3) === (right & 3) && (left & 3) !== tokenKinds.fixed;
}

function runOf(a: number, b: number, end: number, step: 1 | -1): Run {
  return step === 1 ? { a, b, length: end - a } : { a: end + 1, b: b - (a - end) + 1, length: a - end };
}

/** Runs up to the best end; one that goes beyond is cut. */
function within(runs: readonly Run[], best: { a: number; b: number }, step: 1 | -1): Run[] {
  return runs.flatMap(({ a, b, length }) => {
    if (step === 1) {
      const kept = Math.min(length, best.a - a);
      return kept > 0 ? [{ a, b, length: kept }] : [];
    }
    const cut = Math.max(0, best.a + 1 - a);
    return length > cut ? [{ a: a + cut, b: b + cut, length: length - cut }] : [];
  });
}

/** Runs that continue each other made one. */
function joined(runs: readonly Run[]): Run[] {
  const result: Run[] = [];
  for (const run of runs) {
    const last = result.at(-1);
    if (last !== undefined && last.a + last.length === run.a && last.b + last.length === run.b) {
      result[result.length - 1] = { ...last, length: last.length + run.length };
    } else result.push(run);
  }
  return result;
}
