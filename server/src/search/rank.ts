/** Decides the order of results: files first, then each file's best chunks. Pure; the signals are in signals.ts and penalties.ts. */
import type { PathWordStatistics } from './path-words.ts';
import { type Penalty, penaltiesOf } from './penalties.ts';
import type { ParsedQuery } from './query.ts';
import { definitionBoost, fuseRanks, joinScores, nameMatches, pathMatch, scale } from './signals.ts';
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
  definitions: readonly string[];
  /** Kinds of the symbols that it defines; absent where LanceDB's indexes found it. */
  kinds?: readonly string[];
  /** Cosine similarity, when the vector search found it. */
  similarity?: number;
  /** BM25 score, when the full-text search found it. */
  bm25?: number;
};

/** Signals that add to a chunk's score, and those that add to its file's. */
export type AddedSignal = 'vector' | 'bm25' | 'definition' | 'names' | 'path' | 'coherence' | 'fileMean';
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
  /** Mean similarity of all chunks of a file, by `fileKey`; files not in it count as the least similar. */
  fileMeans: ReadonlyMap<string, number>;
  topK: number;
};

export function fileKey(of: { codebase: string; path: string }): string {
  return `${of.codebase}\n${of.path}`;
}

type Added = Partial<Record<AddedSignal, number>>;
type ScoredChunk = { candidate: Candidate; added: Added; score: number };
type FileGroup = { key: string; codebase: string; path: string; members: ScoredChunk[]; best: number; sum: number };

const sumOf = (added: Added): number => Object.values(added).reduce((sum, value) => sum + value, 0);

/** Scores chunks one by one. Bare symbols keep the published rules: ranks fused, definitions first; all else joins scores. */
function scoreChunks(query: ParsedQuery, candidates: readonly Candidate[]): ScoredChunk[] {
  const isSymbol = query.symbols.length > 0;
  const found = isSymbol ? fuseRanks(candidates) : joinScores(candidates);
  const unit = Math.max(0, ...found.map(({ vector, bm25 }) => vector + bm25));
  const names = isSymbol ? query.symbols : query.mentioned;
  const strength = unit * (isSymbol ? 1 : weights.mentionedSymbol);
  const matches = isSymbol ? [] : nameMatches(candidates, query.keywords);
  return candidates.map((candidate, i) => {
    const plain = query.plainName !== undefined && candidate.definitions.includes(query.plainName);
    const added: Added = {
      ...found[i],
      definition: (plain ? unit * weights.plainName : 0) + strength * definitionBoost(candidate, names),
      names: weights.names * unit * (matches[i] ?? 0),
    };
    return { candidate, added, score: sumOf(added) };
  });
}

function groupByFile(chunks: readonly ScoredChunk[]): FileGroup[] {
  const groups = new Map<string, FileGroup>();
  for (const chunk of chunks) {
    const key = fileKey(chunk.candidate);
    const { codebase, path } = chunk.candidate;
    const group = groups.get(key) ?? { key, codebase, path, members: [], best: 0, sum: 0 };
    group.members.push(chunk);
    group.best = Math.max(group.best, chunk.score);
    group.sum += chunk.score;
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Files with the best chunks; for these the mean similarity of all their chunks is worth looking up. */
export function filesForMeans(
  query: ParsedQuery,
  candidates: readonly Candidate[],
): { codebase: string; path: string }[] {
  if (query.symbols.length > 0) return [];
  const groups = groupByFile(scoreChunks(query, candidates));
  return groups.sort((a, b) => b.best - a.best).slice(0, weights.fileMeanPool);
}

type FileScore = { score: number; added: Added; penalties: Penalty[] };

function scoreFiles(groups: readonly FileGroup[], { query, pathWords, fileMeans }: RankInput): FileScore[] {
  const best = Math.max(0, ...groups.map((group) => group.best));
  const mostSum = Math.max(Number.EPSILON, ...groups.map((group) => group.sum));
  const means = scale([...fileMeans.values()]);
  return groups.map((group) => {
    const statistics = pathWords.get(group.codebase);
    const mean = fileMeans.get(group.key);
    const hasPath = statistics !== undefined && query.symbols.length === 0;
    const added: Added = {
      path: hasPath ? best * weights.path * pathMatch(group.path, query.keywords, statistics) : 0,
      coherence: best * weights.coherence * (group.sum / mostSum),
      fileMean: mean === undefined ? 0 : best * weights.fileMean * means(mean),
    };
    const defines = group.members.some(({ candidate }) => candidate.definitions.some((name) => name !== ''));
    const language = group.members[0]?.candidate.language ?? '';
    const penalties = penaltiesOf({ path: group.path, language, defines }, query.text);
    const factor = penalties.reduce((product, penalty) => product * penalty.factor, 1);
    return { score: (group.best + sumOf(added)) * factor, added, penalties };
  });
}

const byScore = (a: ScoredChunk, b: ScoredChunk) => b.score - a.score || a.candidate.startLine - b.candidate.startLine;

/** A file's best chunk has the file's score; its n-th further one that score by how much worse it is and by weights.repeatedFileⁿ. */
function rankWithin(group: FileGroup, file: FileScore): Ranked[] {
  const members = group.members.sort(byScore);
  const lead = members[0];
  return members.map(({ candidate, score }, n) => {
    const within = group.best > 0 ? score / group.best : 1;
    const repeated = weights.repeatedFile ** n;
    const added = Object.entries({ ...lead?.added, ...file.added }) as [AddedSignal, number][];
    const parts: ScorePart[] = [
      ...added.filter(([, adds]) => adds !== 0).map(([signal, adds]) => ({ signal, adds })),
      ...file.penalties.map(({ name, factor }) => ({ signal: name, multiplies: factor })),
      ...(n === 0
        ? []
        : [
            { signal: 'withinFile' as const, multiplies: within },
            { signal: 'repeatedFile' as const, multiplies: repeated },
          ]),
    ];
    return { candidate, score: file.score * within * repeated, parts };
  });
}

/** Ranks the candidates: the best chunk of each file by what the file is worth, and further chunks of it behind. */
export function rank(input: RankInput): Ranked[] {
  const groups = groupByFile(scoreChunks(input.query, input.candidates));
  const files = scoreFiles(groups, input);
  const ranked = groups.flatMap((group, g) => {
    const file = files[g];
    return file === undefined ? [] : rankWithin(group, file);
  });
  return ranked.sort(inOrder).slice(0, input.topK);
}

/** The candidates by what the searches alone give them: what all other signals are measured against. */
export function rankRaw({ candidates, topK }: RankInput): Ranked[] {
  const ranked = joinScores(candidates).map(({ vector, bm25 }, i): Ranked => {
    const parts: ScorePart[] = [
      { signal: 'vector', adds: vector },
      { signal: 'bm25', adds: bm25 },
    ];
    return { candidate: candidates[i] as Candidate, score: vector + bm25, parts };
  });
  return ranked.sort(inOrder).slice(0, topK);
}

function inOrder(a: Ranked, b: Ranked): number {
  return (
    b.score - a.score ||
    a.candidate.path.localeCompare(b.candidate.path) ||
    a.candidate.startLine - b.candidate.startLine
  );
}
