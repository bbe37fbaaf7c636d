/** Decides how known queries are run again in the background: one at a time, mostly pausing, and not while memory is short. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SemanticSearchRequest } from '../engine.ts';
import { messageOf } from '../errors.ts';

/** Queries of one round: their answers cover most of what is asked next, in a second or so of work. */
export const mostWarmed = 50;
/** For each millisecond of work so many of rest: warming takes a fifth of one core at most. */
const restPerWork = 4;
const longestRestMs = 1000;

export type WarmerDeps = {
  queries: () => readonly SemanticSearchRequest[];
  /** Answers as to a caller; resolves with whether the answer was made now. */
  run: (request: SemanticSearchRequest, signal: AbortSignal) => Promise<boolean>;
  /** False while memory is short or the server stops. */
  mayRun: () => boolean;
  log: Logger;
};

/** Runs rounds of warming, one after the other. */
export class Warmer {
  readonly #deps: WarmerDeps;
  #round: AbortController | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(deps: WarmerDeps) {
    this.#deps = deps;
  }

  /** Starts a round in place of one under way, whose answers would be of an older version. Never rejects. */
  start(): Promise<void> {
    this.#round?.abort();
    const round = new AbortController();
    this.#round = round;
    this.#done = this.#done.then(() => this.#run(round.signal));
    return this.#done;
  }

  async stop(): Promise<void> {
    this.#round?.abort();
    await this.#done;
  }

  async #run(signal: AbortSignal): Promise<void> {
    let warmed = 0;
    for (const request of this.#deps.queries().slice(0, mostWarmed)) {
      if (signal.aborted || !this.#deps.mayRun()) break;
      const startedAt = performance.now();
      try {
        if (await this.#deps.run(request, signal)) warmed++;
      } catch (error) {
        // A codebase may be gone, or not be ready: its queries are not worth a warning.
        this.#deps.log.debug({ err: messageOf(error) }, 'A query could not be run ahead');
      }
      const rest = Math.min(longestRestMs, restPerWork * (performance.now() - startedAt));
      await sleep(rest, undefined, { signal, ref: false }).catch(() => undefined);
    }
    if (warmed > 0) this.#deps.log.info({ queries: warmed }, 'Search cache warmed');
  }
}
