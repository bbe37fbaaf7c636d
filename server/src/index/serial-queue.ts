/** Decides who may go next where only one may at a time: whoever asked first. */

export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs `work` after all that was asked for before. Rejects without running it when aborted while waiting. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#tail;
    let done = () => {};
    this.#tail = new Promise<void>((resolve) => {
      done = resolve;
    });
    try {
      await waitOrAbort(before, signal);
      return await work();
    } finally {
      // Who left the line early must still not let the next one in before its turn.
      void before.then(done);
    }
  }

  /** Resolves when all work asked for so far has ended. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}

function waitOrAbort(before: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    void before.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}
