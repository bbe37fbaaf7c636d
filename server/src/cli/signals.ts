/** Decides what signals ask of a running server: to stop, or to read its configuration again. */

export type SignalSource = Pick<NodeJS.Process, 'on' | 'off' | 'once'>;

export type Signals = {
  /** Resolves at the first signal to stop. A second one of any kind ends the process at once, as people expect of Ctrl-C. */
  stopRequested: Promise<NodeJS.Signals>;
  /** Calls `reload` at each SIGHUP from now on, and once for one that came before. */
  onReload: (reload: () => void) => void;
};

/**
 * Listens from now on. A server without a configuration file has nothing to read again: to it SIGHUP means, as to most
 * programs, that its terminal is gone.
 */
export function listenToSignals(hasConfigFile: boolean, source: SignalSource = process): Signals {
  const stop = Promise.withResolvers<NodeJS.Signals>();
  const ends: NodeJS.Signals[] = hasConfigFile ? ['SIGTERM', 'SIGINT'] : ['SIGTERM', 'SIGINT', 'SIGHUP'];
  const onStop = (signal: NodeJS.Signals) => {
    for (const end of ends) source.off(end, onStop);
    stop.resolve(signal);
  };
  for (const end of ends) source.on(end, onStop);
  let reload: (() => void) | undefined;
  let isWaiting = false;
  const onHangUp = () => {
    if (reload === undefined) isWaiting = true;
    else reload();
  };
  if (hasConfigFile) source.on('SIGHUP', onHangUp);
  return {
    stopRequested: stop.promise,
    onReload: (work) => {
      reload = work;
      if (isWaiting) work();
    },
  };
}
