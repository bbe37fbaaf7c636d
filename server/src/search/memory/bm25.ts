/**
 * Decides which chunks have the words of a query, best first, by BM25 (Robertson and Zaragoza, 2009) as Lucene and
 * LanceDB reckon it. Words are taken one after the other, the rarest first. As soon as the words that are left cannot
 * bring a new chunk among the best, they are only looked up for the chunks that still can be (MaxScore: Turtle and Flood,
 * 1995), so that common words cost little. The answer is the same as without.
 */
import type { MaskedSegment } from './nearest.ts';
import type { Sections } from './segment-format.ts';
import { findTerm } from './terms.ts';
import { Top } from './top.ts';

export type WeightedWord = { word: string; weight: number };
export type Bm25Parameters = { k1: number; b: number };

const encoder = new TextEncoder();
/** A word in fewer chunks than this is not worth finding out whether it can be left out. */
const fewPostings = 512;
const buckets = 512;

/** What a word means in one segment: where its postings are, what one occurrence counts, the most that a chunk gains. */
type Term = { start: number; end: number; factor: number; bound: number };
type Norm = { base: number; perWord: number };

/** Scores of the chunk that is looked at, by chunk, and the chunks that have any; used again by every search. */
const scores = new Float32Array(65_536);
const touched = new Uint16Array(65_536);

/**
 * The `limit` best chunks. How rare a word is counts over all segments, chunks included that are there no more: they go
 * with the next merge.
 */
export function matchingChunks(
  segments: readonly MaskedSegment[],
  words: readonly WeightedWord[],
  limit: number,
  parameters: Bm25Parameters,
): Top {
  const top = new Top(limit);
  const plan = planWords(segments, words, parameters);
  for (const index of largestFirst(segments)) {
    const { segment, mask } = segments[index] as MaskedSegment;
    const terms = (plan.terms[index] ?? []).sort((a, b) => b.bound - a.bound);
    if (terms.length > 0) searchSegment(segment.sections, mask, terms, plan.norm, top, index, limit);
  }
  return top;
}

/** A large segment first: it soon has as many good chunks as are wanted, which spares the others work. */
function largestFirst(segments: readonly MaskedSegment[]): number[] {
  return segments.map((_, i) => i).sort((a, b) => chunksOf(segments[b]) - chunksOf(segments[a]) || a - b);
}

const chunksOf = (of: MaskedSegment | undefined) => of?.segment.facts.chunks ?? 0;

function planWords(segments: readonly MaskedSegment[], words: readonly WeightedWord[], { k1, b }: Bm25Parameters) {
  const chunks = segments.reduce((sum, { segment }) => sum + segment.facts.chunks, 0);
  const total = segments.reduce((sum, { segment }) => sum + segment.facts.totalLength, 0);
  const norm: Norm = { base: k1 * (1 - b), perWord: total === 0 ? 0 : (k1 * b * chunks) / total };
  const terms: Term[][] = segments.map(() => []);
  for (const { word, weight } of words) {
    const bytes = encoder.encode(word);
    const places = segments.map(({ segment }) => findTerm(bytes, segment.sections));
    const having = places.reduce((sum, term, i) => sum + postings(segments[i], term), 0);
    if (having === 0 || weight <= 0) continue;
    const factor = weight * (k1 + 1) * Math.log(1 + (chunks - having + 0.5) / (having + 0.5));
    for (const [i, place] of places.entries()) {
      const term = termOf(segments[i], place, factor, norm);
      if (term !== undefined) terms[i]?.push(term);
    }
  }
  return { terms, norm };
}

function postings(of: MaskedSegment | undefined, term: number): number {
  if (of === undefined || term === -1) return 0;
  const { postingStarts } = of.segment.sections;
  return (postingStarts[term + 1] as number) - (postingStarts[term] as number);
}

function termOf(of: MaskedSegment | undefined, term: number, factor: number, norm: Norm): Term | undefined {
  if (of === undefined || term === -1) return undefined;
  const { postingStarts, termMostCount, termLeastLength } = of.segment.sections;
  const most = termMostCount[term] as number;
  const bound = (factor * most) / (most + norm.base + norm.perWord * (termLeastLength[term] as number));
  return { start: postingStarts[term] as number, end: postingStarts[term + 1] as number, factor, bound };
}

function searchSegment(
  sections: Sections,
  mask: Uint8Array | undefined,
  terms: readonly Term[],
  norm: Norm,
  top: Top,
  index: number,
  limit: number,
): void {
  // The most that the terms from each one on can add; a little more, as sums of 32-bit numbers are rounded.
  const rest = new Float64Array(terms.length + 1);
  for (let t = terms.length - 1; t >= 0; t--) rest[t] = (rest[t + 1] as number) + (terms[t] as Term).bound * 1.000_01;
  const all = rest[0] as number;
  let count = 0;
  let next = 0;
  let threshold = top.threshold;
  for (; next < terms.length; next++) {
    const term = terms[next] as Term;
    const left = rest[next] as number;
    if (term.end - term.start >= fewPostings) {
      // No score is beyond what the terms so far can add: before that is as much as is left, counting is in vain.
      if (threshold <= left && all - left > left)
        threshold = Math.max(threshold, boundOfBest(count, limit, all - left));
      if (left < threshold) break;
    }
    count = addTerm(sections, mask, term, norm, count);
  }
  if (next < terms.length) {
    count = keepPromising(count, threshold, rest[next] as number);
    touched.subarray(0, count).sort();
  }
  while (next < terms.length) {
    lookUp(sections, terms[next++] as Term, norm, count);
    if (next === terms.length) break;
    threshold = Math.max(threshold, boundOfBest(count, limit, all - (rest[next] as number)));
    count = keepPromising(count, threshold, rest[next] as number);
  }
  let bar = top.threshold;
  for (let i = 0; i < count; i++) {
    const chunk = touched[i] as number;
    const score = scores[chunk] as number;
    scores[chunk] = 0;
    if (score < bar) continue;
    top.offer(index, chunk, score);
    bar = top.threshold;
  }
}

/** Adds a term's part to the score of every chunk that has it; returns how many chunks have any score now. */
function addTerm(sections: Sections, mask: Uint8Array | undefined, term: Term, norm: Norm, before: number): number {
  const { postingChunks, postingCounts, chunkLength } = sections;
  const { end, factor } = term;
  const { base, perWord } = norm;
  let count = before;
  for (let i = term.start; i < end; i++) {
    const chunk = postingChunks[i] as number;
    if (mask !== undefined && mask[chunk] === 0) continue;
    const score = scores[chunk] as number;
    if (score === 0) touched[count++] = chunk;
    const times = postingCounts[i] as number;
    scores[chunk] = score + (factor * times) / (times + base + perWord * (chunkLength[chunk] as number));
  }
  return count;
}

/** Adds a term's part to the chunks that are still looked at, which are in order. */
function lookUp(sections: Sections, term: Term, norm: Norm, count: number): void {
  const { postingChunks, postingCounts, chunkLength } = sections;
  let from = term.start;
  for (let i = 0; i < count && from < term.end; i++) {
    const chunk = touched[i] as number;
    from = firstNotBelow(postingChunks, from, term.end, chunk);
    if (from === term.end || postingChunks[from] !== chunk) continue;
    const times = postingCounts[from] as number;
    scores[chunk] =
      (scores[chunk] as number) +
      (term.factor * times) / (times + norm.base + norm.perWord * (chunkLength[chunk] as number));
  }
}

/** Place of the first value not below `wanted`: by steps that double, then by halves. */
function firstNotBelow(values: Uint16Array, from: number, end: number, wanted: number): number {
  let step = 1;
  let low = from;
  let high = from;
  while (high < end && (values[high] as number) < wanted) {
    low = high + 1;
    high += step;
    step *= 2;
  }
  high = Math.min(high, end);
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Drops chunks that cannot reach `threshold` with `rest`, the most that can be added; keeps the order. */
function keepPromising(count: number, threshold: number, rest: number): number {
  // A little below the bar, as the scores it was made from are rounded.
  const least = threshold * 0.999_99 - rest;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const chunk = touched[i] as number;
    if ((scores[chunk] as number) >= least) touched[kept++] = chunk;
    else scores[chunk] = 0;
  }
  return kept;
}

const histogram = new Uint32Array(buckets);

/** A score that at least `limit` chunks have already, found by counting; -Infinity when fewer have any. None is beyond `most`. */
function boundOfBest(count: number, limit: number, most: number): number {
  if (count < limit) return Number.NEGATIVE_INFINITY;
  histogram.fill(0);
  const perBucket = buckets / most;
  for (let i = 0; i < count; i++) {
    const bucket = Math.min(buckets - 1, Math.floor((scores[touched[i] as number] as number) * perBucket));
    histogram[bucket] = (histogram[bucket] as number) + 1;
  }
  let above = 0;
  for (let bucket = buckets - 1; bucket > 0; bucket--) {
    above += histogram[bucket] as number;
    // One bucket of slack, for what rounding put into the wrong one.
    if (above >= limit) return Math.max(0, bucket - 1) / perBucket;
  }
  return Number.NEGATIVE_INFINITY;
}

/** BM25 scores of some chunks of one segment, whether or not they are among the best. */
export function scoresOf(
  segments: readonly MaskedSegment[],
  index: number,
  chunks: readonly number[],
  words: readonly WeightedWord[],
  parameters: Bm25Parameters,
): Float64Array {
  const { terms, norm } = planWords(segments, words, parameters);
  const { postingChunks, postingCounts, chunkLength } = (segments[index] as MaskedSegment).segment.sections;
  return Float64Array.from(chunks, (chunk) => {
    let sum = 0;
    for (const { start, end, factor } of terms[index] ?? []) {
      const at = firstNotBelow(postingChunks, start, end, chunk);
      if (at === end || postingChunks[at] !== chunk) continue;
      const times = postingCounts[at] as number;
      sum += (factor * times) / (times + norm.base + norm.perWord * (chunkLength[chunk] as number));
    }
    return sum;
  });
}
