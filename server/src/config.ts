/** Decides the server's effective settings: defaults, then the YAML file, then the environment, then command-line flags. */
import { createHash } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import {
  cacheNames,
  environment,
  paths,
  ports,
  type ServerConfig,
  type ServerConfigInput,
  serverConfigSchema,
} from './contract.ts';
import { CodeSageError, messageOf } from './errors.ts';

/** Everything the server was told, after all sources of settings were merged. */
export type Settings = {
  config: ServerConfig;
  /** Directory of the index, the caches and the git checkouts. */
  dataDir: string;
  /** Whether `dataDir` was chosen by nobody, so that another may be taken where it is in use. */
  isDataDirDefault: boolean;
  /** With the role Search: a directory of this process alone, for caches; known once it is locked. */
  scratchDir?: string;
  /** The configuration file that was read, if there was one. */
  configFile?: string;
  /** Settings that were changed since the start and take effect at the next one. */
  restartNeeded?: readonly string[];
  internalTokenFile: string;
  /** Address to listen on; undefined is every interface. */
  host?: string;
  httpPort: number;
  internalPort: number;
};

/** Settings given on the command line; the last word. */
export type SettingFlags = {
  data?: string | undefined;
  host?: string | undefined;
  port?: string | undefined;
  internalPort?: string | undefined;
  /** `NAME=PATH`, `NAME=URL`, or a bare path or URL that is named by its last part. */
  source?: string[] | undefined;
};

/** The outside world that settings are read from; tests pass their own. */
export type SettingsInput = {
  env: Readonly<Record<string, string | undefined>>;
  flags: SettingFlags;
  /** Text of a file, or undefined when there is none. */
  readFile: (path: string) => string | undefined;
  /** Where a local server keeps its data when it was not told otherwise. */
  cacheHome: string;
  cwd: string;
};

type Origins = Map<string, string>;

/**
 * Merges and checks all settings. Without a configuration file the server is taken to run for one developer: it then
 * listens on the loopback address only and keeps its data in the user's cache directory, one folder per set of sources.
 * @throws CodeSageError `ConfigInvalid`, naming the setting, where it came from and what to write.
 */
export function loadSettings(input: SettingsInput): Settings {
  const { env, flags } = input;
  const origins: Origins = new Map();
  const file = readConfigFile(input);
  const merged = mergeFlags(mergeEnvironment(file ?? {}, env, origins), input, origins);
  const config = parseConfig(merged, origins);
  const local = file === undefined;
  const dataDir = flags.data ?? setting(env, 'dataDir');
  const host = flags.host ?? (local ? '127.0.0.1' : undefined);
  return {
    config,
    dataDir: resolve(input.cwd, dataDir ?? (local ? localDataDir(input.cacheHome, config) : paths.data)),
    isDataDirDefault: dataDir === undefined && local,
    internalTokenFile: setting(env, 'internalTokenFile') ?? paths.internalToken,
    ...(host !== undefined && { host }),
    ...(!local && { configFile: configPath(env) }),
    httpPort: port(flags.port, '--port', setting(env, 'httpPort'), environment.httpPort, ports.http),
    internalPort: port(
      flags.internalPort,
      '--internal-port',
      setting(env, 'internalPort'),
      environment.internalPort,
      ports.internal,
    ),
  };
}

function setting(env: SettingsInput['env'], name: keyof typeof environment): string | undefined {
  const value = env[environment[name]]?.trim();
  return value === '' ? undefined : value;
}

function configPath(env: SettingsInput['env']): string {
  return setting(env, 'config') ?? paths.config;
}

function readConfigFile({ env, readFile }: SettingsInput): ServerConfigInput | undefined {
  const named = setting(env, 'config');
  const path = configPath(env);
  const text = readFile(path);
  if (text === undefined) {
    if (named === undefined) return undefined;
    throw invalid(
      `${environment.config} names ${path}, which does not exist.`,
      'Write the path of a readable YAML file, or unset it.',
    );
  }
  let parsed: unknown;
  try {
    parsed = parseYaml(text);
  } catch (error) {
    throw invalid(`${path} is not valid YAML: ${messageOf(error)}`, 'Correct the line it names.', error);
  }
  // A file that is just being written is empty, too: taken for all defaults, it would let everybody in on a reload.
  if (parsed === null || parsed === undefined) {
    throw invalid(`${path} is empty.`, 'Write settings such as "sources:"; {} stands for none.');
  }
  if (typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw invalid(`${path} holds no mapping of settings.`, 'Write settings such as "sources:" at its top level.');
  }
  return parsed as ServerConfigInput;
}

const numberVariables = [
  ['maxMemoryMB', 'memory', 'maxMB'],
  ['embeddingCacheSize', 'cache', 'embedding'],
  ['searchCacheSize', 'cache', 'search'],
  ['fileCacheSize', 'cache', 'file'],
  ['chunkSizeTokens', 'indexing', 'chunkSizeTokens'],
  ['httpRequestTimeout', 'llm', 'timeoutSeconds'],
  ['httpMaxRetries', 'llm', 'maxRetries'],
] as const satisfies readonly (readonly [keyof typeof environment, keyof ServerConfigInput, string])[];

/** The original's spellings of log levels, beside ours. */
const logLevels: Readonly<Record<string, string>> = { warning: 'warn', critical: 'error', trace: 'debug' };

function mergeEnvironment(base: ServerConfigInput, env: SettingsInput['env'], origins: Origins): ServerConfigInput {
  const merged: Record<string, unknown> = { ...base };
  const set = (variable: keyof typeof environment, section: keyof ServerConfigInput, key: string, value: unknown) => {
    merged[section] = { ...(merged[section] as object | undefined), [key]: value };
    origins.set(`${section}.${key}`, environment[variable]);
  };
  for (const [variable, section, key] of numberVariables) {
    const raw = setting(env, variable);
    if (raw !== undefined) set(variable, section, key, wholeNumber(raw, environment[variable]));
  }
  mergeCacheVariables(env, set);
  const level = setting(env, 'logLevel')?.toLowerCase();
  if (level !== undefined) set('logLevel', 'logging', 'level', logLevels[level] ?? level);
  const format = setting(env, 'logFormat')?.toLowerCase();
  if (format !== undefined) set('logFormat', 'logging', 'format', format);
  return merged as ServerConfigInput;
}

type Setter = (variable: keyof typeof environment, section: 'cache', key: string, value: unknown) => void;

/** The original's switches of caches: without caching no cache keeps anything, whatever its size. */
function mergeCacheVariables(env: SettingsInput['env'], set: Setter): void {
  const threshold = setting(env, 'cacheSimilarityThreshold');
  if (threshold !== undefined) set('cacheSimilarityThreshold', 'cache', 'similarityThreshold', similarity(threshold));
  for (const [variable, key] of [
    ['cachePersistence', 'persistence'],
    ['cacheWarming', 'warming'],
  ] as const) {
    const raw = setting(env, variable);
    if (raw !== undefined) set(variable, 'cache', key, truth(raw, environment[variable]));
  }
  const caching = setting(env, 'caching');
  if (caching === undefined || truth(caching, environment.caching)) return;
  for (const name of cacheNames) set('caching', 'cache', name, 0);
}

/** 0 turns it off. */
function similarity(raw: string): number | undefined {
  const value = Number(raw);
  if (Number.isNaN(value))
    throw invalid(
      `${environment.cacheSimilarityThreshold} is "${raw}", which is no number.`,
      'Write for example 0.95.',
    );
  return value === 0 ? undefined : value;
}

function truth(raw: string, name: string): boolean {
  const value = { true: true, '1': true, yes: true, on: true, false: false, '0': false, no: false, off: false }[
    raw.toLowerCase()
  ];
  if (value === undefined) throw invalid(`${name} is "${raw}".`, `Write ${name}=true or ${name}=false.`);
  return value;
}

function mergeFlags(base: ServerConfigInput, { flags, cwd }: SettingsInput, origins: Origins): ServerConfigInput {
  if (flags.source === undefined || flags.source.length === 0) return base;
  const sources = flags.source.map((text) => parseSource(text, cwd));
  const names = sources.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(`--source names "${twice}" twice.`, 'Name each one: --source NAME=PATH.');
  for (const index of sources.keys()) origins.set(`sources.${index}`, `--source ${flags.source[index]}`);
  return { ...base, sources };
}

const remoteUrl = /^(https?|ssh|git|file):\/\/|^[\w.-]+@[\w.-]+:/;
const named = /^([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)=(.+)$/s;

/** Reads one `--source` value; a bare path or URL is named by its last part. */
export function parseSource(text: string, cwd: string): NonNullable<ServerConfigInput['sources']>[number] {
  const match = named.exec(text);
  const location = match?.[2] ?? text;
  const git = remoteUrl.test(location);
  const name = match?.[1] ?? nameOf(git ? location : resolve(cwd, location));
  if (name === '')
    throw invalid(
      `--source ${text} has no usable name.`,
      'Name it: --source NAME=PATH, in lower-case letters, digits and hyphens.',
    );
  return git ? { name, git: { url: location } } : { name, path: resolve(cwd, location) };
}

function nameOf(location: string): string {
  const last = basename(location.replace(/[/\\]+$/, '')).replace(/\.git$/, '');
  return last
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '');
}

function localDataDir(cacheHome: string, config: ServerConfig): string {
  const sources = config.sources.map((source) => source.path ?? source.git?.url ?? '').toSorted();
  return join(cacheHome, 'codesage', createHash('sha256').update(sources.join('\n')).digest('hex').slice(0, 12));
}

function port(
  flag: string | undefined,
  flagName: string,
  variable: string | undefined,
  variableName: string,
  fallback: number,
): number {
  const raw = flag ?? variable;
  if (raw === undefined) return fallback;
  const name = flag === undefined ? variableName : flagName;
  const value = wholeNumber(raw, name);
  // 0 asks the system for a free port: the tests do.
  if (value > 65_535) throw invalid(`${name} is ${value}, which is no TCP port.`, 'Write a number from 1 to 65535.');
  return value;
}

function wholeNumber(raw: string, name: string): number {
  if (!/^\d+$/.test(raw))
    throw invalid(`${name} is "${raw}", which is not a whole number.`, `Write digits only, for example ${name}=1000.`);
  return Number(raw);
}

function parseConfig(merged: ServerConfigInput, origins: Origins): ServerConfig {
  const result = serverConfigSchema.safeParse(merged);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue === undefined) throw invalid('The configuration is wrong.', 'Compare it with the documentation.');
  const path = issue.path.join('.');
  const origin = origins.get(path) ?? origins.get(issue.path.slice(0, 2).join('.'));
  const where = origin === undefined ? '' : ` (from ${origin})`;
  throw invalid(
    `Setting ${path === '' ? '(top level)' : path}${where}: ${issue.message}.`,
    remedyOf(issue),
    result.error,
  );
}

function remedyOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return `Write at least ${issue.minimum}.`;
    case 'too_big':
      return `Write at most ${issue.maximum}.`;
    case 'invalid_type':
      return `Write a value of type ${issue.expected}.`;
    case 'invalid_value':
      return `Write one of: ${issue.values.join(', ')}.`;
    case 'unrecognized_keys':
      return `Remove ${issue.keys.join(', ')}, or correct the spelling.`;
    case 'invalid_format':
      return issue.path.at(-1) === 'name'
        ? 'Write lower-case letters, digits and hyphens.'
        : 'Write it in the documented form.';
    default:
      return 'Correct it as the message says.';
  }
}

function invalid(message: string, remedy: string, cause?: unknown): CodeSageError {
  return new CodeSageError('ConfigInvalid', message, remedy, { cause });
}
