/** Decides which pairs of stretches are reported as clones: long enough, similar enough, none of them part of another. */
import { type Bounds, Extender, type Region } from './extend.ts';
import { type Fingerprints, winnowSizes } from './fingerprints.ts';
import { cutTo, withoutHeads } from './heads.ts';
import { similarityOf } from './similarity.ts';
import { closerTokens, openerTokens, shapeOf, type TokenizedFile, type TokenStore } from './tokens.ts';

/** Two places, by file, in lines (1-based, both ends included) and tokens (end excluded). */
export type ClonePair = { first: Place; second: Place; similarity: number };
export type Place = { file: number; startLine: number; endLine: number; from: number; to: number };

export type CloneLimits = {
  /** 0 to 1. */
  minSimilarity: number;
  minLines: number;
  /** Seeds that are looked at, at most: a bound on time for code that repeats itself without end. */
  maxSeeds?: number;
};

/** With more places than this of one fingerprint, each is compared with its neighbours alone: the time stays linear. */
const maxCompared = 6;
const neighbours = 2;
const defaultMaxSeeds = 8_000_000;
/** Part of a region that may be cut off to make its brackets balance. */
const maxTrimmed = 0.25;

/** Forms of lines that code has, as part of its lines; and how alike lists of fewer must be. */
const minForms = 0.15;
const minListSimilarity = 0.95;
/** Part of the lines that have one form: with that many, the others are what stands around a list. */
const minOfOneForm = 0.8;

type Tried = { a: number; aEnd: number };
/** Runs whose sides are about as far apart are looked up together. */
const offsetBits = 3;

/** Equal by chance once in billions; all that a chance costs is one seed. */
const offsetKey = (file: number, offset: number) => Math.imul(offset >> offsetBits, 0x9e3779b1) ^ file;

const boundsOf = ({ start, end }: TokenizedFile): Bounds => ({ from: start, to: end });

/** Finds clone pairs among the files of one store. */
export class CloneFinder {
  readonly #store: TokenStore;
  readonly #limits: CloneLimits;
  readonly #extender: Extender;
  readonly #tried = new Map<number, Tried[]>();
  /** Regions by the pair of their files. */
  readonly #found = new Map<number, Region[]>();
  readonly pairs: ClonePair[] = [];
  #seedsLeft: number;

  constructor(store: TokenStore, limits: CloneLimits) {
    this.#store = store;
    this.#limits = limits;
    this.#extender = new Extender(store.values, store.count, limits.minSimilarity);
    this.#seedsLeft = limits.maxSeeds ?? defaultMaxSeeds;
  }

  /** True when the bound on seeds was reached: there may be more. */
  get cut(): boolean {
    return this.#seedsLeft <= 0;
  }

  /** Compares all places that share a fingerprint. */
  run({ hashes, at, count }: Fingerprints): ClonePair[] {
    for (let start = 0; start < count && !this.cut; ) {
      let end = start + 1;
      while (end < count && hashes[end] === hashes[start]) end++;
      if (end - start > 1) this.#bucket(at.subarray(start, end));
      start = end;
    }
    return this.pairs;
  }

  #bucket(places: Int32Array): void {
    const isLarge = places.length > maxCompared;
    // Neighbours in the order of their text are the likeliest copies of each other.
    const order = isLarge ? this.#byText(places) : places;
    for (let i = 0; i < order.length && !this.cut; i++) {
      const last = isLarge ? Math.min(order.length, i + 1 + neighbours) : order.length;
      for (let j = i + 1; j < last; j++) {
        const [x, y] = [order[i] as number, order[j] as number];
        this.#seed(Math.min(x, y), Math.max(x, y));
      }
    }
  }

  #byText(places: Int32Array): Int32Array {
    const { values } = this.#store;
    const hashed = Array.from(places, (at) => {
      let hash = 0;
      for (let i = 0; i < winnowSizes.gram; i++) hash = (Math.imul(hash, 31) + (values[at + i] as number)) | 0;
      return { at, hash };
    });
    return Int32Array.from(
      hashed.sort((x, y) => x.hash - y.hash || x.at - y.at),
      ({ at }) => at,
    );
  }

  #seed(a: number, b: number): void {
    const { files, values } = this.#store;
    this.#seedsLeft--;
    const [fileA, fileB] = [this.#store.fileAt(a), this.#store.fileAt(b)];
    if (this.#isTried(fileA, a, b)) return;
    // Two hashes may be equal by chance.
    for (let i = 0; i < winnowSizes.gram; i++) {
      if (shapeOf(values[a + i] as number) !== shapeOf(values[b + i] as number)) return;
    }
    if (fileA === fileB && b - a < winnowSizes.gram) return;
    if (this.#isInside(fileA, fileB, a, b)) return;
    const [inA, inB] = [files[fileA] as TokenizedFile, files[fileB] as TokenizedFile];
    const region = this.#extender.extend(a, b, boundsOf(inA), boundsOf(inB));
    this.#remember(region, fileA, a, b);
    if (!this.#judge(region, fileA, fileB)) return;
    const key = fileA * files.length + fileB;
    const known = this.#found.get(key);
    if (known === undefined) this.#found.set(key, [region]);
    else known.push(region);
  }

  /** True when both places lie in one region that was found: rows of a table are alike in any order, once is enough. */
  #isInside(fileA: number, fileB: number, a: number, b: number): boolean {
    const found = this.#found.get(fileA * this.#store.files.length + fileB);
    return found?.some((one) => one.a <= a && a < one.aEnd && one.b <= b && b < one.bEnd) ?? false;
  }

  /** True when the seed lies in a region that was looked at. */
  #isTried(file: number, a: number, b: number): boolean {
    const near = this.#tried.get(offsetKey(file, b - a));
    if (near === undefined) return false;
    for (const one of near) if (one.a <= a && a < one.aEnd) return true;
    return false;
  }

  /** Runs are kept by how far apart their sides are: with that, one side tells the other. */
  #remember({ runs }: Region, file: number, a: number, b: number): void {
    for (const run of runs.length > 0 ? runs : [{ a, b, length: 1 }]) {
      const offset = offsetKey(file, run.b - run.a);
      const near = this.#tried.get(offset);
      const one = { a: run.a, aEnd: run.a + run.length };
      if (near === undefined) this.#tried.set(offset, [one]);
      else near.push(one);
    }
  }

  /** Keeps a region that is long and similar enough. */
  #judge(found: Region, fileA: number, fileB: number): boolean {
    const { minLines, minSimilarity } = this.#limits;
    if (this.#lines(found.a, found.aEnd) < minLines || this.#lines(found.b, found.bEnd) < minLines) return false;
    const balanced = this.#balanced(found);
    if (balanced.runs.length === 0) return false;
    const whole = this.#wholeLines(balanced);
    const inWhole = similarityOf(this.#store.values, whole);
    const withHeads = inWhole >= minSimilarity ? whole : balanced;
    const region = withoutHeads(this.#store, withHeads, fileA, fileB);
    if (region.runs.length === 0) return false;
    const similarity = region === whole ? inWhole : similarityOf(this.#store.values, region);
    const first = this.#place(fileA, region.a, region.aEnd);
    const second = this.#place(fileB, region.b, region.bEnd);
    if (first.endLine - first.startLine + 1 < minLines || second.endLine - second.startLine + 1 < minLines)
      return false;
    if (fileA === fileB && first.endLine >= second.startLine) return false;
    if (similarity < minSimilarity) return false;
    // Entries of one form are alike without being copies.
    if (similarity < minListSimilarity && this.#isList(region)) return false;
    this.pairs.push({ first, second, similarity });
    return true;
  }

  #lines(from: number, to: number): number {
    const { lines } = this.#store;
    return to <= from ? 0 : (lines[to - 1] as number) - (lines[from] as number) + 1;
  }

  /** With the rest of its first and last line, where these have the same shape on both sides: a head with another name. */
  #wholeLines(region: Region): Region {
    const ahead = this.#restOfLine(region.a, region.b, -1);
    const behind = this.#restOfLine(region.aEnd - 1, region.bEnd - 1, 1);
    if (ahead + behind === 0) return region;
    const [a, b] = [region.a - ahead, region.b - ahead];
    const [aEnd, bEnd] = [region.aEnd + behind, region.bEnd + behind];
    const added = (from: number, other: number, length: number) => (length > 0 ? [{ a: from, b: other, length }] : []);
    const runs = [...added(a, b, ahead), ...region.runs, ...added(region.aEnd, region.bEnd, behind)];
    return { a, aEnd, b, bEnd, runs };
  }

  /** Tokens between two and the border of their line; 0 where they differ in shape or number, or are most of the line. */
  #restOfLine(a: number, b: number, step: 1 | -1): number {
    const { lines, values, count } = this.#store;
    for (let i = 1; ; i++) {
      const [x, y] = [a + step * i, b + step * i];
      const inLineA = x >= 0 && x < count && lines[x] === lines[a] && this.#sameFile(x, a);
      const inLineB = y >= 0 && y < count && lines[y] === lines[b] && this.#sameFile(y, b);
      if (!inLineA && !inLineB) return i - 1 <= this.#inLine(a, -step) ? i - 1 : 0;
      if (!inLineA || !inLineB || shapeOf(values[x] as number) !== shapeOf(values[y] as number)) return 0;
    }
  }

  /** Tokens from one on to the other border of its line. */
  #inLine(token: number, step: number): number {
    const { lines, count } = this.#store;
    let tokens = 0;
    for (let at = token; at >= 0 && at < count && lines[at] === lines[token]; at += step) tokens++;
    return tokens;
  }

  #sameFile(x: number, y: number): boolean {
    return this.#store.fileAt(x) === this.#store.fileAt(y);
  }

  /** True where few forms of lines repeat themselves: rows, cases, registrations. */
  #isList({ a, aEnd }: Region): boolean {
    const { lines, values } = this.#store;
    const forms = new Map<number, number>();
    let count = 0;
    for (let at = a; at < aEnd; count++) {
      let form = 0;
      const line = lines[at];
      for (; at < aEnd && lines[at] === line; at++) form = (Math.imul(form, 31) + shapeOf(values[at] as number)) | 0;
      forms.set(form, (forms.get(form) ?? 0) + 1);
    }
    return forms.size < count * minForms || Math.max(...forms.values()) >= count * minOfOneForm;
  }

  /** Whole lines only: one that starts or ends with other tokens is left out. */
  #place(file: number, from: number, to: number): Place {
    const { lines, files } = this.#store;
    const { start, end } = files[file] as { start: number; end: number };
    let startLine = lines[from] as number;
    let endLine = lines[to - 1] as number;
    if (from > start && lines[from - 1] === startLine) startLine++;
    if (to < end && lines[to] === endLine) endLine--;
    return { file, startLine, endLine, from, to };
  }

  /** Without the end of the definition before and the start of the one after, as far as brackets tell. */
  #balanced(region: Region): Region {
    const { values } = this.#store;
    const most = Math.floor((region.aEnd - region.a) * maxTrimmed);
    let [from, to] = [region.a, region.aEnd];
    const open: number[] = [];
    for (let at = region.a; at < region.aEnd; at++) {
      const value = values[at] as number;
      if (openerTokens.has(value)) open.push(at);
      else if (closerTokens.has(value) && open.pop() === undefined && at + 1 - region.a <= most) from = at + 1;
    }
    const unclosed = open.find((at) => at >= from && region.aEnd - at <= most);
    if (unclosed !== undefined) to = this.#lineStart(unclosed, from);
    return from === region.a && to === region.aEnd ? region : cutTo(region, from, to);
  }

  #lineStart(token: number, least: number): number {
    const { lines } = this.#store;
    let at = token;
    while (at > least && lines[at - 1] === lines[token]) at--;
    return at;
  }
}
