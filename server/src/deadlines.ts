/** Decides when a request has taken too long: one timer watches all of them, since nearly none is ever late. */

export type Deadlines = {
  /** Calls `onLate` once the time is over; the returned function stops that. */
  watch: (onLate: () => void) => () => void;
};

type Watched = { lateAtMs: number; onLate: () => void };

/** @param seconds how long a request that begins now may take */
export function createDeadlines(seconds: () => number, now: () => number = () => performance.now()): Deadlines {
  const watched = new Set<Watched>();
  let timer: NodeJS.Timeout | undefined;
  const arm = () => {
    const [oldest] = watched;
    timer = oldest === undefined ? undefined : setTimeout(look, Math.max(1, oldest.lateAtMs - now())).unref();
  };
  const look = () => {
    const late = [...watched].filter(({ lateAtMs }) => lateAtMs <= now());
    for (const request of late) {
      watched.delete(request);
      request.onLate();
    }
    arm();
  };
  return {
    watch: (onLate) => {
      const request = { lateAtMs: now() + seconds() * 1000, onLate };
      watched.add(request);
      if (timer === undefined) arm();
      return () => watched.delete(request);
    },
  };
}
