/** Decides what is told of a codebase whose index another process keeps, and when new versions are looked for. */
import type { CodebaseState, CodebaseStatus, Problem, SourceConfig } from '../contract.ts';
import type { CodeSageError } from '../errors.ts';
import { problemCodeOf } from '../index/problems.ts';
import type { ServedCodebase } from '../index/served.ts';
import type { Snapshot } from '../index/snapshot.ts';
import type { FollowingStore } from './following-store.ts';

export type FollowedCodebaseDeps = {
  config: SourceConfig;
  /** Where its files are on the shared volume, if they are there. */
  root: string;
  store: FollowingStore;
  pollMs: number;
  /** Milliseconds since the epoch. */
  clock: () => number;
  /** Told after each change of the version that is served. */
  onPublished: (codebase: string) => void;
};

export class FollowedCodebase implements ServedCodebase {
  readonly name: string;
  readonly store: FollowingStore;
  #config: SourceConfig;
  #root: string;
  readonly #deps: FollowedCodebaseDeps;
  readonly #opened = Promise.withResolvers<void>();
  #phase: 'opening' | 'open' | 'closed' = 'opening';
  #timer: NodeJS.Timeout | undefined;
  #problem: Problem | undefined;

  constructor(deps: FollowedCodebaseDeps) {
    this.#deps = deps;
    this.name = deps.config.name;
    this.#config = deps.config;
    this.#root = deps.root;
    this.store = deps.store;
  }

  get config(): SourceConfig {
    return this.#config;
  }

  get source(): { readonly root: string } {
    return { root: this.#root };
  }

  /** Its source is configured otherwise now; what is published of it follows when the indexer has it. */
  reconfigure(config: SourceConfig, root: string): void {
    this.#config = config;
    this.#root = root;
  }

  get phase(): 'opening' | 'open' | 'closed' {
    return this.#phase;
  }

  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** Opens what is published, if anything is. */
  async open(): Promise<void> {
    await this.store.look();
    if (this.#phase === 'opening') this.#phase = 'open';
    this.#opened.resolve();
  }

  /** Looks for new versions from now on, until refused. */
  follow(): void {
    clearTimeout(this.#timer);
    if (this.#phase === 'closed') return;
    this.#timer = setTimeout(() => void this.#next(), this.#deps.pollMs).unref();
  }

  async #next(): Promise<void> {
    if (await this.store.look()) this.#deps.onPublished(this.name);
    this.follow();
  }

  /** Looks now; resolves with whether another version serves than before. */
  async catchUp(): Promise<boolean> {
    const isNew = await this.store.look(true);
    if (isNew) this.#deps.onPublished(this.name);
    return isNew;
  }

  readFailed(snapshot: Snapshot, error: unknown): CodeSageError {
    return this.store.readFailed(snapshot, error);
  }

  status(): CodebaseStatus {
    const { snapshot } = this.store;
    const publication = snapshot?.publication;
    const problem = this.#currentProblem();
    return {
      name: this.name,
      state: this.#state(),
      files: publication?.files ?? 0,
      chunks: publication?.chunks ?? 0,
      skipped: publication?.skipped ?? {},
      ...(snapshot === undefined ? {} : { version: snapshot.version }),
      ...(publication?.revision === undefined ? {} : { revision: publication.revision }),
      ...(publication === undefined ? {} : { indexedAt: publication.indexedAt }),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  #state(): CodebaseState {
    if (this.store.problem !== undefined) return 'Failed';
    return this.store.snapshot === undefined ? 'Pending' : 'Ready';
  }

  #currentProblem(): Problem | undefined {
    const { problem } = this.store;
    if (problem === undefined) this.#problem = undefined;
    else if (this.#problem?.code !== problemCodeOf(problem))
      this.#problem = {
        code: problemCodeOf(problem),
        message: `${problem.message} ${problem.remedy}`,
        since: new Date(this.#deps.clock()).toISOString(),
      };
    return this.#problem;
  }

  /** Takes no more questions, and looks for nothing any more. */
  refuse(): void {
    this.#phase = 'closed';
    clearTimeout(this.#timer);
    this.#opened.resolve();
  }

  async stop(): Promise<void> {
    this.refuse();
    await this.store.close();
  }
}
