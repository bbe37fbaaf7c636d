/** Decides when one codebase is indexed, and what is told of it: state, progress, the last problem. */
import type { Logger } from 'pino';
import type { CodebaseState, CodebaseStatus, Problem, SourceConfig } from '../contract.ts';
import type { EngineEvent, IndexOutcome, IndexProgress } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import { nextDelayMs } from '../sources/schedule.ts';
import type { Source } from '../sources/source.ts';
import type { CodebaseStore } from './codebase-store.ts';
import { type IndexerDeps, indexOnce } from './indexer.ts';
import { problemCodeOf, storageProblem } from './problems.ts';
import type { SerialQueue } from './serial-queue.ts';
import type { Snapshot } from './snapshot.ts';

/** Plain directories have no interval setting: their files are compared this often. */
const directoryIntervalSeconds = 300;

export type CodebaseDeps = Omit<IndexerDeps, 'onSynced'> & {
  /** Lets one codebase index at a time, which bounds memory. */
  turn: SerialQueue;
  emit: (event: EngineEvent) => void;
  random: () => number;
};

export type RunRequest = {
  full: boolean;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: IndexProgress) => void) | undefined;
};

export class Codebase {
  readonly store: CodebaseStore;
  readonly #deps: CodebaseDeps;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #opened = Promise.withResolvers<void>();
  #config: SourceConfig;
  #source: Source;
  #phase: 'opening' | 'open' | 'closed' = 'opening';
  #activity: 'Syncing' | 'Indexing' | undefined;
  #progress: IndexProgress | undefined;
  #problem: Problem | undefined;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #background: Promise<unknown> = Promise.resolve();

  constructor(deps: CodebaseDeps) {
    this.#deps = deps;
    this.#config = deps.config;
    this.#source = deps.source;
    this.store = deps.store;
    this.#log = deps.log;
  }

  get name(): string {
    return this.#config.name;
  }

  get config(): SourceConfig {
    return this.#config;
  }

  get source(): Source {
    return this.#source;
  }

  /** From the next run on its files come from here; what is published goes on serving until then. */
  reconfigure(config: SourceConfig, source: Source): void {
    this.#config = config;
    this.#source = source;
  }

  /** Opens what is on disk, so that it can be searched. */
  async open(): Promise<void> {
    await this.store.open();
    if (this.store.failure !== undefined) this.#fail(this.store.failure);
    if (this.#phase === 'opening') this.#phase = 'open';
    this.#opened.resolve();
  }

  /** Resolves once what is on disk is open, or could not be opened, or never will be as the engine stops. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** `opening`: what is on disk is not known yet. `closed`: the engine stops. */
  get phase(): 'opening' | 'open' | 'closed' {
    return this.#phase;
  }

  /** Indexes now and at every interval, until stopped. */
  startSchedule(): void {
    clearTimeout(this.#timer);
    this.#background = this.run({ full: false }).then(
      () => this.#schedule(),
      () => this.#schedule(),
    );
  }

  #schedule(): void {
    if (this.#stopping.signal.aborted) return;
    // A run that was asked for in between makes its own.
    clearTimeout(this.#timer);
    const seconds = this.config.git?.intervalSeconds ?? directoryIntervalSeconds;
    const delay = nextDelayMs({ intervalSeconds: seconds, failures: this.#failures, random: this.#deps.random() });
    this.#timer = setTimeout(() => this.startSchedule(), delay);
    this.#timer.unref();
  }

  /** Syncs and indexes once, after the runs that were asked for before. Rejects with CodeSageError. */
  async run({ full, signal, onProgress }: RunRequest): Promise<IndexOutcome> {
    const either = signal === undefined ? this.#stopping.signal : AbortSignal.any([signal, this.#stopping.signal]);
    const startedAt = this.#deps.clock();
    try {
      return await this.#deps.turn.run(either, () => this.#inTurn({ full, signal: either, onProgress }));
    } catch (error) {
      throw this.#explain(error, either, startedAt);
    }
  }

  async #inTurn({ full, signal, onProgress }: RunRequest): Promise<IndexOutcome> {
    const follow = (progress: IndexProgress) => {
      this.#activity = progress.phase === 'syncing' ? 'Syncing' : 'Indexing';
      this.#progress = progress;
      onProgress?.(progress);
    };
    try {
      await this.#refuseUnusable(full);
      const deps = { ...this.#deps, config: this.#config, source: this.#source, onSynced: () => this.#synced('ok') };
      const outcome = await indexOnce(deps, { full, signal, onProgress: follow });
      this.#succeed(outcome);
      const { codebase, files, chunks } = outcome;
      onProgress?.({ codebase, phase: 'done', filesDone: files, filesTotal: files, chunksDone: chunks });
      return outcome;
    } catch (error) {
      if (this.#activity === 'Syncing' && !signal?.aborted) this.#synced('failed');
      throw error;
    } finally {
      this.#activity = undefined;
      this.#progress = undefined;
    }
  }

  /**
   * A corrupted index is made anew only on request: doing it unasked could hide a failing disk for ever. But what can be
   * read after all, every row of it, serves again.
   */
  async #refuseUnusable(full: boolean): Promise<void> {
    const { failure } = this.store;
    if (failure === undefined) return;
    if (failure.code === 'IndexFormatUnsupported') throw failure;
    const token = this.#deps.reindex;
    const asked = full || (token !== '' && token !== this.store.lastReindex);
    if (asked) return;
    await this.store.recheck();
    if (this.store.failure !== undefined) throw this.store.failure;
  }

  #synced(outcome: 'ok' | 'failed'): void {
    this.#deps.emit({ type: 'synced', codebase: this.name, outcome });
  }

  #succeed({ seconds }: IndexOutcome): void {
    if (this.#problem !== undefined)
      this.#log.info({ codebase: this.name, code: this.#problem.code }, 'Problem solved');
    this.#problem = undefined;
    this.#failures = 0;
    this.#deps.emit({ type: 'indexed', codebase: this.name, outcome: 'ok', seconds });
  }

  /** Names the failure and keeps it for status, unless somebody just stopped waiting. */
  #explain(error: unknown, signal: AbortSignal, startedAt: number): CodeSageError {
    if (signal.aborted) {
      return new CodeSageError(
        'Cancelled',
        `Indexing of "${this.name}" was stopped.`,
        'Ask again; finished files are kept.',
        { cause: error },
      );
    }
    const problem = storageProblem(error, this.name, 'writing');
    const seconds = (this.#deps.clock() - startedAt) / 1000;
    this.#deps.emit({ type: 'indexed', codebase: this.name, outcome: 'failed', seconds });
    this.#failures++;
    this.#fail(problem);
    return problem;
  }

  #fail(error: CodeSageError): void {
    const code = problemCodeOf(error);
    const message = `${error.message} ${error.remedy}`;
    const isNew = this.#problem?.code !== code;
    const since =
      isNew || this.#problem === undefined ? new Date(this.#deps.clock()).toISOString() : this.#problem.since;
    this.#problem = { code, message, since };
    if (isNew) this.#log.warn({ codebase: this.name, code, err: error.cause ?? error }, message);
  }

  /** Reports an error of reading `snapshot`, and tells of it where it is damage. Returns the error to answer with. */
  readFailed(snapshot: Snapshot, error: unknown): CodeSageError {
    const problem = this.store.readFailed(snapshot, error);
    if (this.store.failure !== undefined) this.#fail(this.store.failure);
    return problem;
  }

  status(): CodebaseStatus {
    // What is being opened is told of before it can be searched: it is there.
    const beingOpened = this.#phase === 'opening' ? this.store.published?.meta.publication : undefined;
    const publication = this.store.snapshot?.publication ?? beingOpened;
    const progress = this.#progress;
    return {
      name: this.name,
      state: this.#state(),
      ...(this.store.snapshot === undefined ? {} : { version: this.store.snapshot.version }),
      files: publication?.files ?? 0,
      chunks: publication?.chunks ?? 0,
      skipped: publication?.skipped ?? {},
      ...(publication?.revision === undefined ? {} : { revision: publication.revision }),
      ...(publication === undefined ? {} : { indexedAt: publication.indexedAt }),
      ...(progress === undefined || progress.phase === 'syncing' ? {} : { progress: progressOf(progress) }),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  #state(): CodebaseState {
    if (this.#activity !== undefined) return this.#activity;
    if (this.#problem !== undefined) return 'Failed';
    return this.store.snapshot === undefined ? 'Pending' : 'Ready';
  }

  /** Takes no more questions and runs. */
  refuse(): void {
    this.#stopping.abort();
    this.#phase = 'closed';
    this.#opened.resolve();
  }

  /** Stops at the next safe point and closes the index. */
  async stop(): Promise<void> {
    this.refuse();
    clearTimeout(this.#timer);
    await this.#background;
    await this.#deps.turn.idle();
    await this.store.close();
  }
}

function progressOf({ filesDone, filesTotal, chunksDone, etaSeconds }: IndexProgress) {
  return { filesDone, filesTotal, chunksDone, ...(etaSeconds === undefined ? {} : { etaSeconds }) };
}
