/** Decides how many heavy calls run at once, how many may wait for that and how long; quick calls never stand behind them. */
import PQueue from 'p-queue';
import { CodeSageError } from '../errors.ts';

/**
 * What makes a call heavy. `search`: ripgrep over all texts. `relations`: rows of the symbol tables by the ten thousand,
 * most of the work on the event loop or in LanceDB's threads. `analysis`: every text of a codebase, in the analysis thread.
 */
export const laneNames = ['search', 'relations', 'analysis'] as const;
export type LaneName = (typeof laneNames)[number];

export type LaneLimits = {
  /** Calls that run at the same time. */
  atOnce: number;
  /** Calls that may wait; more are refused at once. */
  waiting: number;
  /** Milliseconds that a call waits before it is refused. */
  patienceMs: number;
  /** Seconds after which a refused caller should come again: about the time of a few such calls. */
  retrySeconds: number;
};

/**
 * All who run and wait are fewer than the requests that the HTTP port takes at once, so that quick calls always get in.
 * Waiting and work together stay within the minute that clients give a call.
 */
export const laneLimits: Readonly<Record<LaneName, LaneLimits>> = {
  // As many as there may be processes of ripgrep.
  search: { atOnce: 4, waiting: 32, patienceMs: 20_000, retrySeconds: 5 },
  // One that waits for LanceDB and one that works on what it gave: more only share the event loop.
  relations: { atOnce: 2, waiting: 32, patienceMs: 25_000, retrySeconds: 10 },
  // Leaves the second thread of analysis to the short jobs of `relations`.
  analysis: { atOnce: 1, waiting: 8, patienceMs: 25_000, retrySeconds: 30 },
};

/** A figure of one lane, for metrics. */
export type LaneCount = { lane: LaneName; running: number; waiting: number };

/** The lanes of one server. */
export class Lanes {
  readonly #lanes: ReadonlyMap<LaneName, { limits: LaneLimits; queue: PQueue }>;

  constructor(limits: Readonly<Record<LaneName, LaneLimits>> = laneLimits) {
    this.#lanes = new Map(
      laneNames.map((name) => [
        name,
        { limits: limits[name], queue: new PQueue({ concurrency: limits[name].atOnce }) },
      ]),
    );
  }

  /**
   * Waits for a place. Resolves with what gives it back, which must be called once, when the work has really ended.
   * @throws CodeSageError `Busy` when too many wait or it took too long; the signal's reason when that fires first.
   */
  async enter(name: LaneName, what: string, signal: AbortSignal): Promise<() => void> {
    const lane = this.#lanes.get(name);
    if (lane === undefined) throw new Error(`there is no lane ${name}`);
    const { limits, queue } = lane;
    signal.throwIfAborted();
    if (queue.pending >= limits.atOnce && queue.size >= limits.waiting)
      throw busy(what, limits, 'too many wait already');
    const impatience = new AbortController();
    const lateness = busy(what, limits, `none ended within ${limits.patienceMs / 1000} seconds`);
    const timer = setTimeout(() => impatience.abort(lateness), limits.patienceMs);
    const giveUp = () => impatience.abort(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    const { promise, resolve, reject } = Promise.withResolvers<() => void>();
    // From its start on a call keeps its place until the work has ended, whatever becomes of who asked for it.
    const stopWaiting = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    };
    const begin = () => {
      stopWaiting();
      return new Promise<void>((leave) => resolve(leave));
    };
    queue.add(begin, { signal: impatience.signal }).catch((reason: unknown) => {
      stopWaiting();
      reject(reason);
    });
    return promise;
  }

  counts(): LaneCount[] {
    return [...this.#lanes].map(([lane, { queue }]) => ({ lane, running: queue.pending, waiting: queue.size }));
  }
}

function busy(what: string, { atOnce, retrySeconds }: LaneLimits, why: string): CodeSageError {
  return new CodeSageError(
    'Busy',
    `${what} could not begin: the server works on ${atOnce} such calls at once, and ${why}.`,
    `Retry after ${retrySeconds} seconds, one call at a time.`,
  );
}
