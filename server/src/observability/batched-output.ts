/** Decides when log lines are written: those that come in great number once a turn of the event loop, others at once, all in order. */
import process from 'node:process';
import type { LogOutput } from './logger.ts';

/** Characters from which on nothing is waited for. */
const mostWaiting = 65_536;
/** How lines begin that tell of nothing wrong. */
const calm = ['{"level":"info"', '{"level":"debug"', 'INFO', 'DEBUG'];

export type BatchedOutput = LogOutput & {
  /** Writes what waits. */
  flush: () => void;
};

/**
 * An output that hands lines of the levels info and debug on to `output` once a turn, all others at once with what waits
 * before them, and at the end of the process what is left. A call to the system for each line costs more than the line.
 */
export function batched(output: LogOutput): BatchedOutput {
  let waiting = '';
  let isPlanned = false;
  const flush = () => {
    isPlanned = false;
    const text = waiting;
    waiting = '';
    if (text !== '') output.write(text);
  };
  process.once('exit', flush);
  return {
    flush,
    write: (line) => {
      waiting += line;
      if (waiting.length >= mostWaiting || !calm.some((start) => line.startsWith(start))) return flush();
      if (!isPlanned) setImmediate(flush).unref();
      isPlanned = true;
    },
  };
}
