/** Decides what is searched in memory: some segments, and which of their chunks belong to the published version. */
import { type Bm25Parameters, matchingChunks, scoresOf, type WeightedWord } from './bm25.ts';
import { type CountedSegment, type MaskedSegment, nearestChunks, productsOf } from './nearest.ts';
import type { Segment } from './segment.ts';
import type { Scored } from './top.ts';

/** What may be found; what is undefined lets everything in. */
export type ChunkFilter = {
  file: ((path: string, language: string) => boolean) | undefined;
  /** Chunks that define a symbol of one of these kinds. */
  kinds?: readonly string[] | undefined;
};

export type MemoryQuery = {
  /** Named in what is found. */
  codebase?: string;
  words: readonly WeightedWord[];
  /** Unit vector; undefined finds by words alone. */
  vector: Float32Array | undefined;
  filter: ChunkFilter | undefined;
  /** Chunks wanted from each of the two searches. */
  limit: number;
  bm25: Bm25Parameters;
  /** True: a chunk that one search found gets its value of the other one, too. */
  complete?: boolean;
};

/** A chunk that was found. `similarity` and `bm25` are there where that search found it, or all were asked for. */
export class FoundChunk {
  readonly codebase: string;
  readonly path: string;
  readonly language: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly similarity?: number;
  readonly bm25?: number;
  readonly #segment: Segment;
  readonly #chunk: number;
  #definitions: string | undefined;

  constructor(codebase: string, segment: Segment, { chunk, similarity, bm25 }: Entry) {
    const { chunkFile, chunkStartLine, chunkEndLine } = segment.sections;
    const file = chunkFile[chunk] as number;
    this.codebase = codebase;
    this.path = segment.paths[file] as string;
    this.language = segment.language(file);
    this.startLine = chunkStartLine[chunk] as number;
    this.endLine = chunkEndLine[chunk] as number;
    if (similarity !== undefined) this.similarity = similarity;
    if (bm25 !== undefined) this.bm25 = bm25;
    this.#segment = segment;
    this.#chunk = chunk;
  }

  /** Row address in the table. Made when asked for, as few of those that are found are shown. */
  get rowId(): bigint {
    return this.#segment.rowId(this.#chunk);
  }

  /** Names of the symbols that it defines, with spaces between them. */
  get definitions(): string {
    this.#definitions ??= this.#segment.definitions(this.#chunk);
    return this.#definitions;
  }
}

/** A segment and the byte for each of its chunks that says whether it is published; undefined: all are. */
export type LiveSegment = { segment: Segment; live: Uint8Array | undefined; liveChunks: number };

type Entry = { segment: number; chunk: number; similarity: number | undefined; bm25: number | undefined };

/** Immutable; one for each published version. Versions share the segments that did not change. */
export class MemoryIndex {
  readonly segments: readonly LiveSegment[];

  constructor(segments: readonly LiveSegment[]) {
    this.segments = segments;
  }

  /** Bytes of memory that the segments take. */
  get bytes(): number {
    return this.segments.reduce((sum, { segment, live }) => sum + segment.bytes + (live?.length ?? 0), 0);
  }

  /** Published chunks. */
  get chunks(): number {
    return this.segments.reduce((sum, { liveChunks }) => sum + liveChunks, 0);
  }

  /** The best chunks of both searches, each once: first those that the vector search found. */
  search({ codebase = '', words, vector, filter, limit, bm25, complete = false }: MemoryQuery): FoundChunk[] {
    const masked = this.segments.map((live) => maskOf(live, filter));
    const found = new Map<number, Entry>();
    if (vector !== undefined) gather(found, nearestChunks(masked, vector, limit).sorted(), 'similarity');
    if (words.length > 0) gather(found, matchingChunks(masked, words, limit, bm25).sorted(), 'bm25');
    const entries = [...found.values()];
    if (complete) fillIn(masked, entries, words, vector, bm25);
    return entries.map((entry) => new FoundChunk(codebase, (masked[entry.segment] as MaskedSegment).segment, entry));
  }
}

function gather(into: Map<number, Entry>, best: readonly Scored[], key: 'similarity' | 'bm25'): void {
  for (const { segment, chunk, score } of best) {
    const id = segment * 65_536 + chunk;
    const known = into.get(id);
    if (known !== undefined) known[key] = score;
    else {
      const entry: Entry = { segment, chunk, similarity: undefined, bm25: undefined };
      entry[key] = score;
      into.set(id, entry);
    }
  }
}

/** Gives every entry both values. */
function fillIn(
  masked: readonly MaskedSegment[],
  entries: readonly Entry[],
  words: readonly WeightedWord[],
  vector: Float32Array | undefined,
  bm25: Bm25Parameters,
): void {
  for (const [index, { segment }] of masked.entries()) {
    const here = entries.filter((entry) => entry.segment === index);
    const far = here.filter(({ similarity }) => similarity === undefined);
    if (vector !== undefined && far.length > 0) {
      const products = productsOf(
        segment,
        far.map(({ chunk }) => chunk),
        vector,
      );
      for (const [i, entry] of far.entries()) entry.similarity = products[i] as number;
    }
    const wordless = here.filter((entry) => entry.bm25 === undefined);
    const sums = scoresOf(
      masked,
      index,
      wordless.map(({ chunk }) => chunk),
      words,
      bm25,
    );
    for (const [i, entry] of wordless.entries()) entry.bm25 = sums[i] as number;
  }
}

/** A byte for each chunk: published and let in by the filter. No mask when that is so for all. */
function maskOf({ segment, live, liveChunks }: LiveSegment, filter: ChunkFilter | undefined): CountedSegment {
  if (filter === undefined || (filter.file === undefined && (filter.kinds ?? []).length === 0))
    return { segment, mask: live, allowed: liveChunks };
  const { chunkFile } = segment.sections;
  const files = Uint8Array.from(segment.paths, (path, i) =>
    filter.file === undefined || filter.file(path, segment.language(i)) ? 1 : 0,
  );
  const wanted = (filter.kinds ?? []).length === 0 ? undefined : segment.kindMask(filter.kinds ?? []);
  const kindsOf = wanted === undefined ? undefined : segment.kindBits();
  const mask = new Uint8Array(chunkFile.length);
  let allowed = 0;
  for (let chunk = 0; chunk < mask.length; chunk++) {
    const isLive = live === undefined || live[chunk] !== 0;
    const hasKind = wanted === undefined || ((kindsOf?.[chunk] ?? 0) & wanted) !== 0;
    if (!isLive || !hasKind || files[chunkFile[chunk] as number] === 0) continue;
    mask[chunk] = 1;
    allowed++;
  }
  return { segment, mask, allowed };
}
