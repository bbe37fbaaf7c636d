/** Decides whether signals mean what people and Kubernetes mean by them. */
import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { listenToSignals } from './signals.ts';

const source = () => new EventEmitter() as unknown as NodeJS.Process;
const heard = (process: NodeJS.Process) =>
  (['SIGTERM', 'SIGINT', 'SIGHUP'] as const).filter((signal) => process.listenerCount(signal) > 0);

describe('signals', () => {
  test('[server.drain] the first asks to stop, and the second of whatever kind is left to the system, which ends the process', async () => {
    const process = source();
    const { stopRequested } = listenToSignals(true, process);
    process.emit('SIGINT', 'SIGINT');
    expect(await stopRequested).toBe('SIGINT');
    expect(heard(process)).toEqual(['SIGHUP']);
  });

  test('[server.reload] SIGHUP reloads each time, and one that came before anybody listened is not lost', () => {
    const process = source();
    const { onReload } = listenToSignals(true, process);
    process.emit('SIGHUP', 'SIGHUP');
    let reloads = 0;
    onReload(() => {
      reloads += 1;
    });
    process.emit('SIGHUP', 'SIGHUP');
    expect(reloads).toBe(2);
  });

  test('without a configuration file SIGHUP means that the terminal is gone', async () => {
    const process = source();
    const { stopRequested } = listenToSignals(false, process);
    process.emit('SIGHUP', 'SIGHUP');
    expect(await stopRequested).toBe('SIGHUP');
  });
});
