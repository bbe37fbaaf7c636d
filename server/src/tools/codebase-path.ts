/** Decides which codebase a caller means: its name or its directory. */
import { z } from 'zod';
import type { ServerConfig } from '../contract.ts';

/** The parameter that names one codebase. */
export const codebasePath = z
  .string()
  .min(1)
  .max(4096)
  .describe('The codebase: its name from list_codebases, or its directory.');

/** The same, where leaving it out means all codebases. */
export const anyCodebasePath = z
  .string()
  .min(1)
  .max(4096)
  .default('*')
  .describe('The codebase: its name from list_codebases, or its directory; "*": all.');

/** Codebases to ask the engine for; none means all. */
export function codebasesOf(path: string, config: ServerConfig): string[] {
  return path === '*' ? [] : [codebaseName(path, config)];
}

/** The configured name of the codebase that `path` names or is the directory of; anything else is left for the engine to refuse. */
export function codebaseName(path: string, config: ServerConfig): string {
  const trimmed = trimSlashes(path);
  return (
    config.sources.find((source) => source.path !== undefined && trimSlashes(source.path) === trimmed)?.name ?? trimmed
  );
}

/**
 * What to say when globs let nothing in and start with a codebase's name, as the paths in answers do; '' when none does.
 * It is not simply cut off: a codebase may have a directory of its own name.
 */
export function nameInGlobs(globs: readonly string[], codebases: readonly string[]): string {
  const name = codebases.find((one) => globs.some((glob) => glob.replace(/^!/, '').startsWith(`${one}/`)));
  return name === undefined
    ? ''
    : ` Globs are matched against paths inside the codebase: leave out "${name}/" in front.`;
}

function trimSlashes(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}
