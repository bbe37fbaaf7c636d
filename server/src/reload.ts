/** Decides what of a changed configuration takes effect at once, and what waits for the next start. */
import { isDeepStrictEqual } from 'node:util';
import type { ServerConfig } from './contract.ts';

export type ReloadPlan = {
  /** What is in effect from now on: the running configuration with what can be taken over. */
  effective: ServerConfig;
  /** Settings that differ and take effect at once, such as `limits.concurrency`. */
  applied: string[];
  /** Settings that differ and take effect at the next start. */
  restartNeeded: string[];
};

/** Sections and settings that are read when they are needed, or that the engine takes over. */
const live: ReadonlySet<string> = new Set([
  'sources',
  'indexing.incremental',
  'indexing.reindex',
  'cache',
  'llm',
  'auth',
  'limits',
  'logging',
  'http',
]);

/** Settings within those that are used once, when a port is opened. */
const usedOnce: ReadonlySet<string> = new Set(['limits.receiveSeconds', 'limits.connections']);

type Fields = Record<string, unknown>;

/** Compares two whole configurations, setting by setting. Pure. */
export function planReload(running: ServerConfig, next: ServerConfig): ReloadPlan {
  const effective = structuredClone(running) as Fields;
  const plan: Omit<ReloadPlan, 'effective'> = { applied: [], restartNeeded: [] };
  const take = (target: Fields, source: Fields, key: string, path: string) => {
    if (isDeepStrictEqual(target[key], source[key])) return;
    if (!isLive(path)) return void plan.restartNeeded.push(path);
    plan.applied.push(path);
    if (source[key] === undefined) delete target[key];
    else target[key] = structuredClone(source[key]);
  };
  for (const section of keysOf(running, next)) {
    const [before, after] = [effective[section], (next as Fields)[section]];
    if (!isFields(before) || !isFields(after)) take(effective, next, section, section);
    else for (const key of keysOf(before, after)) take(before, after, key, `${section}.${key}`);
  }
  return { effective: effective as ServerConfig, ...plan };
}

function isLive(path: string): boolean {
  return !usedOnce.has(path) && (live.has(path) || live.has(path.split('.', 1)[0] ?? ''));
}

/**
 * Makes `running` say what `effective` says. Its sections stay the objects they are: whoever holds one sees the change.
 */
export function applyInPlace(running: ServerConfig, effective: ServerConfig): void {
  replaceFields(running as Fields, effective as Fields);
}

function replaceFields(target: Fields, source: Fields): void {
  for (const key of keysOf(target, source)) {
    const [before, after] = [target[key], source[key]];
    if (isFields(before) && isFields(after)) replaceFields(before, after);
    else if (after === undefined) delete target[key];
    else if (!isDeepStrictEqual(before, after)) target[key] = after;
  }
}

function keysOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
