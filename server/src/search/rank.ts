/** Decides the order of results: files first, then each file's best chunks. Pure; every signal is a function of its own. */
import type { PathWordStatistics } from './path-words.ts';
import { sharesBeginning, wordsOfPath } from './path-words.ts';
import { pathPenalty } from './penalties.ts';
import type { ParsedQuery } from './query.ts';
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

export type Ranked = { candidate: Candidate; score: number };
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

/** Values from smallest to largest put to 0..1; all 1 when they are equal. */
function scale(values: readonly number[]): (value: number) => number {
  const least = Math.min(...values);
  const range = Math.max(...values) - least;
  return (value) => (range > 0 ? (value - least) / range : 1);
}

/** Half the dense similarity, scaled over the candidates, half BM25 over its maximum (weights.dense). */
export function joinScores(candidates: readonly Candidate[]): number[] {
  const dense = scale(candidates.flatMap(({ similarity }) => (similarity === undefined ? [] : [similarity])));
  const most = Math.max(0, ...candidates.map(({ bm25 }) => bm25 ?? 0));
  return candidates.map(({ similarity, bm25 }) => {
    const d = similarity === undefined ? 0 : dense(similarity);
    const b = bm25 === undefined || most === 0 ? 0 : bm25 / most;
    return weights.dense * d + (1 - weights.dense) * b;
  });
}

/** Reciprocal rank fusion (Cormack et al., SIGIR 2009) with the published constant and share for symbols. */
export function fuseRanks(candidates: readonly Candidate[]): number[] {
  const reciprocal = (key: 'similarity' | 'bm25') => {
    const found = candidates.flatMap((candidate, index) => {
      const value = candidate[key];
      return value === undefined ? [] : [{ index, value }];
    });
    found.sort((a, b) => b.value - a.value || a.index - b.index);
    return new Map(found.map(({ index }, rank) => [index, 1 / (weights.rankConstant + rank + 1)]));
  };
  const dense = reciprocal('similarity');
  const bm25 = reciprocal('bm25');
  return candidates.map(
    (_, i) => weights.symbolDense * (dense.get(i) ?? 0) + (1 - weights.symbolDense) * (bm25.get(i) ?? 0),
  );
}

/** How many times `unit` a chunk gains for defining one of `names`. */
export function definitionBoost(candidate: Candidate, names: readonly string[]): number {
  if (!names.some((name) => candidate.definitions.includes(name))) return 0;
  const stem = (candidate.path.split('/').at(-1) ?? '')
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .replaceAll('_', '');
  const named = names.some((name) => stem === name.toLowerCase() || stem.replace(/s$/, '') === name.toLowerCase());
  return weights.definition * (named ? weights.definitionInNamedFile : 1);
}

/** Share, by rarity, of the query's words that the file's name or directory has; 0 below the published minimum. */
export function pathMatch(path: string, keywords: readonly string[], statistics: PathWordStatistics): number {
  const words = [...wordsOfPath(path)];
  let matched = 0;
  let all = 0;
  for (const keyword of keywords) {
    const weight = statistics.weight(keyword);
    all += weight;
    if (words.some((word) => word === keyword || sharesBeginning(word, keyword))) matched += weight;
  }
  const share = all === 0 ? 0 : matched / all;
  return share >= weights.pathMinimum ? share : 0;
}

type FileGroup = { key: string; codebase: string; path: string; members: Ranked[]; best: number; sum: number };

function groupByFile(chunks: readonly Ranked[]): FileGroup[] {
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

/** Files with the best joined scores; for these the mean similarity of their chunks is worth looking up. */
export function filesForMeans(candidates: readonly Candidate[]): { codebase: string; path: string }[] {
  const scores = joinScores(candidates);
  const groups = groupByFile(candidates.map((candidate, i) => ({ candidate, score: scores[i] ?? 0 })));
  return groups.sort((a, b) => b.best - a.best).slice(0, weights.fileMeanPool);
}

function fileScores(groups: readonly FileGroup[], { query, pathWords, fileMeans }: RankInput): number[] {
  const best = Math.max(0, ...groups.map((group) => group.best));
  const mostSum = Math.max(Number.EPSILON, ...groups.map((group) => group.sum));
  const means = scale([...fileMeans.values()]);
  return groups.map((group) => {
    const statistics = pathWords.get(group.codebase);
    const mean = fileMeans.get(group.key);
    const path =
      statistics === undefined || query.symbols.length > 0 ? 0 : pathMatch(group.path, query.keywords, statistics);
    const boosts =
      weights.path * path +
      weights.coherence * (group.sum / mostSum) +
      (mean === undefined ? 0 : weights.fileMean * means(mean));
    return (group.best + best * boosts) * pathPenalty(group.path);
  });
}

/**
 * Ranks the candidates. Bare symbols keep the published rules (ranks fused, definitions first); all else joins scores.
 * A file's best chunk has the file's score, its n-th further chunk that score by weights.repeatedFileⁿ and by how much
 * worse it is than the best.
 */
export function rank(input: RankInput): Ranked[] {
  const { query, candidates } = input;
  const isSymbol = query.symbols.length > 0;
  const scores = isSymbol ? fuseRanks(candidates) : joinScores(candidates);
  const unit = Math.max(0, ...scores);
  const names = isSymbol ? query.symbols : query.mentioned;
  const strength = unit * (isSymbol ? 1 : weights.mentionedSymbol);
  const chunks = candidates.map((candidate, i) => ({
    candidate,
    score: (scores[i] ?? 0) + (names.length === 0 ? 0 : strength * definitionBoost(candidate, names)),
  }));
  const groups = groupByFile(chunks);
  const ranks = fileScores(groups, input);
  const ranked = groups.flatMap((group, g) => {
    const members = group.members.sort((a, b) => b.score - a.score || a.candidate.startLine - b.candidate.startLine);
    return members.map(({ candidate, score }, n) => ({
      candidate,
      score: (ranks[g] ?? 0) * (group.best > 0 ? score / group.best : 1) * weights.repeatedFile ** n,
    }));
  });
  const order = (a: Ranked, b: Ranked) =>
    b.score - a.score ||
    a.candidate.path.localeCompare(b.candidate.path) ||
    a.candidate.startLine - b.candidate.startLine;
  return ranked.sort(order).slice(0, input.topK);
}
