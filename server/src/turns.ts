/**
 * Decides when long work on the event loop lets others in: after some milliseconds, and then one such work an iteration,
 * so that many at once hold the loop no longer than one does.
 */

import { CodeSageError } from './errors.ts';

/** A small part of the 50 ms that a request may be held up. */
const sliceMs = 8;

const waiting: (() => void)[] = [];

/** Immediates of one iteration run in a row: each resumes one work only, and those of the next come after I/O. */
function resumeNext(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(resumeNext);
}

function nextIteration(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(resumeNext);
  });
}

/** The turns of one piece of work. Ask `isOver` between any two parts of it, and `await rest()` when it is. */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  #begin = performance.now();

  /** @param signal ends the work at its next rest */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** What ends the work. */
  get signal(): AbortSignal | undefined {
    return this.#signal;
  }

  isOver(): boolean {
    return performance.now() - this.#begin >= sliceMs;
  }

  /** Lets others in. @throws CodeSageError `Cancelled` once the signal has fired */
  async rest(): Promise<void> {
    throwIfCancelled(this.#signal);
    await nextIteration();
    throwIfCancelled(this.#signal);
    this.#begin = performance.now();
  }
}

/** @throws CodeSageError `Cancelled`, with the signal's reason as its cause, once that has fired */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  const options = { cause: signal.reason };
  throw new CodeSageError('Cancelled', 'The call was cancelled.', 'Call again if you still need it.', options);
}

/** A flat map that lets others in between two items. */
export async function flatMapInTurns<T, U>(
  items: Iterable<T>,
  turns: Turns,
  work: (item: T) => Iterable<U>,
): Promise<U[]> {
  const found: U[] = [];
  for (const item of items) {
    if (turns.isOver()) await turns.rest();
    for (const one of work(item)) found.push(one);
  }
  return found;
}
