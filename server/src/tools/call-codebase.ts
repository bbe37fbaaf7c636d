/** Decides which codebase a call is about, for counting: the one that its arguments name, if it is configured. */
import type { ServerConfig } from '../contract.ts';
import { codebaseName } from './codebase-path.ts';

/** Parameters that name a codebase, and then those that name a file in one. */
const codebaseParameters = ['codebase_path', 'path'];
const fileParameters = ['file_path', 'definition_path'];

/** The configured name; undefined where a call names none, or all. */
export function codebaseOfCall(args: unknown, config: ServerConfig): string | undefined {
  if (typeof args !== 'object' || args === null) return undefined;
  const given = args as Record<string, unknown>;
  for (const parameter of codebaseParameters) {
    const value = given[parameter];
    const found = typeof value === 'string' ? configured(codebaseName(value, config), config) : undefined;
    if (found !== undefined) return found;
  }
  for (const parameter of fileParameters) {
    const value = given[parameter];
    const found = typeof value === 'string' ? codebaseOfFile(value, config) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function configured(name: string, config: ServerConfig): string | undefined {
  return config.sources.find((source) => source.name === name)?.name;
}

/** The codebase that a path starts with, by name or by directory. */
function codebaseOfFile(path: string, config: ServerConfig): string | undefined {
  return config.sources.find(
    (source) => path.startsWith(`${source.name}/`) || (source.path !== undefined && path.startsWith(`${source.path}/`)),
  )?.name;
}
