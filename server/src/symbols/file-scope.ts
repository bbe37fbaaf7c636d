/** Decides which files take part in a question: path globs, languages, and whether tests count. */
import { isTestPath } from '../search/penalties.ts';
import { compileGlobs } from '../sources/path-filter.ts';
import type { FileScope } from './port.ts';

export type InScope = (file: { path: string; language: string }) => boolean;

/** The scope as a test of one file. */
export function inScope({ pathGlobs, languages, includeTests }: FileScope): InScope {
  const matches = pathGlobs.length === 0 ? () => true : compileGlobs(pathGlobs);
  const wanted = new Set(languages);
  const accepted = new Map<string, boolean>();
  return ({ path, language }) => {
    if (wanted.size > 0 && !wanted.has(language)) return false;
    // Asked once a symbol; a file has many.
    let verdict = accepted.get(path);
    if (verdict === undefined) {
      verdict = (includeTests || !isTestPath(path)) && matches(path);
      accepted.set(path, verdict);
    }
    return verdict;
  };
}
