/** Decides how the candidates of several codebases become one ranked list of passages with their texts. */
import type { SearchHit, SemanticSearchRequest } from '../engine.ts';
import type { Snapshot } from '../index/snapshot.ts';
import { compileGlobs } from '../sources/path-filter.ts';
import { Turns } from '../turns.ts';
import { type CandidateQuery, candidatesFor, chunkTexts, fileMean, type Narrowing, selectFiles } from './candidates.ts';
import { isNamed } from './mentions.ts';
import { oncePerPlace } from './once-per-place.ts';
import type { ChunkPlace } from './passages.ts';
import { parseQuery, queryTerms } from './query.ts';
import { type Candidate, type FileName, type Ranked, rank, rankRaw } from './rank.ts';
import { weights } from './weights.ts';

/** Texts of a version's chunks where they are at hand: undefined for each that only the table has, or at all. */
export type PassageReader = (
  snapshot: Snapshot,
  places: readonly ChunkPlace[],
) => Promise<readonly (string | undefined)[] | undefined>;

/**
 * Searches `snapshots` together: scores are joined over all of them. Without a vector full text alone ranks; with mode
 * `vector` the vectors alone. Rejects with the signal's reason when aborted.
 */
export async function searchSnapshots(
  snapshots: readonly Snapshot[],
  request: SemanticSearchRequest,
  vector: Float32Array | undefined,
  passages: PassageReader,
  signal?: AbortSignal,
): Promise<SearchHit[]> {
  const query = parseQuery(request.query);
  const terms = request.mode === 'vector' && vector !== undefined ? [] : queryTerms(query);
  const globs = request.pathGlobs ?? [];
  const matches = globs.length === 0 ? undefined : await matcherFor(snapshots, globs, signal);
  const narrowing = { languages: request.languages, kinds: request.kinds, matches };
  const found = await Promise.all(
    snapshots.map((snapshot) => {
      return candidatesWithNamed(snapshot, query.files, narrowing, { terms, vector });
    }),
  );
  signal?.throwIfAborted();
  const candidates = found.flat();
  const bySnapshot = new Map(snapshots.map((snapshot) => [snapshot.codebase, snapshot]));
  const meansOf = (of: Float32Array) => (files: readonly FileName[]) =>
    files.map(({ codebase, path }) => fileMean(bySnapshot.get(codebase), path, of));
  const input = {
    query,
    candidates,
    pathWords: new Map(snapshots.map((snapshot) => [snapshot.codebase, snapshot.pathWords])),
    meansOf: vector === undefined ? undefined : meansOf(vector),
  };
  const order = request.raw === true ? rankRaw : rank;
  const ranked = oncePerPlace((topK) => order({ ...input, topK }), request.topK);
  return withTexts(snapshots, ranked, passages, request.explain ?? false);
}

/** More files of one name are as good as none. */
const mostNamed = 50;
const chunksOfNamed = 20;

/** The candidates; among them in any case some chunks of files that the query names. */
async function candidatesWithNamed(
  snapshot: Snapshot,
  names: readonly string[],
  narrowing: Narrowing,
  { terms, vector }: Pick<CandidateQuery, 'terms' | 'vector'>,
): Promise<Candidate[]> {
  const within = (narrowed: Narrowing, limit: number) =>
    candidatesFor(snapshot, { terms, vector, selection: selectFiles(snapshot, narrowed), limit });
  const found = within(narrowing, weights.candidates);
  if (names.length === 0) return found;
  const { matches = () => true } = narrowing;
  const named = new Set([...snapshot.files.keys()].filter((path) => names.some((name) => isNamed(path, name))));
  if (named.size === 0 || named.size > mostNamed) return found;
  const ofNamed = await within({ ...narrowing, matches: (path) => named.has(path) && matches(path) }, chunksOfNamed);
  const known = new Set((await found).map(({ rowId }) => rowId));
  return [...(await found), ...ofNamed.filter(({ rowId }) => !known.has(rowId))];
}

/** A test of the snapshots' paths, all made beforehand and in turns: many globs on many files take a while. */
async function matcherFor(
  snapshots: readonly Snapshot[],
  globs: readonly string[],
  signal: AbortSignal | undefined,
): Promise<(path: string) => boolean> {
  const fits = compileGlobs(globs);
  const turns = new Turns(signal);
  const fitting = new Set<string>();
  for (const { files } of snapshots) {
    for (const path of files.keys()) {
      if (turns.isOver()) await turns.rest();
      if (fits(path)) fitting.add(path);
    }
  }
  return (path) => fitting.has(path);
}

async function withTexts(
  snapshots: readonly Snapshot[],
  ranked: readonly Ranked[],
  passages: PassageReader,
  explain: boolean,
): Promise<SearchHit[]> {
  const texts = new Map(
    await Promise.all(
      snapshots.map(async (snapshot) => {
        const rows = ranked.filter(({ candidate }) => candidate.codebase === snapshot.codebase);
        const chunks = rows.map(({ candidate }) => candidate);
        return [snapshot.codebase, await textsOf(snapshot, chunks, passages)] as const;
      }),
    ),
  );
  return ranked.map(({ candidate, score, parts }) => ({
    codebase: candidate.codebase,
    path: candidate.path,
    startLine: candidate.startLine,
    endLine: candidate.endLine,
    language: candidate.language,
    symbols: candidate.definitions.split(' ').filter((name) => name !== ''),
    score,
    text: texts.get(candidate.codebase)?.get(candidate.rowId) ?? '',
    ...(explain && { explanation: parts }),
  }));
}

async function textsOf(
  snapshot: Snapshot,
  chunks: readonly Candidate[],
  passages: PassageReader,
): Promise<Map<bigint, string>> {
  const ready = (await passages(snapshot, chunks)) ?? [];
  const missing = chunks.filter((_, i) => ready[i] === undefined).map(({ rowId }) => rowId);
  const texts = await chunkTexts(snapshot, missing);
  for (const [i, { rowId }] of chunks.entries()) {
    const text = ready[i];
    if (text !== undefined) texts.set(rowId, text);
  }
  return texts;
}

/** What makes two requests the same question. */
export function searchKey(request: SemanticSearchRequest, versions: readonly string[], model: string): string {
  const {
    query,
    topK,
    pathGlobs = [],
    languages = [],
    kinds = [],
    mode = 'fused',
    explain = false,
    raw = false,
  } = request;
  const sorted = [pathGlobs, languages, kinds].map((values) => (values.length < 2 ? values : [...values].sort()));
  return JSON.stringify([query.trim(), topK, ...sorted, mode, explain, raw, versions, model]);
}
