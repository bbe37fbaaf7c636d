/** Decides what the commands need of the outside world; main.ts passes the real one, tests their own. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { loadSettings, type SettingFlags, type Settings } from '../config.ts';
import type { ServerConfig } from '../contract.ts';
import type { Engine } from '../engine.ts';

export type EngineFactory = (options: {
  config: ServerConfig;
  dataDir: string;
  log: Logger;
  clock: () => number;
  /** False: sources are indexed only when asked. */
  background: boolean;
  /** With the role Search: a directory of this process alone, for caches. */
  scratchDir?: string;
  /** The internal token as it is now, with which a process that only searches asks the indexer. */
  readInternalToken?: () => string | undefined;
}) => Engine | Promise<Engine>;

export type CliDeps = {
  createEngine: EngineFactory;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  stdout: { write: (text: string) => unknown };
  stderr: { write: (text: string) => unknown };
  version: string;
};

/** What of the settings an engine is made from. */
export function engineOptions({ config, dataDir, scratchDir, internalTokenFile }: Settings) {
  return {
    config,
    dataDir,
    ...(scratchDir !== undefined && { scratchDir }),
    readInternalToken: () => readFileIfThere(internalTokenFile),
  };
}

/** All settings for a command with these flags. */
export function settingsFor(deps: CliDeps, flags: SettingFlags): Settings {
  const { env, cwd } = deps;
  const cacheHome = env.XDG_CACHE_HOME ?? join(env.HOME ?? homedir(), '.cache');
  return loadSettings({ env, flags, cwd, cacheHome, readFile: readFileIfThere });
}

/** A file's text, or undefined when there is none. */
export function readFileIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}
