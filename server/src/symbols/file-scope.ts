/** Decides which files take part in a question: path globs, languages, and whether tests count. */
import { isTestPath } from '../search/penalties.ts';
import { compileGlobs } from '../sources/path-filter.ts';
import type { FileScope } from './port.ts';

export type InScope = (file: { path: string; language: string }) => boolean;

/** The scope as a test of one file. */
export function inScope({ pathGlobs, languages, includeTests }: FileScope): InScope {
  const matches = pathGlobs.length === 0 ? () => true : compileGlobs(pathGlobs);
  const wanted = new Set(languages);
  return ({ path, language }) =>
    (wanted.size === 0 || wanted.has(language)) && (includeTests || !isTestPath(path)) && matches(path);
}
