/** Decides how the chunks nearest to a query are found: a rough look at all of them, exact products of the best. */
import { centerOffset, type QuantizedQuery, quantizeQuery, roughScoreCount } from './quantize.ts';
import type { Segment } from './segment.ts';
import { Top } from './top.ts';

/** Up to this many chunks all are compared exactly: as many as are after a rough look at a quarter of a million. */
const exactUpTo = 8192;
/**
 * How many chunks, of all segments together, are compared exactly after the rough look. Of 115,356 chunks of Go code a
 * pool of 3,000 held 99.6 % of the best 50 by bytes, one of 4,600 99.9 %; bytes instead of floats cost 1.1 %.
 */
const pool = (chunks: number) => 1024 + Math.ceil(chunks / 32);

/** A segment and which of its chunks may be found: `mask` has a byte for each, undefined lets all in. */
export type MaskedSegment = { segment: Segment; mask: Uint8Array | undefined };
/** The same, and how many may be found. */
export type CountedSegment = MaskedSegment & { allowed: number };

/** The `limit` chunks with the largest product with `query`, over all segments. */
export function nearestChunks(segments: readonly CountedSegment[], query: Float32Array, limit: number): Top {
  const top = new Top(limit);
  const width = segments[0]?.segment.facts.width ?? 0;
  if (width === 0) return top;
  const quantized = quantizeQuery(query, width);
  for (const { segment } of segments) writeQuery(segment, quantized);
  const isFew = segments.reduce((sum, { allowed }) => sum + allowed, 0) <= exactUpTo;
  const least = isFew ? 0 : scoreRoughly(segments, query, quantized);
  for (const [index, { segment, mask }] of segments.entries()) {
    const { kernel, workspace, facts } = segment;
    const count = isFew
      ? listAll(segment, mask)
      : kernel.rowsFrom(workspace.scores, facts.chunks, least, workspace.list);
    offerProducts(segment, count, index, quantized.scale, top);
  }
  return top;
}

/** Products of some chunks of a segment with `query`. */
export function productsOf(segment: Segment, chunks: readonly number[], query: Float32Array): Float32Array {
  const { width } = segment.facts;
  if (width === 0) return new Float32Array(chunks.length);
  const quantized = quantizeQuery(query, width);
  writeQuery(segment, quantized);
  new Uint32Array(segment.memory.buffer, segment.workspace.list).set(chunks);
  return multiply(segment, chunks.length, quantized.scale).slice();
}

function writeQuery({ memory, workspace }: Segment, { components, tables }: QuantizedQuery): void {
  new Int16Array(memory.buffer, workspace.query, components.length).set(components);
  new Uint8Array(memory.buffer, workspace.tables, tables.length).set(tables);
}

/** Writes a rough score of each chunk into the work spaces; returns the score that those to compare exactly have at least. */
function scoreRoughly(segments: readonly MaskedSegment[], query: Float32Array, quantized: QuantizedQuery): number {
  const wanted = pool(segments.reduce((sum, { segment }) => sum + segment.facts.chunks, 0));
  // Each segment goes on counting where the one before ended. Below what enough chunks have already nothing need be counted.
  let counts = new Uint32Array(roughScoreCount(quantized.components.length));
  let least = 1;
  for (const { segment, mask } of segments) {
    const { kernel, memory, workspace, facts, sections } = segment;
    kernel.roughScores(
      segment.address('signs'),
      workspace.tables,
      facts.width / 8,
      facts.chunks,
      segment.address('signScales'),
      quantized.bias,
      centerOffset(query, sections.center),
      workspace.scores,
    );
    if (mask !== undefined) new Uint8Array(memory.buffer, workspace.mask, facts.chunks).set(mask);
    const histogram = new Uint32Array(memory.buffer, workspace.histogram, counts.length);
    histogram.set(counts);
    const maskAt = mask === undefined ? 0 : workspace.mask;
    kernel.countScores(workspace.scores, facts.chunks, maskAt, least, workspace.histogram);
    least = scoreOfBest(histogram, wanted);
    counts = histogram;
  }
  return least;
}

/** Lists all chunks that may be found; returns how many. */
function listAll({ memory, workspace, facts }: Segment, mask: Uint8Array | undefined): number {
  const list = new Uint32Array(memory.buffer, workspace.list, facts.chunks);
  let count = 0;
  for (let chunk = 0; chunk < list.length; chunk++) {
    if (mask === undefined || mask[chunk] !== 0) list[count++] = chunk;
  }
  return count;
}

/** The score that at least `wanted` chunks have, or the least score of all. */
function scoreOfBest(histogram: Uint32Array, wanted: number): number {
  let found = 0;
  for (let score = histogram.length - 1; score > 1; score--) {
    found += histogram[score] as number;
    if (found >= wanted) return score;
  }
  return 1;
}

function multiply(segment: Segment, count: number, queryScale: number): Float32Array {
  const { workspace, facts, memory } = segment;
  const [vectors, scales] = [segment.address('vectors'), segment.address('scales')];
  const { width } = facts;
  segment.kernel.products(
    vectors,
    scales,
    width,
    workspace.query,
    queryScale,
    workspace.list,
    count,
    workspace.products,
  );
  return new Float32Array(memory.buffer, workspace.products, count);
}

function offerProducts(segment: Segment, count: number, index: number, queryScale: number, top: Top): void {
  const found = multiply(segment, count, queryScale);
  const list = new Uint32Array(segment.memory.buffer, segment.workspace.list, count);
  let threshold = top.threshold;
  for (let i = 0; i < count; i++) {
    const product = found[i] as number;
    // Nearly all end here.
    if (product <= threshold) continue;
    top.offer(index, list[i] as number, product);
    threshold = top.threshold;
  }
}
