/** Decides over which published versions an exact search runs, and where their texts are kept meanwhile. */
import { mkdir, mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { ExactSearchAnswer, ExactSearchRequest } from '../engine.ts';
import { CodeSageError, messageOf } from '../errors.ts';
import type { CodebaseDirectory } from '../index/codebases.ts';
import { saysDiskFull, volumeFull } from '../index/problems.ts';
import { readPublished } from '../index/read-published.ts';
import type { Snapshot } from '../index/snapshot.ts';
import { searchExact } from './exact.ts';
import type { PublishedCodebase } from './exact-run.ts';
import { type ChunkPlace, Passages } from './passages.ts';
import { PublishedTexts } from './published-texts.ts';
import { TextsGoneError } from './ripgrep.ts';
import { textsOfSnapshot } from './snapshot-texts.ts';

export type PublishedSearchDeps = {
  codebases: CodebaseDirectory;
  /** Where caches are kept; anything below it may be deleted at any time. */
  cacheDirectory: string;
  log: Logger;
  /** Milliseconds since the epoch. */
  clock: () => number;
};

const touchEveryMs = 3_600_000;
/** Texts of a process that has not shown itself for a day are taken for left-overs of one that is gone. */
const abandonedAfterMs = 24 * touchEveryMs;

/** Exact search over all codebases of the server; works wherever the index can be read, with or without a checkout. */
export class PublishedSearch {
  readonly #deps: PublishedSearchDeps;
  readonly #passages = new Passages();
  #directory = '';
  readonly #texts = new Map<string, PublishedTexts>();
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: PublishedSearchDeps) {
    this.#deps = deps;
  }

  /** Takes a directory of its own, and deletes what earlier processes left. */
  async open(): Promise<void> {
    const { cacheDirectory, clock, log } = this.#deps;
    const parent = join(cacheDirectory, 'texts');
    // Replicas may share the volume, and each has its own.
    this.#directory = join(parent, hostname());
    try {
      await rm(this.#directory, { recursive: true, force: true });
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    } catch (error) {
      this.#directory = await mkdtemp(join(tmpdir(), 'codesage-texts-'));
      log.warn({ directory: parent, err: messageOf(error) }, 'Exact search keeps its texts in the temporary directory');
    }
    await deleteAbandoned(parent, clock());
    this.#texts.clear();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#touch(), touchEveryMs).unref();
  }

  #touch(): void {
    const now = this.#deps.clock() / 1000;
    // Not there before the first search, or somebody deleted it: nothing to keep then.
    utimes(this.#directory, now, now).catch(() => undefined);
  }

  /** Writes out what a codebase just published, before somebody waits for it. Never throws: a search tries again. */
  async prepare(name: string): Promise<void> {
    const { codebases, log } = this.#deps;
    const { snapshot } = codebases.get(name).store;
    try {
      await snapshot?.use((held) => this.#of(name).prepare(textsOfSnapshot(held)));
    } catch (error) {
      log.debug({ codebase: name, err: messageOf(error) }, 'Texts for exact search could not be written ahead');
    }
  }

  /** Texts of chunks of that version, as far as the packs have them: undefined for each that is only in the table. */
  passages(snapshot: Snapshot, places: readonly ChunkPlace[]): Promise<readonly (string | undefined)[] | undefined> {
    const { codebase, version, chunkLimit } = snapshot;
    const texts = this.#texts.get(codebase);
    if (texts === undefined) return Promise.resolve(undefined);
    return texts.useIfReady(version, (set) => this.#passages.read(set, this.#directory, places, chunkLimit));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#isClosed = true;
    for (const texts of this.#texts.values()) await texts.close();
    this.#passages.close();
    if (this.#directory !== '') await rm(this.#directory, { recursive: true, force: true });
  }

  #of(name: string): PublishedTexts {
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    if (this.#isClosed || this.#directory === '') {
      throw new CodeSageError('NotIndexedYet', `"${name}" is still being opened.`, 'Ask again in some seconds.');
    }
    const texts = new PublishedTexts(name, this.#directory, this.#deps.log, (pack) => this.#passages.forget(pack));
    this.#texts.set(name, texts);
    return texts;
  }

  /** Deletes the texts of a codebase that is gone. */
  async forget(name: string): Promise<void> {
    const texts = this.#texts.get(name);
    this.#texts.delete(name);
    await texts?.close();
  }

  /** Answers one search. @throws CodeSageError as `searchExact`, and as the index does where it cannot be read. */
  search(request: ExactSearchRequest, signal?: AbortSignal): Promise<ExactSearchAnswer> {
    return readPublished(
      this.#deps.codebases,
      request.codebases,
      async (snapshots, notice) => {
        const version = snapshots.map((snapshot) => snapshot.version).join(',');
        try {
          // Once more where somebody emptied the cache directory: it is filled again.
          const answer = await this.#over(snapshots, request, signal).catch((error: unknown) => {
            if (error instanceof TextsGoneError) return this.#over(snapshots, request, signal);
            throw error;
          });
          return { ...answer, version, ...(notice !== undefined && { notice }) };
        } catch (error) {
          throw cacheProblem(error);
        }
      },
      signal,
    );
  }

  #over(snapshots: readonly Snapshot[], request: ExactSearchRequest, signal: AbortSignal | undefined) {
    return this.#withTexts(snapshots, [], async (codebases) => {
      try {
        return await searchExact(request, { codebases, directory: this.#directory, signal });
      } catch (error) {
        if (error instanceof TextsGoneError) for (const { name, texts } of codebases) this.#of(name).forget(texts);
        throw error;
      }
    });
  }

  async #withTexts<T>(
    snapshots: readonly Snapshot[],
    held: readonly PublishedCodebase[],
    work: (codebases: readonly PublishedCodebase[]) => Promise<T>,
  ): Promise<T> {
    const [next, ...rest] = snapshots;
    if (next === undefined) return work(held);
    const name = next.codebase;
    return this.#of(name).use(textsOfSnapshot(next), (texts) =>
      this.#withTexts(rest, [...held, { name, texts }], work),
    );
  }
}

/** Names a failure of the cache directory; what is none says something of the index and stays as it is. */
function cacheProblem(error: unknown): unknown {
  if (error instanceof CodeSageError) return error;
  const isFileError = error instanceof TextsGoneError || (error instanceof Error && 'syscall' in error);
  if (!isFileError) return error;
  if (saysDiskFull(messageOf(error))) return volumeFull(error);
  // Paths of this machine concern no client; the log has the cause.
  return new CodeSageError(
    'Internal',
    'The texts for exact search could not be written to the cache directory or read from it.',
    'See that it is writable and that nothing else writes to it, and try again.',
    { cause: error },
  );
}

async function deleteAbandoned(parent: string, now: number): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const other = join(parent, name);
    const touched = await stat(other).then(
      ({ mtimeMs }) => mtimeMs,
      () => now,
    );
    if (now - touched > abandonedAfterMs) await rm(other, { recursive: true, force: true });
  }
}
