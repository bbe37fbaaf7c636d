/** Decides how a running server takes over a changed configuration: all of it is checked first, one change after the other. */
import type { Logger } from 'pino';
import type { AuthGate } from '../auth/gate.ts';
import type { Settings } from '../config.ts';
import type { Engine } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import { applyInPlace, planReload, type ReloadPlan } from '../reload.ts';

export type ReloadDeps = {
  /** The settings of the running server; their configuration is changed in place. */
  settings: Settings;
  /** Reads all settings once more. @throws CodeSageError `ConfigInvalid`. */
  read: () => Settings;
  engine: Pick<Engine, 'reconfigure'>;
  auth: Pick<AuthGate, 'use'>;
  log: Logger;
};

/** Makes the function that reloads. It never rejects; what was asked for during a reload is done after it, once. */
export function createReload({ settings, read, engine, auth, log }: ReloadDeps): () => Promise<void> {
  let running: Promise<void> | undefined;
  let isAskedAgain = false;
  /** All that can be wrong is found out before anything is changed. */
  const check = async (): Promise<ReloadPlan | undefined> => {
    try {
      const next = read();
      if (settings.configFile !== undefined && next.configFile === undefined) throw gone(settings.configFile);
      const plan = planReload(settings.config, next.config);
      await auth.use(plan.effective.auth);
      return plan;
    } catch (error) {
      const remedy = error instanceof CodeSageError ? error.remedy : 'Correct it and send SIGHUP again.';
      log.error({ err: error, remedy }, 'The new configuration is refused; the old one stays in effect');
      return undefined;
    }
  };
  const reloadOnce = async () => {
    const plan = await check();
    if (plan === undefined) return;
    const { effective, applied, restartNeeded } = plan;
    try {
      applyInPlace(settings.config, effective);
      settings.restartNeeded = restartNeeded;
      // Children of a logger have levels of their own; there are none.
      log.level = settings.config.logging.level;
      if (applied.length > 0) await engine.reconfigure?.(settings.config);
      log.info(
        { applied },
        applied.length > 0 ? 'The configuration was reloaded' : 'The configuration has not changed',
      );
      if (restartNeeded.length > 0) log.warn({ restartNeeded }, 'Changed settings take effect at the next start');
    } catch (error) {
      log.error(
        { err: error, applied },
        'The new configuration could not be taken over as a whole; restart the server',
      );
    }
  };
  const reloadAll = async () => {
    do {
      isAskedAgain = false;
      await reloadOnce();
    } while (isAskedAgain);
    running = undefined;
  };
  return () => {
    if (running === undefined) running = reloadAll();
    else isAskedAgain = true;
    return running;
  };
}

/** Without its file a server would take all defaults: no sources, and nobody asked for a token. */
function gone(file: string): CodeSageError {
  return new CodeSageError('ConfigInvalid', `${file} is not there any more.`, 'Put it back and send SIGHUP again.');
}
