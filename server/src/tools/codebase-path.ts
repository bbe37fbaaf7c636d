/** Decides which codebase a caller means: its name or its directory. */
import { z } from 'zod';
import type { ServerConfig } from '../contract.ts';

/** The parameter that names one codebase. */
export const codebasePath = z
  .string()
  .min(1)
  .describe(
    'The codebase: its name as list_codebases gives it (for example "shop"), or the directory it is made from.',
  );

/** The same, where leaving it out means all codebases. */
export const anyCodebasePath = z
  .string()
  .min(1)
  .default('*')
  .describe('The codebase: its name as list_codebases gives it, or its directory. "*" or left out: all of them.');

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

function trimSlashes(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}
