/** Decides which queries are worth running again after a start or a publication: those asked often and lately. */
import { z } from 'zod';
import type { SemanticSearchRequest } from '../engine.ts';

/** Only the form: what makes sense of a request is for the search to decide, which checks it again. */
const requestSchema = z.looseObject({
  query: z.string(),
  codebases: z.array(z.string()),
  topK: z.number(),
  pathGlobs: z.array(z.string()).optional(),
  languages: z.array(z.string()).optional(),
});
export const loggedQuerySchema = z.object({
  request: requestSchema,
  /** How often it was asked, older times counting less. */
  weight: z.number().min(0),
  lastMs: z.number(),
});
export type LoggedQuery = { request: SemanticSearchRequest; weight: number; lastMs: number };

/** After a day a query counts half. */
const halfLifeMs = 24 * 60 * 60 * 1000;

/** How much a query counts now. */
export function weightAt({ weight, lastMs }: Pick<LoggedQuery, 'weight' | 'lastMs'>, nowMs: number): number {
  return weight * 2 ** (-Math.max(0, nowMs - lastMs) / halfLifeMs);
}

/** Remembers what was asked, at most `maxSize` different requests. */
export class QueryLog {
  readonly #maxSize: number;
  readonly #clock: () => number;
  readonly #queries = new Map<string, LoggedQuery>();
  /** The same request may come very often; it is never changed. */
  readonly #keys = new WeakMap<SemanticSearchRequest, string>();

  constructor(maxSize: number, clock: () => number) {
    this.#maxSize = maxSize;
    this.#clock = clock;
  }

  add(request: SemanticSearchRequest): void {
    const key = this.#keyOf(request);
    const now = this.#clock();
    const before = this.#queries.get(key);
    const weight = before === undefined ? 0 : weightAt(before, now);
    this.#queries.delete(key);
    this.#queries.set(key, { request, weight: weight + 1, lastMs: now });
    this.#dropOldest();
  }

  #keyOf(request: SemanticSearchRequest): string {
    const known = this.#keys.get(request);
    if (known !== undefined) return known;
    const key = JSON.stringify(request);
    this.#keys.set(request, key);
    return key;
  }

  /** Takes what an earlier process remembered. */
  restore(queries: readonly LoggedQuery[]): void {
    for (const query of queries) {
      const key = JSON.stringify(query.request);
      if (!this.#queries.has(key)) this.#queries.set(key, query);
    }
    this.#dropOldest();
  }

  /** The queries that count most, the first of them first. */
  top(count: number): SemanticSearchRequest[] {
    const now = this.#clock();
    return [...this.#queries.values()]
      .map((query) => ({ request: query.request, weight: weightAt(query, now) }))
      .sort((a, b) => b.weight - a.weight)
      .slice(0, count)
      .map(({ request }) => request);
  }

  /** All, the one asked longest ago first. */
  all(): LoggedQuery[] {
    return [...this.#queries.values()];
  }

  clear(): void {
    this.#queries.clear();
  }

  /** Forgets what was not asked for this long. */
  prune(olderThanMs: number): void {
    const oldest = this.#clock() - olderThanMs;
    for (const [key, { lastMs }] of this.#queries) if (lastMs < oldest) this.#queries.delete(key);
  }

  #dropOldest(): void {
    for (const key of this.#queries.keys()) {
      if (this.#queries.size <= this.#maxSize) return;
      this.#queries.delete(key);
    }
  }
}
