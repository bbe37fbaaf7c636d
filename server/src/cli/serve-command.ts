/** Decides how `codesage serve` lives: until a signal, or until a stdio client leaves. */
import type { SettingFlags } from '../config.ts';
import { CodeSageError } from '../errors.ts';
import { withLockedData } from './data-lock.ts';
import { type CliDeps, settingsFor } from './deps.ts';
import { exitCodes } from './exit-codes.ts';
import { serveStdioUntilClosed, startHttpServer } from './serve.ts';
import { listenToSignals } from './signals.ts';

export type ServeFlags = SettingFlags & { stdio?: boolean };

/** Runs the server; resolves with the exit code after it stopped. */
export async function serveCommand(flags: ServeFlags, deps: CliDeps): Promise<number> {
  const settings = settingsFor(deps, flags);
  if (settings.config.sources.length === 0 && settings.host !== undefined) {
    throw new CodeSageError(
      'ConfigInvalid',
      'There is nothing to serve: no source is configured.',
      'Name one: codesage serve --source PATH.',
    );
  }
  const { stopRequested, onReload } = listenToSignals(settings.configFile !== undefined);
  return withLockedData(settings, settings.isDataDirDefault, async (locked) => {
    if (flags.stdio === true) {
      await serveStdioUntilClosed({ settings: locked, deps }, stopRequested);
    } else {
      const server = await startHttpServer({ settings: locked, deps, readSettings: () => settingsFor(deps, flags) });
      onReload(() => void server.reload());
      await stopRequested;
      await server.stop();
    }
    return exitCodes.ok;
  });
}
