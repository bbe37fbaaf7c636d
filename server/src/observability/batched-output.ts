/** Decides when lines that come in great number are written: those of one turn of the event loop together. */
import process from 'node:process';
import type { LogOutput } from './logger.ts';

/** Characters from which on nothing is waited for. */
const mostWaiting = 65_536;

/** An output that writes to `output` once a turn, and at the end of the process what is left. */
export function batched(output: LogOutput): LogOutput {
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
    write: (line) => {
      waiting += line;
      if (waiting.length >= mostWaiting) return flush();
      if (!isPlanned) setImmediate(flush).unref();
      isPlanned = true;
    },
  };
}
