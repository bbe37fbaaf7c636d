/** Decides how many heavy calls run at once, how many may wait for that, how long and in whose turn; quick calls never stand behind them. */
import PQueue from 'p-queue';
import { CodeSageError } from '../errors.ts';
import { FairQueue, type FairQueueOptions } from './fair-queue.ts';

/**
 * What makes a call heavy. `search`: ripgrep over all texts. `relations`: rows of the symbol tables by the ten thousand,
 * most of the work on the event loop or in LanceDB's threads. `analysis`: every text of a codebase, in the analysis thread.
 * `history`: processes of git.
 */
export const laneNames = ['search', 'relations', 'analysis', 'history'] as const;
export type LaneName = (typeof laneNames)[number];

export type LaneLimits = {
  /** Calls that run at the same time. */
  atOnce: number;
  /** Calls that may wait; beyond that the newest of the client with most of them is refused at once. */
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
  // Each is a process that takes a core, and some memory of its own.
  history: { atOnce: 2, waiting: 14, patienceMs: 20_000, retrySeconds: 10 },
};

/** A figure of one lane, for metrics. */
export type LaneCount = { lane: LaneName; running: number; waiting: number };

/** A call that has not begun. `giveUp` ends its wait with a reason. */
type Waiting = { client: string; giveUp: (reason: unknown) => void };

type Lane = {
  limits: LaneLimits;
  queue: PQueue<FairQueue, FairQueueOptions>;
  /** In the order in which they came. */
  waiting: Set<Waiting>;
};

/** The lanes of one server. */
export class Lanes {
  readonly #lanes: ReadonlyMap<LaneName, Lane>;

  constructor(limits: Readonly<Record<LaneName, LaneLimits>> = laneLimits) {
    this.#lanes = new Map(
      laneNames.map((name) => {
        const queue = new PQueue({ concurrency: limits[name].atOnce, queueClass: FairQueue });
        return [name, { limits: limits[name], queue, waiting: new Set<Waiting>() }];
      }),
    );
  }

  /**
   * Waits for a place, in the client's turn. Resolves with what gives it back, which must be called once, when the work
   * has really ended.
   * @throws CodeSageError `Busy` when too many wait or it took too long; the signal's reason when that fires first.
   */
  async enter(name: LaneName, what: string, signal: AbortSignal, client = ''): Promise<() => void> {
    const lane = this.#lanes.get(name);
    if (lane === undefined) throw new Error(`there is no lane ${name}`);
    const { limits, queue, waiting } = lane;
    signal.throwIfAborted();
    if (queue.pending >= limits.atOnce && waiting.size >= limits.waiting) makeRoom(lane, client, what);
    const impatience = new AbortController();
    const call = { client, giveUp: (reason: unknown) => impatience.abort(reason) };
    const lateness = busy(what, limits, `none ended within ${limits.patienceMs / 1000} seconds`);
    const timer = setTimeout(() => call.giveUp(lateness), limits.patienceMs);
    const onAbort = () => call.giveUp(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    waiting.add(call);
    const { promise, resolve, reject } = Promise.withResolvers<() => void>();
    // From its start on a call keeps its place until the work has ended, whatever becomes of who asked for it.
    const stopWaiting = () => {
      waiting.delete(call);
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    const begin = () => {
      stopWaiting();
      return new Promise<void>((leave) => resolve(leave));
    };
    queue.add(begin, { signal: impatience.signal, client }).catch((reason: unknown) => {
      stopWaiting();
      reject(reason);
    });
    return promise;
  }

  counts(): LaneCount[] {
    return [...this.#lanes].map(([lane, { queue }]) => ({ lane, running: queue.pending, waiting: queue.size }));
  }
}

/**
 * Ends the wait of the newest call of the client that has most waiting, so that one client that floods takes no place from
 * others (longest queue drop).
 * @throws CodeSageError `Busy` when that is the client itself
 */
function makeRoom({ limits, waiting }: Lane, client: string, what: string): void {
  const lengths = new Map<string, number>();
  for (const call of waiting) lengths.set(call.client, (lengths.get(call.client) ?? 0) + 1);
  const longest = Math.max(0, ...lengths.values());
  // As many as its own with the new one: it would only change places with somebody who was there before.
  if ((lengths.get(client) ?? 0) + 1 >= longest) throw busy(what, limits, 'too many wait already');
  const newest = [...waiting].findLast((call) => lengths.get(call.client) === longest);
  newest?.giveUp(busy(what, limits, 'others wait whose turn comes first'));
}

function busy(what: string, { atOnce, retrySeconds }: LaneLimits, why: string): CodeSageError {
  return new CodeSageError(
    'Busy',
    `${what} could not begin: the server works on ${atOnce} such calls at once, and ${why}.`,
    `Retry after ${retrySeconds} seconds, one call at a time.`,
  );
}
