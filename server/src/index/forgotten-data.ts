/** Decides when data of codebases is deleted that are not configured any more: at once, or after others had time to move on. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';

export type ForgottenDataOptions = {
  /** Directories with one folder a codebase. */
  roots: readonly string[];
  /** Milliseconds for which other processes may go on reading it; 0: there are none. */
  graceMs: number;
  log: Logger;
};

export class ForgottenData {
  readonly #options: ForgottenDataOptions;
  readonly #waiting = new Map<string, NodeJS.Timeout>();

  constructor(options: ForgottenDataOptions) {
    this.#options = options;
  }

  /** Forgets what is kept of all but these. Of none at all nothing is deleted: that is more likely a mistake. */
  async keepOnly(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const found = new Set<string>();
    for (const root of this.#options.roots) {
      const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
      for (const entry of entries) if (entry.isDirectory() && !entry.name.startsWith('.')) found.add(entry.name);
    }
    for (const name of names) found.delete(name);
    for (const name of found) await this.forget(name);
  }

  /** Deletes what is kept of a codebase that nobody writes to any more. */
  async forget(name: string): Promise<void> {
    const { graceMs, log } = this.#options;
    if (graceMs === 0) return this.#delete(name);
    clearTimeout(this.#waiting.get(name));
    const end = () => {
      this.#waiting.delete(name);
      this.#delete(name).catch((error: unknown) =>
        log.warn({ codebase: name, err: messageOf(error) }, 'Data of a codebase that is gone could not be deleted'),
      );
    };
    this.#waiting.set(name, setTimeout(end, graceMs).unref());
  }

  /** A codebase is configured again before its data was deleted. */
  remember(name: string): void {
    clearTimeout(this.#waiting.get(name));
    this.#waiting.delete(name);
  }

  async #delete(name: string): Promise<void> {
    for (const root of this.#options.roots) await rm(join(root, name), { recursive: true, force: true });
    this.#options.log.info({ codebase: name }, 'Deleted what was kept of a codebase that is no longer configured');
  }

  /** Leaves what waits to the next process. */
  close(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }
}
