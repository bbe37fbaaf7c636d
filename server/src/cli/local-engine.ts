/** Decides how a one-shot command uses an engine of its own: opened, used, and always closed. */
import type { SettingFlags, Settings } from '../config.ts';
import type { Engine } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import { createLogger } from '../observability/logger.ts';
import { withLockedData } from './data-lock.ts';
import { type CliDeps, engineOptions, settingsFor } from './deps.ts';

/** Runs `work` with an engine over the flags' sources. Logs go to stderr, warnings and errors only. */
export async function withLocalEngine<T>(
  flags: SettingFlags,
  deps: CliDeps,
  work: (engine: Engine, settings: Settings) => Promise<T>,
): Promise<T> {
  const settings = settingsFor(deps, flags);
  if (settings.config.sources.length === 0) {
    throw new CodeSageError('ConfigInvalid', 'No source is configured.', 'Name one: --source PATH.');
  }
  const log = createLogger({ level: 'warn', format: 'text' }, deps.stderr);
  return withLockedData(settings, false, async (locked) => {
    const engine = await deps.createEngine({ ...engineOptions(locked), log, clock: Date.now, background: false });
    try {
      await engine.start();
      return await work(engine, locked);
    } finally {
      await engine.stop();
    }
  });
}
