/** Decides how tests wait: for a condition, with a deadline, and with the last answer in the failure. */
import { setTimeout as delay } from 'node:timers/promises';

/** Asks `probe` until it answers something other than undefined, and returns that. Rejects with what was seen last when `timeoutMs` has passed. */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  options: { timeoutMs: number; everyMs?: number },
): Promise<T> {
  const deadline = Date.now() + options.timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
      last = 'not yet';
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline)
      throw new Error(`gave up waiting for ${what} after ${options.timeoutMs} ms`, { cause: last });
    await delay(options.everyMs ?? 250);
  }
}
