/** Decides how often refused requests are logged: the first of its kind at once, those that follow as a count. */
import type { Logger } from 'pino';
import type { RefusalReason } from './verdict.ts';

/** One line a reason in this time, whatever is thrown at the server. */
const everyMs = 60_000;

/** Tells of refusals. */
export type FailureLog = { add: (reason: RefusalReason) => void };

/** Makes the log. A request without any token is how clients ask for the way to get one, so that alone is no warning. */
export function createFailureLog(log: Logger, clock: () => number): FailureLog {
  const told = new Map<RefusalReason, { at: number; unsaid: number }>();
  return {
    add: (reason) => {
      const last = told.get(reason);
      if (last !== undefined && clock() - last.at < everyMs) {
        last.unsaid += 1;
        return;
      }
      told.set(reason, { at: clock(), unsaid: 0 });
      const line = { reason, ...(last !== undefined && last.unsaid > 0 && { unsaid: last.unsaid }) };
      if (reason === 'missing') log.debug(line, 'A request without a token was refused');
      else log.warn(line, 'A request was refused for its token');
    },
  };
}
