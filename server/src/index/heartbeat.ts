/** Decides when a thread counts as hung, and which file it was at: it shows signs of life in memory that both sides share. */

/** Where a thread stands when it is at no file in particular. */
export const stand = { notStarted: -1, betweenFiles: -2, answered: -3 } as const;

const beats = 0;
const file = 1;

/** Signs of life of one task: how many there were, and the index of the file that the last one was about. */
export function newHeartbeat(): Int32Array<SharedArrayBuffer> {
  const heartbeat = new Int32Array(new SharedArrayBuffer(8));
  heartbeat[file] = stand.notStarted;
  return heartbeat;
}

/** Says that the thread lives and is at this file of its task, or at one of `stand`. */
export function beat(heartbeat: Int32Array, at: number): void {
  Atomics.store(heartbeat, file, at);
  Atomics.add(heartbeat, beats, 1);
}

/** Index of the file that the thread was at, or one of `stand`. */
export function lastFile(heartbeat: Int32Array): number {
  return Atomics.load(heartbeat, file);
}

const lookEveryMs = 500;

/**
 * Calls `onSilence` once when a task that has started gives no sign of life for `silenceMs`. The answer ends the watch.
 * A machine that was asleep is no reason: silence is counted in looks, not by the clock.
 */
export function watch(heartbeat: Int32Array, silenceMs: number, onSilence: () => void): () => void {
  const every = Math.min(lookEveryMs, silenceMs);
  let last = 0;
  let silentMs = 0;
  const timer = setInterval(() => {
    const seen = Atomics.load(heartbeat, beats);
    silentMs = seen === last ? silentMs + every : 0;
    last = seen;
    if (silentMs < silenceMs || lastFile(heartbeat) === stand.notStarted) return;
    clearInterval(timer);
    onSilence();
  }, every);
  timer.unref();
  return () => clearInterval(timer);
}
