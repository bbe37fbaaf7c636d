/** Decides how much indexing holds back while memory is short. */
import { setTimeout as sleep } from 'node:timers/promises';

const slowestPauseMs = 500;

/** Slows indexing down on request of the memory guard. */
export class Throttle {
  #fraction = 1;

  /** 1 is full speed; the nearer to 0, the longer the pauses. */
  set(fraction: number): void {
    this.#fraction = Math.min(1, Math.max(0, fraction));
  }

  /** Waits before a batch: not at all at full speed. */
  async pause(signal?: AbortSignal): Promise<void> {
    if (this.#fraction < 1) await sleep(slowestPauseMs * (1 - this.#fraction), undefined, { signal });
  }

  /** How many batches may wait behind the one that is being written. */
  parallel(threads: number): number {
    return this.#fraction < 1 ? 0 : threads;
  }
}
