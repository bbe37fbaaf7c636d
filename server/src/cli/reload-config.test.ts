/** Decides whether a reload takes over all or nothing, tells what it did, and never runs twice at a time. */
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { loadSettings, type Settings } from '../config.ts';
import type { ServerConfigInput } from '../contract.ts';
import { createReload } from './reload-config.ts';

const settingsOf = (config: object): Settings =>
  loadSettings({ env: {}, flags: {}, cacheHome: '/cache', cwd: '/', readFile: () => JSON.stringify(config) });

function assemble(
  config: ServerConfigInput,
  reconfigure: () => Promise<void> = async () => {},
  readOtherwise?: () => Settings,
) {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ messageKey: 'message' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const settings = settingsOf(config);
  const file: { config: object; reads: number } = { config, reads: 0 };
  const read = () => {
    file.reads += 1;
    return readOtherwise?.() ?? settingsOf(file.config);
  };
  return {
    lines,
    log,
    settings,
    file,
    reload: createReload({ settings, read, engine: { reconfigure }, auth: { use: async () => {} }, log }),
  };
}

describe('a reload', () => {
  test('[server.reload] takes over what it can and tells what waits for a restart', async () => {
    const { settings, file, reload, log, lines } = assemble({});
    const { http } = settings.config;
    file.config = { logging: { level: 'debug' }, http: { allowedOrigins: ['*'] }, memory: { maxMB: 500 } };
    await reload();
    expect(settings.config.memory.maxMB).toBe(2048);
    expect(settings.restartNeeded).toEqual(['memory.maxMB']);
    expect([http.allowedOrigins, log.level]).toEqual([['*'], 'debug']);
    expect(lines).toMatchObject([
      { message: 'The configuration was reloaded', applied: ['http.allowedOrigins', 'logging.level'] },
      { message: 'Changed settings take effect at the next start', restartNeeded: ['memory.maxMB'] },
    ]);
    file.config = { logging: { level: 'debug' }, http: { allowedOrigins: ['*'] } };
    await reload();
    expect(settings.restartNeeded).toEqual([]);
    expect(lines.at(-1)).toMatchObject({ message: 'The configuration has not changed' });
  });

  test('[server.reload] of a file with a mistake changes nothing and says what to write', async () => {
    const { settings, file, reload, lines } = assemble({ limits: { concurrency: 7 } });
    file.config = { limits: { concurrency: 9 }, logging: { level: 'loud' } };
    await reload();
    expect(settings.config.limits.concurrency).toBe(7);
    expect(lines).toMatchObject([
      {
        message: 'The new configuration is refused; the old one stays in effect',
        remedy: 'Write one of: debug, info, warn, error.',
      },
    ]);
  });

  test('[server.reload] of a file that is gone changes nothing', async () => {
    const config = { auth: { mode: 'Token' } } as const;
    const { settings, reload, lines } = assemble(config, undefined, () =>
      loadSettings({ env: {}, flags: {}, cacheHome: '/cache', cwd: '/', readFile: () => undefined }),
    );
    await reload();
    expect(settings.config.auth.mode).toBe('Token');
    expect(lines).toMatchObject([{ level: 50, remedy: 'Put it back and send SIGHUP again.' }]);
  });

  test('[server.reload] that is asked for during another one runs after it, once', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { file, reload } = assemble({}, () => promise);
    file.config = { limits: { concurrency: 9 } };
    const all = [reload(), reload(), reload()];
    // The second and the third wait, whatever the first is at.
    expect(file.reads).toBe(1);
    resolve();
    await Promise.all(all);
    expect(file.reads).toBe(2);
  });
});
