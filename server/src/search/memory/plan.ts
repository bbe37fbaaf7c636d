/** Decides which chunks of which segments are published, what must be read from the tables, and what is merged. Pure. */
import type { FileState } from './segment-builder.ts';
import { maxSegmentChunks } from './segment-format.ts';

/** A file of the published version. */
export type PublishedFile = FileState & { chunks: number };

/** A file within a segment. */
export type SegmentFile = PublishedFile & { path: string };

/** For each segment the numbers of its published files; and the published files that no segment has. */
export type Coverage = { live: Set<number>[]; missing: string[] };

/**
 * Matches segments with what is published. The first segment that has a file's very state serves it, so that left-overs of
 * an interrupted merge do no harm. Files without chunks need no segment.
 */
export function coverageOf(
  segments: readonly (readonly SegmentFile[])[],
  published: ReadonlyMap<string, PublishedFile>,
): Coverage {
  const served = new Set<string>();
  const live = segments.map((files) => {
    const numbers = new Set<number>();
    for (const [number, file] of files.entries()) {
      const wanted = published.get(file.path);
      if (wanted === undefined || served.has(file.path) || !sameState(file, wanted)) continue;
      served.add(file.path);
      numbers.add(number);
    }
    return numbers;
  });
  const missing: string[] = [];
  for (const [path, { chunks }] of published) if (chunks > 0 && !served.has(path)) missing.push(path);
  return { live, missing };
}

function sameState(a: PublishedFile, b: PublishedFile): boolean {
  return a.hash === b.hash && a.readAt === b.readAt && a.chunks === b.chunks;
}

export type SegmentSize = { name: string; chunks: number; live: number };

/** Below this share of published chunks a segment is written again without the others. */
const leastLive = 0.5;
/** A merge takes in a segment that is at most this many times as large as all smaller ones together. */
const reach = 4;

/**
 * Names the segments to join into one, none or at least one (which then loses its dead chunks). From the smallest up,
 * each is taken that is not much larger than those before it: so there are at most seven small ones, and a chunk is
 * rewritten a few times only while the index grows (the log-structured merge of O'Neil and others, 1996).
 */
export function chooseMerge(sizes: readonly SegmentSize[]): string[] {
  const ascending = [...sizes].sort((a, b) => a.live - b.live || a.name.localeCompare(b.name));
  const chosen: SegmentSize[] = [];
  let total = 0;
  for (const size of ascending) {
    if (total + size.live > maxSegmentChunks) break;
    if (chosen.length > 0 && size.live > total * reach) break;
    chosen.push(size);
    total += size.live;
  }
  if (chosen.length > 1) return chosen.map(({ name }) => name);
  const sparse = ascending.find(({ chunks, live }) => live > 0 && live < chunks * leastLive);
  return sparse === undefined ? [] : [sparse.name];
}
