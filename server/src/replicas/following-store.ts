/**
 * Decides which version of a codebase a process serves whose index another process keeps: the newest published one that
 * it could open. Nothing is ever written where the index is.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection, Session } from '@lancedb/lancedb';
import type { Logger } from 'pino';
import { CodeSageError } from '../errors.ts';
import {
  type GenerationMeta,
  generationDirectory,
  listGenerations,
  type Publication,
  publicationMark,
  readMeta,
} from '../index/generation.ts';
import { freshSession, openDatabase } from '../index/lance.ts';
import { storageProblem } from '../index/problems.ts';
import { servedFile } from '../index/replaced-data.ts';
import type { ServedStore } from '../index/served.ts';
import { openSnapshot, type Snapshot, versionName } from '../index/snapshot.ts';
import type { MemoryShare } from '../search/memory/share.ts';

export type FollowingStoreDeps = {
  name: string;
  /** Where the indexer keeps the codebase's generations. */
  directory: string;
  share: MemoryShare;
  log: Logger;
  /** Milliseconds since the epoch. */
  clock: () => number;
};

type Found = { number: number; meta: GenerationMeta; publication: Publication; version: string };

/** The meta rows are read this often even where nothing seems to have changed. */
const readAnywayMs = 15_000;
/**
 * The indexer opens what it published, which makes the segments that are searched in memory. For so long they are waited
 * for rather than made here, too, while an older version serves.
 */
const waitForSegmentsMs = 20_000;
/** A version is looked at so often before anything is said of it: what is written or deleted at this moment passes. */
const triesBeforeProblem = 3;

export class FollowingStore implements ServedStore {
  readonly #deps: FollowingStoreDeps;
  #snapshot: Snapshot | undefined;
  #database: Connection | undefined;
  #failure: CodeSageError | undefined;
  #problem: CodeSageError | undefined;
  #mark = '';
  #readAt = 0;
  #seenAt: { version: string; ms: number } | undefined;
  #tries = { version: '', count: 0 };
  #isGone = false;
  #turn: Promise<unknown> = Promise.resolve();
  /** Which data each number stood for: one that is used again is not read through what LanceDB remembers. */
  readonly #known = new Map<number, string>();

  constructor(deps: FollowingStoreDeps) {
    this.#deps = deps;
  }

  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  get failure(): CodeSageError | undefined {
    return this.#failure;
  }

  /** Why the newest version is not the one that serves, beyond what passes by itself. */
  get problem(): CodeSageError | undefined {
    return this.#failure ?? this.#problem;
  }

  isNamedIn(message: string): boolean {
    return message.includes(`${this.#deps.directory.replace(/^\/+/, '')}/`);
  }

  /**
   * Opens the newest published version if it is not the one that serves; resolves with whether that one changed. Never
   * rejects: see `problem`.
   * @param isUrgent true: read what is there although nothing seems to have changed, and wait for nobody
   */
  look(isUrgent = false): Promise<boolean> {
    const done = this.#turn.then(() => this.#look(isUrgent));
    this.#turn = done;
    return done;
  }

  async #look(isUrgent: boolean): Promise<boolean> {
    const { directory, name, clock } = this.#deps;
    const before = this.#snapshot?.version;
    let found: Found | undefined;
    let mark = '';
    try {
      mark = await publicationMark(directory);
      if (!isUrgent && mark === this.#mark && clock() - this.#readAt < readAnywayMs) return false;
      found = await this.#newest();
      if (found === undefined) this.#nothingThere();
      else if (found.version !== before) {
        if (!isUrgent && (await this.#isBeingOpened(found))) return false;
        await this.#serve(found);
      }
      if (found !== undefined) this.#succeed();
      this.#mark = mark;
      this.#readAt = clock();
    } catch (error) {
      // A directory that cannot be listed says nothing of what is in it: a network volume may be away.
      const use = error instanceof Error && 'syscall' in error ? 'reading' : 'opening';
      const isToldNow = this.#fail(storageProblem(error, name, use), found?.version ?? '');
      // What stays as it is need not be read every second.
      if (isToldNow) {
        this.#mark = mark;
        this.#readAt = clock();
      }
    }
    return this.#snapshot?.version !== before;
  }

  /** The newest generation that is published. One above it that cannot be read is being made or deleted. */
  async #newest(): Promise<Found | undefined> {
    const { directory, name } = this.#deps;
    let unreadable: unknown;
    for (const number of await listGenerations(directory)) {
      const meta = await readMeta(directory, number).catch((error: unknown) => {
        if (error instanceof CodeSageError) throw error;
        unreadable ??= error;
        return undefined;
      });
      const publication = meta?.publication;
      if (meta === undefined || publication === undefined) continue;
      return { number, meta, publication, version: versionName(name, { number, meta }, publication) };
    }
    if (unreadable !== undefined) throw unreadable;
    return undefined;
  }

  #nothingThere(): void {
    this.#failure = undefined;
    if (this.#snapshot === undefined || this.#isGone) return;
    this.#isGone = true;
    this.#deps.log.warn(
      { codebase: this.#deps.name, version: this.#snapshot.version },
      'The published index is gone; what of it is in memory goes on serving until there is a new one',
    );
  }

  /** Whether the process that published it has not made all that readers share yet. */
  async #isBeingOpened({ version }: Found): Promise<boolean> {
    const { directory, clock } = this.#deps;
    if (this.#snapshot === undefined) return false;
    const served = await readFile(join(directory, servedFile), 'utf8').catch(() => undefined);
    if (served === undefined || served.trim() === version) return false;
    if (this.#seenAt?.version !== version) this.#seenAt = { version, ms: clock() };
    return clock() - this.#seenAt.ms < waitForSegmentsMs;
  }

  async #serve({ number, meta, publication, version }: Found): Promise<void> {
    const { directory: parent, name, share, log } = this.#deps;
    const directory = generationDirectory(parent, number);
    const database = await openDatabase(directory, this.#sessionFor(number, meta));
    const current = this.#snapshot;
    // Only segments of the same generation point at its rows.
    const isSame = current?.version.replace(/\.\d+$/, '') === version.replace(/\.\d+$/, '');
    const memory = { share, previous: isSame ? current?.memory : undefined, log, readOnly: true };
    const next = await openSnapshot(name, { number, directory, database, meta }, publication, memory).catch(
      (error: unknown) => {
        database.close();
        throw error;
      },
    );
    const replaced = this.#database;
    this.#snapshot = next;
    this.#database = database;
    void current?.retire().then(() => replaced?.close());
    log.info({ codebase: name, version, previous: current?.version }, 'A new version of the index is served');
  }

  #sessionFor(number: number, { id = '' }: GenerationMeta): Session | undefined {
    const known = this.#known.get(number);
    this.#known.set(number, id);
    return known === undefined || known === id ? undefined : freshSession();
  }

  #succeed(): void {
    if (this.problem !== undefined)
      this.#deps.log.info({ codebase: this.#deps.name, code: this.problem.code }, 'Problem solved');
    this.#failure = undefined;
    this.#problem = undefined;
    this.#isGone = false;
    this.#tries = { version: '', count: 0 };
  }

  /** Returns whether there is a problem to tell of, rather than a moment that passes. */
  #fail(problem: CodeSageError, version: string): boolean {
    const { log, name } = this.#deps;
    const count = this.#tries.version === version ? this.#tries.count + 1 : 1;
    this.#tries = { version, count };
    log.debug({ codebase: name, version, count, err: problem.cause ?? problem }, 'The newest version cannot be opened');
    if (problem.code !== 'IndexFormatUnsupported' && count < triesBeforeProblem) return false;
    if (this.problem?.code !== problem.code)
      log.error({ codebase: name, code: problem.code, remedy: problem.remedy }, problem.message);
    if (this.#snapshot === undefined) this.#failure = problem;
    else this.#problem = problem;
    return true;
  }

  /** Reports an error of reading `snapshot`. Returns the error to answer with. */
  readFailed(snapshot: Snapshot, error: unknown): CodeSageError {
    const problem = storageProblem(error, this.#deps.name, 'reading');
    if (problem.code === 'IndexCorrupted' && snapshot === this.#snapshot && this.#problem === undefined) {
      this.#deps.log.warn({ codebase: this.#deps.name, err: error }, 'The version that is served cannot be read');
      // The next look finds out whether there is a newer one.
      this.#mark = '';
    }
    return problem;
  }

  async close(): Promise<void> {
    await this.#turn;
    this.#deps.share.take(this.#deps.name, 0);
    await this.#snapshot?.retire();
    this.#database?.close();
    this.#snapshot = undefined;
    this.#database = undefined;
  }
}
