/**
 * Decides when replaced data is deleted: at once where this process alone reads it; where others do, too, after they had
 * time to move on to what replaced it, at most two generations at a time.
 */
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** In a codebase's directory: the version that the process which keeps the index has open. */
export const servedFile = 'served';

/** In a generation's directory, since it was replaced. */
const replacedFile = 'replaced';

const mostKept = 2;

export type ReplacedDataOptions = {
  /** Milliseconds for which it is kept; undefined: others do not read it. */
  graceMs: number | undefined;
  directoryOf: (number: number) => string;
  remove: (number: number) => Promise<void>;
  /** Milliseconds since the epoch. */
  clock: () => number;
};

export class ReplacedData {
  readonly #options: ReplacedDataOptions;
  readonly #kept = new Map<number, NodeJS.Timeout>();

  constructor(options: ReplacedDataOptions) {
    this.#options = options;
  }

  /** Whether others read what this process keeps. */
  get hasReaders(): boolean {
    return this.#options.graceMs !== undefined;
  }

  /** Whether a generation was replaced, by this process or by one before it. */
  async has(number: number): Promise<boolean> {
    return this.#kept.has(number) || (await this.#replacedAt(number)) !== undefined;
  }

  #replacedAt(number: number): Promise<number | undefined> {
    return stat(join(this.#options.directoryOf(number), replacedFile)).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
  }

  /** A generation is not served any more. Once more does no harm. */
  async add(number: number): Promise<void> {
    const { graceMs = 0, directoryOf, remove, clock } = this.#options;
    if (graceMs === 0) return remove(number);
    if (this.#kept.has(number)) return;
    const since = await this.#replacedAt(number);
    // A full disk must not keep data alive.
    if (since === undefined) await writeFile(join(directoryOf(number), replacedFile), '').catch(() => undefined);
    const wait = Math.max(0, (since ?? clock()) + graceMs - clock());
    this.#kept.set(number, setTimeout(() => void this.#end(number).catch(() => undefined), wait).unref());
    const tooMany = [...this.#kept.keys()].sort((a, b) => b - a).slice(mostKept);
    for (const oldest of tooMany) await this.#end(oldest);
  }

  async #end(number: number): Promise<void> {
    clearTimeout(this.#kept.get(number));
    await this.#options.remove(number);
    this.#kept.delete(number);
  }

  /** Leaves what is kept to the next process. */
  close(): void {
    for (const timer of this.#kept.values()) clearTimeout(timer);
    this.#kept.clear();
  }
}

/** A process without readers tells nothing, and what one before it told is not true any more. */
export async function forgetServed(codebaseDirectory: string): Promise<void> {
  await rm(join(codebaseDirectory, servedFile), { force: true }).catch(() => undefined);
}

/** Tells readers that all is made which they share with this process. A reader that is not told waits a little. */
export async function tellServed(codebaseDirectory: string, version: string): Promise<void> {
  const file = join(codebaseDirectory, servedFile);
  try {
    await writeFile(`${file}.new`, version);
    await rename(`${file}.new`, file);
  } catch {
    // They make it themselves then.
  }
}
