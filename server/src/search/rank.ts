/** Decides the order of results: files first, then each file's best chunks. Pure; the signals are in signals.ts and penalties.ts. */
import { isNamed } from './mentions.ts';
import type { PathWordStatistics } from './path-words.ts';
import { type Penalty, penaltiesOf } from './penalties.ts';
import type { ParsedQuery } from './query.ts';
import {
  definitionBoost,
  type Found,
  fuseRanks,
  isAmong,
  joinScores,
  nameMatches,
  pathMatch,
  qualifierMatches,
  scale,
} from './signals.ts';
import { weights } from './weights.ts';

/** A chunk that one or both searches found. */
export type Candidate = {
  codebase: string;
  path: string;
  /** Row of the chunk in its table. */
  rowId: bigint;
  startLine: number;
  endLine: number;
  language: string;
  /** Names of the symbols that it defines, with spaces between them. */
  definitions: string;
  /** Cosine similarity, when the vector search found it. */
  similarity?: number;
  /** BM25 score, when the full-text search found it. */
  bm25?: number;
};

/** Signals that add to a chunk's score, and those that add to its file's. */
export type AddedSignal = 'vector' | 'bm25' | 'definition' | 'names' | 'path' | 'coherence' | 'fileMean' | 'namedFile';
/** What lessens a score: what the file is, how much worse a chunk is than its file's best, and that others came before it. */
export type Factor = Penalty['name'] | 'withinFile' | 'repeatedFile';
/** What one signal did to a score, which is the sum of all that is added times the product of all factors. */
export type ScorePart = { signal: AddedSignal; adds: number } | { signal: Factor; multiplies: number };

export type Ranked = { candidate: Candidate; score: number; parts: ScorePart[] };
export type RankInput = {
  query: ParsedQuery;
  candidates: readonly Candidate[];
  /** Path statistics by codebase. */
  pathWords: ReadonlyMap<string, PathWordStatistics>;
  /** Looks up the mean similarity of all chunks of each of these files; one without gains nothing. Undefined: no vectors. */
  meansOf: ((files: readonly FileName[]) => readonly (number | undefined)[]) | undefined;
  topK: number;
};
export type FileName = { codebase: string; path: string };

/** What is added is not in an object of its own: of hundreds of chunks and files few are shown. */
type ScoredChunk = {
  candidate: Candidate;
  vector: number;
  bm25: number;
  definition: number;
  names: number;
  score: number;
};
type FileGroup = FileName & { members: ScoredChunk[]; best: number; sum: number };

/** Scores chunks one by one. Bare symbols keep the published rules: ranks fused, definitions first; all else joins scores. */
function scoreChunks(query: ParsedQuery, candidates: readonly Candidate[]): ScoredChunk[] {
  const isSymbol = query.symbols.length > 0;
  const found = isSymbol ? fuseRanks(candidates) : joinScores(candidates);
  const unit = Math.max(0, ...found.map(({ vector, bm25 }) => vector + bm25));
  const names = isSymbol ? query.symbols : query.mentioned;
  const strength = unit * (isSymbol ? 1 : weights.mentionedSymbol);
  const matches = isSymbol ? undefined : nameMatches(candidates, query.keywords);
  const owned = query.qualifiers.length === 0 ? undefined : qualifierMatches(candidates, names, query.qualifiers);
  return candidates.map((candidate, i) => {
    const plain = query.plainName !== undefined && isAmong(candidate.definitions, query.plainName);
    const { vector, bm25 } = found[i] as Found;
    const boost = definitionBoost(candidate, names) + weights.qualifier * (owned?.[i] ?? 0);
    const definition = (plain ? unit * weights.plainName : 0) + strength * boost;
    const named = weights.names * unit * (matches?.[i] ?? 0);
    return { candidate, vector, bm25, definition, names: named, score: vector + bm25 + definition + named };
  });
}

function groupByFile(chunks: readonly ScoredChunk[]): FileGroup[] {
  const groups: FileGroup[] = [];
  const byPath = new Map<string, Map<string, FileGroup>>();
  for (const chunk of chunks) {
    const { codebase, path } = chunk.candidate;
    const ofCodebase = byPath.get(codebase) ?? new Map<string, FileGroup>();
    byPath.set(codebase, ofCodebase);
    let group = ofCodebase.get(path);
    if (group === undefined) {
      group = { codebase, path, members: [], best: 0, sum: 0 };
      ofCodebase.set(path, group);
      groups.push(group);
    }
    group.members.push(chunk);
    group.best = Math.max(group.best, chunk.score);
    group.sum += chunk.score;
  }
  return groups;
}

type FileScore = {
  path: number;
  coherence: number;
  fileMean: number;
  namedFile: number;
  penalties: Penalty[];
  score: number;
};

function scoreFiles(groups: readonly FileGroup[], { query, pathWords, meansOf }: RankInput): FileScore[] {
  // Only for the best files is it worth looking up.
  const sorted = query.symbols.length > 0 ? [] : groups.toSorted((a, b) => b.best - a.best);
  const fileMeans = meansByGroup(sorted.slice(0, weights.fileMeanPool), meansOf);
  const best = Math.max(0, ...groups.map((group) => group.best));
  const mostSum = Math.max(Number.EPSILON, ...groups.map((group) => group.sum));
  const means = scale([...fileMeans.values()]);
  const coherence = query.symbols.length > 0 ? weights.symbolCoherence : weights.coherence;
  return groups.map((group) => {
    const statistics = pathWords.get(group.codebase);
    const mean = fileMeans.get(group);
    const hasPath = statistics !== undefined && query.symbols.length === 0;
    const path = hasPath ? best * weights.path * pathMatch(group.path, query.keywords, statistics) : 0;
    const together = best * coherence * (group.sum / mostSum);
    const fileMean = mean === undefined ? 0 : best * weights.fileMean * means(mean);
    const defines = group.members.some(({ candidate }) => candidate.definitions !== '');
    const language = group.members[0]?.candidate.language ?? '';
    const isWanted = query.files.some((name) => isNamed(group.path, name));
    const namedFile = isWanted ? best * weights.namedFile : 0;
    const penalties = isWanted ? [] : penaltiesOf({ path: group.path, language, defines }, query.text);
    const factor = penalties.reduce((product, penalty) => product * penalty.factor, 1);
    const score = (group.best + (path + together + fileMean + namedFile)) * factor;
    return { path, coherence: together, fileMean, namedFile, penalties, score };
  });
}

function meansByGroup(groups: readonly FileGroup[], meansOf: RankInput['meansOf']): ReadonlyMap<FileGroup, number> {
  const means = meansOf?.(groups) ?? [];
  const byGroup = new Map<FileGroup, number>();
  for (const [i, mean] of means.entries()) if (mean !== undefined) byGroup.set(groups[i] as FileGroup, mean);
  return byGroup;
}

type Placed = { chunk: ScoredChunk; group: FileGroup; file: FileScore; place: number; within: number; score: number };

/**
 * Places the chunks of all files; those that cannot be among the `topK` best are left out early. A file's best chunk has the
 * file's score; its n-th further one that score by how much worse it is and by weights.repeatedFileⁿ.
 */
function placeBest(groups: readonly FileGroup[], files: readonly FileScore[], topK: number): Placed[] {
  const most = topK * 4;
  let placed: Placed[] = [];
  let bar = Number.NEGATIVE_INFINITY;
  for (let g = 0; g < groups.length; g++) {
    const group = groups[g] as FileGroup;
    const file = files[g] as FileScore;
    group.members.sort((a, b) => b.score - a.score || a.candidate.startLine - b.candidate.startLine);
    for (let place = 0; place < group.members.length; place++) {
      const chunk = group.members[place] as ScoredChunk;
      const within = group.best > 0 ? chunk.score / group.best : 1;
      const score = file.score * within * weights.repeatedFile ** place;
      if (score < bar) continue;
      if (placed.length >= most) {
        placed = bestOf(placed, topK);
        bar = placed.at(-1)?.score ?? bar;
      }
      placed.push({ chunk, group, file, place, within, score });
    }
  }
  return bestOf(placed, topK);
}

function bestOf(placed: Placed[], topK: number): Placed[] {
  return placed.sort((a, b) => inOrder(a.score, a.chunk.candidate, b.score, b.chunk.candidate)).slice(0, topK);
}

/** All that made a score; what is added is that of the file's best chunk. */
function partsOf({ group, file, place, within }: Placed): ScorePart[] {
  const { vector = 0, bm25 = 0, definition = 0, names = 0 } = group.members[0] ?? {};
  const { path, coherence, fileMean, namedFile } = file;
  const sums = { vector, bm25, definition, names, path, coherence, fileMean, namedFile };
  const added = Object.entries(sums) as [AddedSignal, number][];
  return [
    ...added.filter(([, adds]) => adds !== 0).map(([signal, adds]) => ({ signal, adds })),
    ...file.penalties.map(({ name, factor }) => ({ signal: name, multiplies: factor })),
    ...(place === 0
      ? []
      : [
          { signal: 'withinFile' as const, multiplies: within },
          { signal: 'repeatedFile' as const, multiplies: weights.repeatedFile ** place },
        ]),
  ];
}

/** Ranks the candidates: the best chunk of each file by what the file is worth, and further chunks of it behind. */
export function rank(input: RankInput): Ranked[] {
  const groups = groupByFile(scoreChunks(input.query, input.candidates));
  const files = scoreFiles(groups, input);
  return placeBest(groups, files, input.topK).map((each) => ({
    candidate: each.chunk.candidate,
    score: each.score,
    parts: partsOf(each),
  }));
}

/** The candidates by what the searches alone give them: what all other signals are measured against. */
export function rankRaw({ candidates, topK }: Pick<RankInput, 'candidates' | 'topK'>): Ranked[] {
  const ranked = joinScores(candidates).map(({ vector, bm25 }, i): Ranked => {
    const parts: ScorePart[] = [
      { signal: 'vector', adds: vector },
      { signal: 'bm25', adds: bm25 },
    ];
    return { candidate: candidates[i] as Candidate, score: vector + bm25, parts };
  });
  return ranked.sort((a, b) => inOrder(a.score, a.candidate, b.score, b.candidate)).slice(0, topK);
}

function inOrder(aScore: number, a: Candidate, bScore: number, b: Candidate): number {
  return bScore - aScore || a.path.localeCompare(b.path) || a.startLine - b.startLine;
}
