/** Decides when caches are loaded, saved, pruned and warmed, and what an operator's commands do to them. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { cacheNames } from '../contract.ts';
import type { CacheName, SemanticSearchRequest } from '../engine.ts';
import type { EngineCaches } from '../search/engine-caches.ts';
import { CachePersistence } from './persistence.ts';
import { mostWarmed, Warmer } from './warmer.ts';

export type CacheKeeperDeps = {
  caches: EngineCaches;
  /** Anything below it may be deleted at any time. */
  cacheDirectory: string;
  model: () => { name: string; dimensions: number };
  /** Answers a known query once more; resolves with whether that was any work. */
  warm: (request: SemanticSearchRequest, signal: AbortSignal) => Promise<boolean>;
  /** True while memory is short. */
  isShortOfMemory: () => boolean;
  log: Logger;
};

/** A crash loses the cache of these minutes, nothing else. */
const saveEveryMs = 5 * 60_000;

export class CacheKeeper {
  readonly #deps: CacheKeeperDeps;
  readonly #persistence: CachePersistence;
  readonly #warmer: Warmer;
  #timer: NodeJS.Timeout | undefined;
  #isOpen = false;

  constructor(deps: CacheKeeperDeps) {
    const { caches, cacheDirectory: directory, model, log, isShortOfMemory } = deps;
    this.#deps = deps;
    this.#persistence = new CachePersistence({ directory: join(directory, 'saved'), caches, model, log });
    this.#warmer = new Warmer({
      queries: () => caches.queries.top(mostWarmed),
      run: deps.warm,
      mayRun: () => this.#isOpen && !isShortOfMemory(),
      log,
    });
  }

  /** Loads what was saved, once the model is known. */
  async open(): Promise<void> {
    this.#isOpen = true;
    const { persistence } = this.#deps.caches.settings;
    // What an earlier configuration saved is not to lie around.
    await (persistence ? this.#persistence.load() : this.#persistence.remove());
    this.#timer = setInterval(() => void this.#maintain(), saveEveryMs).unref();
  }

  async #maintain(): Promise<void> {
    this.#deps.caches.prune();
    await this.#save();
  }

  async #save(): Promise<void> {
    if (this.#deps.caches.settings.persistence) await this.#persistence.save();
  }

  /** Runs the most frequent queries again: after a start, and when a new version made their answers useless. */
  async warm(): Promise<void> {
    const { warming, search } = this.#deps.caches.settings;
    if (warming && search > 0) await this.#warmer.start();
  }

  /** Drops what these caches hold, on disk as well. */
  async clear(names: readonly CacheName[]): Promise<Record<CacheName, number>> {
    const removed = this.#deps.caches.clear(names);
    await this.#save();
    return removed;
  }

  /** Drops what is older, on disk as well. */
  async prune(olderThanMs?: number): Promise<Record<CacheName, number>> {
    // What was stored within this very millisecond is not older than anything.
    if (olderThanMs === 0) return this.clear(cacheNames);
    const removed = this.#deps.caches.prune(olderThanMs);
    await this.#save();
    return removed;
  }

  persistedBytes(): Promise<number> {
    return this.#persistence.size();
  }

  /** Saves a last time. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearInterval(this.#timer);
    await this.#warmer.stop();
    await this.#save();
  }
}
