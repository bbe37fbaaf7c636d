/** Decides how one semantic search runs over the published versions of the codebases it names. */
import type { Logger } from 'pino';
import { noEmbedding } from '../embedding/embedder.ts';
import type { Embedding } from '../embedding/embedding.ts';
import type { SearchAnswer, SearchHit, SemanticSearchRequest } from '../engine.ts';
import { CodeSageError, messageOf } from '../errors.ts';
import type { CodebaseDirectory } from '../index/codebases.ts';
import { choosePublished, type Published, usePublished } from '../index/read-published.ts';
import type { CachedSearch, EngineCaches, SimilarAnswer } from './engine-caches.ts';
import { parseQuery } from './query.ts';
import { type PassageReader, searchKey, searchSnapshots } from './ranked-search.ts';
import { weights } from './weights.ts';

export type SemanticSearchDeps = {
  codebases: CodebaseDirectory;
  caches: EngineCaches;
  /** Known once the engine starts. */
  embedding: () => Embedding;
  /** Texts of chunks that need not be asked of the table. */
  passages: PassageReader;
  log: Logger;
};

const maxQueryLength = 4000;
/** As many as both searches give. */
const maxTopK = 2 * weights.candidates;

/** Answers semantic searches, from the cache where the same question was asked of the same published versions. */
export class SemanticSearch {
  readonly #deps: SemanticSearchDeps;
  #newest = new Set<string>();

  constructor(deps: SemanticSearchDeps) {
    this.#deps = deps;
  }

  /** @throws CodeSageError `InvalidArgument`, `UnknownCodebase`, `NotIndexedYet`, `Cancelled`, `IndexCorrupted`. */
  search(request: SemanticSearchRequest, signal?: AbortSignal): Promise<SearchAnswer> {
    return this.#search(request, signal, true);
  }

  /** Answers ahead of the next caller; counted nowhere. Resolves with whether the answer was not known yet. */
  async warm(request: SemanticSearchRequest, signal: AbortSignal): Promise<boolean> {
    return !(await this.#search(request, signal, false)).cached;
  }

  async #search(
    request: SemanticSearchRequest,
    signal: AbortSignal | undefined,
    isAsked: boolean,
  ): Promise<SearchAnswer> {
    const startedAt = performance.now();
    const { caches } = this.#deps;
    checkRequest(request);
    const { codebases } = this.#deps;
    await codebases.whenOpen(request.codebases, signal);
    const chosen = choosePublished(codebases, request.codebases);
    const absent = codebases.absentNotice(request.codebases, new Set(chosen.map(({ codebase }) => codebase)));
    const versions = chosen.map(({ snapshot }) => snapshot.version);
    this.#forgetOldVersions();
    const means = request.mode === 'bm25' ? { model: noEmbedding } : this.#meansOf(chosen);
    const key = searchKey(request, versions, means.model);
    const lookedUpAt = performance.now();
    const cached = isAsked ? caches.search.get(key) : caches.search.peek(key);
    if (isAsked) caches.queries.add(request);
    const answer = (hits: SearchHit[], wasCached: boolean, { model, notice }: Means): SearchAnswer => ({
      hits,
      ranking: model === noEmbedding ? 'bm25' : (request.mode ?? 'fused'),
      ...noticeOf(absent, notice),
      version: versions.join(','),
      cached: wasCached,
      tookMs: performance.now() - startedAt,
    });
    if (cached !== undefined) {
      this.#deps.log.debug({ codebases: chosen.map(({ codebase }) => codebase.name) }, 'Cache hit for search query');
      if (isAsked) caches.search.timed('hit', performance.now() - lookedUpAt);
      const found = answer(cached.hits, true, means);
      if (isAsked && found.notice === undefined) found.again = this.#againOf(request, key, cached);
      return found;
    }
    const { vector, failure } = await this.#vectorOf(request.query, means, isAsked, signal);
    // Symbols that look alike are different things.
    const comparable = parseQuery(request.query).symbols.length === 0 ? vector : undefined;
    const scope = searchKey({ ...request, query: '' }, versions, means.model);
    const similar = isAsked && comparable !== undefined ? caches.findSimilar(scope, comparable) : undefined;
    if (similar !== undefined) {
      caches.search.foundAfterAll();
      caches.search.timed('hit', performance.now() - lookedUpAt);
      return answer(similar.found.hits, true, { ...means, notice: noticeOfReuse(similar, means.notice) });
    }
    const hits = await this.#run(chosen, request, vector, signal);
    if (isAsked) caches.search.timed('miss', performance.now() - lookedUpAt);
    if (failure === undefined) {
      const kept = caches.settings.similarityThreshold === undefined ? undefined : comparable;
      caches.search.set(key, {
        hits,
        versions,
        scope,
        query: request.query,
        ...(kept !== undefined && { vector: kept }),
      });
    }
    return answer(hits, false, failure ?? means);
  }

  /**
   * What the chosen versions can be searched by. One whose vectors another model made is searched by full text until it
   * is made anew, and those searched together with it as well: their scores must be comparable.
   */
  #meansOf(chosen: readonly Published[]): Means {
    const { name, problem } = this.#deps.embedding();
    if (problem !== undefined) return { model: noEmbedding, notice: `Ranked by full text alone. ${problem.message}` };
    const others = chosen.filter(({ snapshot }) => snapshot.embedding !== name).map(({ codebase }) => codebase.name);
    if (others.length === 0) return { model: name };
    const what = others.length > 3 ? `${others.length} codebases` : others.join(', ');
    const notice = `Ranked by full text alone until ${what} is indexed with the embedding model ${name}; see get_index_status.`;
    return { model: noEmbedding, notice };
  }

  async #run(
    chosen: readonly Published[],
    request: SemanticSearchRequest,
    vector: Float32Array | undefined,
    signal?: AbortSignal,
  ): Promise<SearchHit[]> {
    const { passages } = this.#deps;
    try {
      return await usePublished(chosen, (held) => searchSnapshots(held, request, vector, passages, signal));
    } catch (error) {
      throw signal?.aborted ? cancelled(error) : error;
    }
  }

  /** The query's vector, if the versions can be searched by one; a model that fails costs this answer its vectors only. */
  async #vectorOf(
    query: string,
    { model }: Means,
    isAsked: boolean,
    signal?: AbortSignal,
  ): Promise<{ vector?: Float32Array; failure?: Means }> {
    if (model === noEmbedding) return {};
    const { caches, embedding, log } = this.#deps;
    const key = `${model}\n${embedding().queryPrefix}\n${query}`;
    const lookedUpAt = performance.now();
    const known = isAsked ? caches.queryVectors.get(key) : caches.queryVectors.peek(key);
    if (known !== undefined) {
      if (isAsked) caches.queryVectors.timed('hit', performance.now() - lookedUpAt);
      return { vector: known };
    }
    try {
      const vector = await embedding().embedQuery(query, signal);
      if (vector === undefined) return {};
      if (isAsked) caches.queryVectors.timed('miss', performance.now() - lookedUpAt);
      caches.queryVectors.set(key, vector);
      return { vector };
    } catch (error) {
      if (signal?.aborted) throw cancelled(error);
      log.warn({ err: error, model }, 'The query could not be embedded');
      const notice = `Ranked by full text alone: the embedding model failed on this query (${messageOf(error)}). Ask again.`;
      return { failure: { model: noEmbedding, notice } };
    }
  }

  /** Tells whether a request is answered with the same entry again: all that the key was made of is as it is now. */
  #againOf(request: SemanticSearchRequest, key: string, entry: CachedSearch): () => boolean {
    const { caches, codebases, embedding } = this.#deps;
    const [all, model, newest] = [codebases.all, embedding(), this.#newest];
    return () => {
      const startedAt = performance.now();
      const isSame =
        codebases.all === all &&
        all.every(({ phase, store }) => phase === 'open' && store.failure === undefined) &&
        embedding() === model &&
        this.#newest === newest &&
        this.#isNewest() &&
        caches.search.peek(key) === entry;
      if (!isSame) return false;
      caches.search.get(key);
      caches.queries.add(request);
      caches.search.timed('hit', performance.now() - startedAt);
      return true;
    };
  }

  /** Whether all that is published now was so at the last look. Asked for each search, so it makes nothing. */
  #isNewest(): boolean {
    let published = 0;
    for (const { store } of this.#deps.codebases.all) {
      const version = store.snapshot?.version;
      if (version === undefined) continue;
      if (!this.#newest.has(version)) return false;
      published++;
    }
    return published === this.#newest.size;
  }

  /** Answers made from versions that are gone are never asked for again. */
  #forgetOldVersions(): void {
    if (this.#isNewest()) return;
    const current = new Set(this.#deps.codebases.all.flatMap(({ store }) => store.snapshot?.version ?? []));
    this.#newest = current;
    this.#deps.caches.search.invalidateWhere(({ versions }) => versions.some((version) => !current.has(version)));
  }
}

/** The model whose vectors are compared, `noEmbedding` for full text alone, and then why. */
type Means = { model: string; notice?: string };

function noticeOf(...sentences: (string | undefined)[]): { notice?: string } {
  const told = sentences.filter((sentence) => sentence !== undefined);
  return told.length === 0 ? {} : { notice: told.join(' ') };
}

function noticeOfReuse({ found, similarity }: SimilarAnswer, other: string | undefined): string {
  const query = found.query.length > 80 ? `${found.query.slice(0, 80)}…` : found.query;
  const reuse = `This is the answer to the similar query ${JSON.stringify(query)} (similarity ${similarity.toFixed(3)}; see cache.similarityThreshold).`;
  return other === undefined ? reuse : `${reuse} ${other}`;
}

function cancelled(cause: unknown): CodeSageError {
  return new CodeSageError('Cancelled', 'The search was cancelled.', 'Ask again.', { cause });
}

function checkRequest({ query, topK }: SemanticSearchRequest): void {
  const wrong =
    query.trim() === ''
      ? 'The query is empty.'
      : query.length > maxQueryLength
        ? `The query is longer than ${maxQueryLength} characters.`
        : !Number.isInteger(topK) || topK < 1 || topK > maxTopK
          ? `topK must be a whole number from 1 to ${maxTopK}.`
          : undefined;
  if (wrong !== undefined) throw new CodeSageError('InvalidArgument', wrong, 'Correct it and search again.');
}
