/** Decides which generation of a codebase serves and which one the next run writes to; it owns their open handles. */
import { rm } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { CodeSageError } from '../errors.ts';
import type { MemoryShare } from '../search/memory/share.ts';
import { readAllRows } from './check-rows.ts';
import type { FileChanges } from './file-list.ts';
import {
  closeGeneration,
  createGeneration,
  type Generation,
  generationDirectory,
  isAheadOfPublication,
  listGenerations,
  openGeneration,
  type Publication,
  type Recipe,
  sameRecipe,
} from './generation.ts';
import type { KnownFile } from './plan.ts';
import { storageProblem } from './problems.ts';
import { forgetServed, ReplacedData, tellServed } from './replaced-data.ts';
import type { ServedStore } from './served.ts';
import { openSnapshot, type Snapshot, versionName } from './snapshot.ts';

/** What a run may do: go on from what is published, or make a new generation beside it, for the reason given. */
export type Target =
  | { kind: 'incremental' }
  | { kind: 'rebuild'; reason: 'first' | 'requested' | 'token' | 'recipe' | 'corrupted' };

export type TargetInput = {
  published: { recipe: Recipe; reindex: string } | undefined;
  corrupted: boolean;
  recipe: Recipe;
  /** Configured token; '' asks for nothing. */
  reindex: string;
  full: boolean;
};

/** Decides between going on and making anew. Pure. */
export function chooseTarget({ published, corrupted, recipe, reindex, full }: TargetInput): Target {
  if (full) return { kind: 'rebuild', reason: 'requested' };
  if (published === undefined) return { kind: 'rebuild', reason: corrupted ? 'corrupted' : 'first' };
  if (reindex !== '' && reindex !== published.reindex) return { kind: 'rebuild', reason: 'token' };
  if (!sameRecipe(published.recipe, recipe)) return { kind: 'rebuild', reason: 'recipe' };
  return { kind: 'incremental' };
}

export class CodebaseStore implements ServedStore {
  readonly name: string;
  readonly #directory: string;
  /** Known once the engine starts: the model is loaded then. */
  readonly #recipe: () => Recipe;
  readonly #log: Logger;
  #published: Generation | undefined;
  #draft: Generation | undefined;
  #snapshot: Snapshot | undefined;
  #failure: CodeSageError | undefined;
  readonly #share: MemoryShare;
  readonly #replaced: ReplacedData;

  /** @param graceMs milliseconds for which other processes may go on reading what was replaced; undefined: there are none */
  constructor(
    name: string,
    directory: string,
    recipe: () => Recipe,
    share: MemoryShare,
    log: Logger,
    graceMs?: number,
    clock: () => number = Date.now,
  ) {
    this.name = name;
    this.#directory = directory;
    this.#replaced = new ReplacedData({
      graceMs,
      directoryOf: (number) => generationDirectory(directory, number),
      remove: (number) => this.#delete(number),
      clock,
    });
    this.#recipe = recipe;
    this.#share = share;
    this.#log = log;
  }

  /** The published version to read, if there is one that can be read. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** Why the index on disk cannot be used: IndexCorrupted or IndexFormatUnsupported. */
  get failure(): CodeSageError | undefined {
    return this.#failure;
  }

  get published(): Generation | undefined {
    return this.#published;
  }

  /**
   * All files that were looked at, as the published generation's tables have them now. Undefined where only the tables
   * can tell: they go beyond what is published, or that is not open for readers.
   */
  get knownFiles(): ReadonlyMap<string, KnownFile> | undefined {
    const generation = this.#published;
    const publication = generation?.meta.publication;
    if (generation === undefined || publication === undefined || isAheadOfPublication(generation)) return undefined;
    const version = versionName(this.name, generation, publication);
    return this.#snapshot?.version === version ? this.#snapshot.list.known : undefined;
  }

  /** The reindex token that the published index was made for. */
  get lastReindex(): string {
    return this.#published?.meta.reindex ?? '';
  }

  /** Opens what is on disk, once more if need be. Never throws for the index's state: see `failure`. */
  async open(): Promise<void> {
    try {
      // What an earlier attempt opened must not be taken for a generation that outdates the ones on disk.
      await this.close();
      for (const number of await listGenerations(this.#directory)) await this.#openOne(number);
      const generation = this.#published;
      if (generation?.meta.publication !== undefined) {
        this.#snapshot = await this.#open(generation, generation.meta.publication);
        await this.#tellReaders();
      }
      this.#failure = undefined;
    } catch (error) {
      this.#fail(storageProblem(error, this.name, 'opening'));
    }
  }

  /**
   * Finds out whether what could not be read can be read after all, and serves it again then. Every row is read, so that
   * damage that opening does not see stays told.
   */
  async recheck(): Promise<void> {
    const published = this.#published;
    if (published === undefined) return this.open();
    let again: Generation | undefined;
    try {
      again = await openGeneration(this.#directory, published.number);
      const publication = again?.meta.publication;
      // Gone altogether: that is for somebody to decide on.
      if (again === undefined || publication === undefined) return;
      const next = await this.#open(again, publication);
      await next.use(readAllRows).catch(async (error: unknown) => {
        await next.retire();
        throw error;
      });
      const previous = this.#snapshot;
      this.#snapshot = next;
      this.#published = again;
      this.#failure = undefined;
      again = undefined;
      void previous?.retire().then(() => closeGeneration(published));
    } catch (error) {
      this.#fail(storageProblem(error, this.name, 'opening'));
    } finally {
      if (again !== undefined) closeGeneration(again);
    }
  }

  /** Whether an error's text names a file of this codebase's index. LanceDB leaves out the slash in front. */
  isNamedIn(message: string): boolean {
    return message.includes(`${this.#directory.replace(/^\/+/, '')}/`);
  }

  #open(generation: Generation, publication: Publication, changes?: FileChanges): Promise<Snapshot> {
    // Only segments of the same generation point at its rows.
    const snapshot = this.#published === generation ? this.#snapshot : undefined;
    const memory = { share: this.#share, previous: snapshot?.memory, log: this.#log };
    // What a run tells of is told of the version that it began with.
    const isNext = snapshot !== undefined && snapshot.publication.sequence + 1 === publication.sequence;
    const before = isNext && changes !== undefined ? { snapshot, changes } : undefined;
    return openSnapshot(this.name, generation, publication, memory, before);
  }

  /** Whether a version of so many chunks needs LanceDB's own indexes, as it does not fit into memory. */
  needsLanceIndexes(generation: Generation, chunks: number): boolean {
    return !this.#share.fits(this.name, chunks, generation.meta.recipe.dimensions);
  }

  /** Newest first: the first published one serves, an unpublished one before it may be finished, older ones are left-overs. */
  async #openOne(number: number): Promise<void> {
    if (this.#published !== undefined) return this.#replaced.add(number);
    let generation: Generation | undefined;
    try {
      generation = await openGeneration(this.#directory, number);
    } catch (error) {
      // A published generation outlives its predecessor by moments only: a broken one above another was being made.
      const older = await this.#hasOlder(number);
      if (!older || storageProblem(error, this.name, 'opening').code !== 'IndexCorrupted') throw error;
    }
    if (generation === undefined) {
      this.#log.info(
        { codebase: this.name, generation: number },
        'Index data of an older format, or not begun, is made anew',
      );
      return this.#delete(number);
    }
    if (generation.meta.publication !== undefined) this.#published = generation;
    else if (this.#draft === undefined && sameRecipe(generation.meta.recipe, this.#recipe())) this.#draft = generation;
    else {
      closeGeneration(generation);
      await this.#delete(number);
    }
  }

  async #hasOlder(number: number): Promise<boolean> {
    for (const other of await listGenerations(this.#directory))
      if (other < number && !(await this.#replaced.has(other))) return true;
    return false;
  }

  /** Tells other processes that all is made which they share with this one. */
  async #tellReaders(): Promise<void> {
    if (!this.#replaced.hasReaders) return forgetServed(this.#directory);
    if (this.#snapshot !== undefined) await tellServed(this.#directory, this.#snapshot.version);
  }

  /** Records that the index cannot be read. The log line is one that operators search for. */
  #fail(problem: CodeSageError): void {
    if (problem.code === 'IndexCorrupted' && this.#failure?.code !== 'IndexCorrupted') {
      this.#log.error({ codebase: this.name, err: problem.cause ?? problem }, 'Index corruption detected');
    } else if (this.#failure === undefined) {
      this.#log.error({ codebase: this.name, code: problem.code, remedy: problem.remedy }, problem.message);
    }
    this.#failure = problem;
  }

  /** Reports an error of reading `snapshot`. Returns the error to answer with. */
  readFailed(snapshot: Snapshot, error: unknown): CodeSageError {
    const problem = storageProblem(error, this.name, 'reading');
    if (problem.code === 'IndexCorrupted' && snapshot === this.#snapshot) this.#fail(problem);
    return problem;
  }

  /**
   * The generation that the next run writes to. A rebuild goes on with an unfinished one that was made for the same
   * reindex token, unless it was asked for explicitly.
   */
  async writable(target: Target, reindex: string): Promise<Generation> {
    if (target.kind === 'incremental') {
      if (this.#published === undefined) throw new Error('there is no published generation to go on from');
      return this.#published;
    }
    const draft = this.#draft;
    if (draft !== undefined && target.reason !== 'requested' && draft.meta.reindex === reindex) return draft;
    await this.dropDraft();
    // Nor is the number used again of one that somebody deleted: LanceDB remembers files by their paths.
    const numbers = [...(await listGenerations(this.#directory)), this.#published?.number ?? 0];
    this.#draft = await createGeneration(this.#directory, Math.max(...numbers) + 1, this.#recipe(), reindex);
    return this.#draft;
  }

  /** Deletes what a rebuild that did not end left behind: whoever goes on from the published generation does not want it. */
  async dropDraft(): Promise<void> {
    if (this.#draft === undefined) return;
    const { number } = this.#draft;
    closeGeneration(this.#draft);
    this.#draft = undefined;
    await this.#delete(number);
  }

  /**
   * Lets readers see what `generation` just published, and deletes the generation that it replaced.
   * @param changes all that was done to the table of files since the version before, if that is known
   */
  async follow(generation: Generation, publication: Publication, changes?: FileChanges): Promise<void> {
    const next = await this.#open(generation, publication, changes);
    const previous = { snapshot: this.#snapshot, generation: this.#published };
    this.#snapshot = next;
    this.#published = generation;
    if (this.#draft === generation) this.#draft = undefined;
    this.#failure = undefined;
    await this.#tellReaders();
    const replaced = previous.generation !== generation ? previous.generation : undefined;
    void (previous.snapshot?.retire() ?? Promise.resolve())
      .then(async () => {
        if (replaced !== undefined) closeGeneration(replaced);
        if (replaced !== undefined || previous.generation === undefined) await this.#deleteOthers(generation.number);
      })
      .catch((error: unknown) =>
        this.#log.warn({ codebase: this.name, err: error }, 'Old index data could not be deleted'),
      );
  }

  async #deleteOthers(kept: number): Promise<void> {
    for (const number of await listGenerations(this.#directory)) if (number < kept) await this.#replaced.add(number);
  }

  /** Opens again what a failed run may have written to, so that the next run sees what really is on disk. */
  async reopen(): Promise<void> {
    this.#draft = await this.#again(this.#draft);
    this.#published = await this.#again(this.#published);
  }

  async #again(generation: Generation | undefined): Promise<Generation | undefined> {
    if (generation === undefined) return undefined;
    closeGeneration(generation);
    return openGeneration(this.#directory, generation.number).catch((error: unknown) => {
      this.#log.warn({ codebase: this.name, err: error }, 'The index could not be opened again after a failed run');
      return undefined;
    });
  }

  async #delete(number: number): Promise<void> {
    await rm(generationDirectory(this.#directory, number), { recursive: true, force: true });
    this.#log.debug({ codebase: this.name, generation: number }, 'Old index data deleted');
  }

  async close(): Promise<void> {
    this.#replaced.close();
    this.#share.take(this.name, 0);
    await this.#snapshot?.retire();
    for (const generation of [this.#published, this.#draft]) if (generation !== undefined) closeGeneration(generation);
    this.#snapshot = undefined;
    this.#published = undefined;
    this.#draft = undefined;
  }
}
