/** Decides how one semantic search runs over the published versions of the codebases it names. */
import type { Logger } from 'pino';
import { noEmbedding } from '../embedding/embedder.ts';
import type { Embedding } from '../embedding/embedding.ts';
import type { SearchAnswer, SearchHit, SemanticSearchRequest } from '../engine.ts';
import { CodeSageError, messageOf } from '../errors.ts';
import type { Codebase } from '../index/codebase.ts';
import type { CodebaseDirectory } from '../index/codebases.ts';
import type { Snapshot } from '../index/snapshot.ts';
import { compileGlobs } from '../sources/path-filter.ts';
import { chunkTexts, fileMeans, findCandidates, selectFiles } from './candidates.ts';
import type { EngineCaches } from './engine-caches.ts';
import { parseQuery } from './query.ts';
import { filesForMeans, type Ranked, rank } from './rank.ts';

/**
 * Searches `snapshots` together: scores are joined over all of them. Without a vector full text alone ranks. Rejects
 * with the signal's reason when aborted.
 */
export async function searchSnapshots(
  snapshots: readonly Snapshot[],
  request: SemanticSearchRequest,
  vector: Float32Array | undefined,
  signal?: AbortSignal,
): Promise<SearchHit[]> {
  const query = parseQuery(request.query);
  const globs = request.pathGlobs ?? [];
  const matches = globs.length === 0 ? undefined : compileGlobs(globs);
  const found = await Promise.all(
    snapshots.map((snapshot) =>
      findCandidates(snapshot, query, vector, selectFiles(snapshot, request.languages ?? [], matches)),
    ),
  );
  signal?.throwIfAborted();
  const candidates = found.flat();
  const wanted = query.symbols.length > 0 || vector === undefined ? [] : filesForMeans(candidates);
  const means = snapshots.map((snapshot) => {
    const paths = wanted.filter(({ codebase }) => codebase === snapshot.codebase).map(({ path }) => path);
    return vector === undefined ? new Map<string, number>() : fileMeans(snapshot, paths, vector);
  });
  const ranked = rank({
    query,
    candidates,
    pathWords: new Map(snapshots.map((snapshot) => [snapshot.codebase, snapshot.pathWords])),
    fileMeans: new Map(means.flatMap((map) => [...map])),
    topK: request.topK,
  });
  return withTexts(snapshots, ranked);
}

async function withTexts(snapshots: readonly Snapshot[], ranked: readonly Ranked[]): Promise<SearchHit[]> {
  const texts = new Map(
    await Promise.all(
      snapshots.map(async (snapshot) => {
        const rows = ranked.filter(({ candidate }) => candidate.codebase === snapshot.codebase);
        return [
          snapshot.codebase,
          await chunkTexts(
            snapshot,
            rows.map(({ candidate }) => candidate.rowId),
          ),
        ] as const;
      }),
    ),
  );
  return ranked.map(({ candidate, score }) => ({
    codebase: candidate.codebase,
    path: candidate.path,
    startLine: candidate.startLine,
    endLine: candidate.endLine,
    language: candidate.language,
    score,
    text: texts.get(candidate.codebase)?.get(candidate.rowId) ?? '',
  }));
}

/** What makes two requests the same question. */
export function searchKey(request: SemanticSearchRequest, versions: readonly string[], model: string): string {
  const { query, topK, pathGlobs = [], languages = [] } = request;
  return JSON.stringify([query.trim(), topK, [...pathGlobs].sort(), [...languages].sort(), versions, model]);
}

export type SemanticSearchDeps = {
  codebases: CodebaseDirectory;
  caches: EngineCaches;
  /** Known once the engine starts. */
  embedding: () => Embedding;
  log: Logger;
};

const maxQueryLength = 4000;

/** Answers semantic searches, from the cache where the same question was asked of the same published versions. */
export class SemanticSearch {
  readonly #deps: SemanticSearchDeps;
  #newest = new Set<string>();

  constructor(deps: SemanticSearchDeps) {
    this.#deps = deps;
  }

  /** @throws CodeSageError `InvalidArgument`, `UnknownCodebase`, `NotIndexedYet`, `Cancelled`, `IndexCorrupted`. */
  async search(request: SemanticSearchRequest, signal?: AbortSignal): Promise<SearchAnswer> {
    const startedAt = performance.now();
    checkRequest(request);
    const chosen = this.#choose(request.codebases);
    const versions = chosen.map(({ snapshot }) => snapshot.version);
    this.#forgetOldVersions();
    const means = this.#meansOf(chosen);
    const key = searchKey(request, versions, means.model);
    const cached = this.#deps.caches.search.get(key);
    const answer = (hits: SearchHit[], wasCached: boolean, { model, notice }: Means): SearchAnswer => ({
      hits,
      ranking: model === noEmbedding ? 'bm25' : 'fused',
      ...(notice !== undefined && { notice }),
      version: versions.join(','),
      cached: wasCached,
      tookMs: performance.now() - startedAt,
    });
    if (cached !== undefined) {
      this.#deps.log.debug({ codebases: chosen.map(({ codebase }) => codebase.name) }, 'Cache hit for search query');
      return answer(cached.hits, true, means);
    }
    const { vector, failure } = await this.#vectorOf(request.query, means, signal);
    const hits = await this.#run(chosen, request, vector, signal);
    if (failure === undefined) this.#deps.caches.search.set(key, { hits, versions });
    return answer(hits, false, failure ?? means);
  }

  /** Codebases named, or all that can be searched; with none of these, the first one's reason is the answer. */
  #choose(names: readonly string[]): Chosen[] {
    const { codebases } = this.#deps;
    const wanted = names.length > 0 ? [...new Set(names.map((name) => codebases.get(name)))] : codebases.all;
    const usable =
      names.length > 0
        ? wanted
        : wanted.filter(({ store }) => store.failure === undefined && store.snapshot !== undefined);
    const [first] = wanted;
    if (usable.length === 0 && first !== undefined) codebases.published(first);
    return usable.map((codebase) => ({ codebase, snapshot: codebases.published(codebase) }));
  }

  /**
   * What the chosen versions can be searched by. One whose vectors another model made is searched by full text until it
   * is made anew, and those searched together with it as well: their scores must be comparable.
   */
  #meansOf(chosen: readonly Chosen[]): Means {
    const { name, problem } = this.#deps.embedding();
    if (problem !== undefined) return { model: noEmbedding, notice: `Ranked by full text alone. ${problem.message}` };
    const others = chosen.filter(({ snapshot }) => snapshot.embedding !== name).map(({ codebase }) => codebase.name);
    if (others.length === 0) return { model: name };
    const what = others.length > 3 ? `${others.length} codebases` : others.join(', ');
    const notice = `Ranked by full text alone until ${what} is indexed with the embedding model ${name}; see get_index_status.`;
    return { model: noEmbedding, notice };
  }

  async #run(
    chosen: readonly Chosen[],
    request: SemanticSearchRequest,
    vector: Float32Array | undefined,
    signal?: AbortSignal,
  ): Promise<SearchHit[]> {
    const search = (held: Snapshot[], rest: readonly Chosen[]): Promise<SearchHit[]> => {
      const [next, ...others] = rest;
      if (next === undefined) return searchSnapshots(held, request, vector, signal);
      return next.snapshot.use((snapshot) => search([...held, snapshot], others));
    };
    try {
      return await search([], chosen);
    } catch (error) {
      if (signal?.aborted) throw cancelled(error);
      throw this.#explain(error, chosen);
    }
  }

  /** A failure of a version that was replaced meanwhile says nothing about the index. */
  #explain(error: unknown, chosen: readonly Chosen[]): unknown {
    if (error instanceof CodeSageError) return error;
    let problem: unknown = error;
    for (const { codebase, snapshot } of chosen) {
      const named = codebase.store.readFailed(snapshot, error);
      if (codebase.store.failure !== undefined) codebase.readFailed(named);
      problem = named;
    }
    return problem;
  }

  /** The query's vector, if the versions can be searched by one; a model that fails costs this answer its vectors only. */
  async #vectorOf(
    query: string,
    { model }: Means,
    signal?: AbortSignal,
  ): Promise<{ vector?: Float32Array; failure?: Means }> {
    if (model === noEmbedding) return {};
    const { caches, embedding, log } = this.#deps;
    const key = `${model}\n${embedding().queryPrefix}\n${query}`;
    const known = caches.queryVectors.get(key);
    if (known !== undefined) return { vector: known };
    try {
      const vector = await embedding().embedQuery(query, signal);
      if (vector === undefined) return {};
      caches.queryVectors.set(key, vector);
      return { vector };
    } catch (error) {
      if (signal?.aborted) throw cancelled(error);
      log.warn({ err: error, model }, 'The query could not be embedded');
      const notice = `Ranked by full text alone: the embedding model failed on this query (${messageOf(error)}). Ask again.`;
      return { failure: { model: noEmbedding, notice } };
    }
  }

  /** Answers made from versions that are gone are never asked for again. */
  #forgetOldVersions(): void {
    const current = new Set(this.#deps.codebases.all.flatMap(({ store }) => store.snapshot?.version ?? []));
    if (current.size === this.#newest.size && [...current].every((version) => this.#newest.has(version))) return;
    this.#newest = current;
    this.#deps.caches.search.invalidateWhere(({ versions }) => versions.some((version) => !current.has(version)));
  }
}

/** The model whose vectors are compared, `noEmbedding` for full text alone, and then why. */
type Means = { model: string; notice?: string };
type Chosen = { codebase: Codebase; snapshot: Snapshot };

function cancelled(cause: unknown): CodeSageError {
  return new CodeSageError('Cancelled', 'The search was cancelled.', 'Ask again.', { cause });
}

function checkRequest({ query, topK }: SemanticSearchRequest): void {
  const wrong =
    query.trim() === ''
      ? 'The query is empty.'
      : query.length > maxQueryLength
        ? `The query is longer than ${maxQueryLength} characters.`
        : !Number.isInteger(topK) || topK < 1 || topK > 100
          ? 'topK must be a whole number from 1 to 100.'
          : undefined;
  if (wrong !== undefined) throw new CodeSageError('InvalidArgument', wrong, 'Correct it and search again.');
}
