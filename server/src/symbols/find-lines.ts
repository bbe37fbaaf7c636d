/** Decides how exact search is asked for the lines that hold a name. */
import type { ExactSearchAnswer, ExactSearchRequest } from '../engine.ts';
import type { FindLines } from './mentions.ts';

/** More lines than this hold names that say nothing (`err`, `i`). */
const maxLines = 20_000;

/** Looks names up with the engine's exact search, as whole words. */
export function findLinesWith(
  search: (request: ExactSearchRequest, signal?: AbortSignal) => Promise<ExactSearchAnswer>,
): FindLines {
  return async function findLines(codebase, name, signal) {
    const { matches, truncated } = await search(
      {
        pattern: name,
        codebases: [codebase],
        regex: false,
        case: 'sensitive',
        wholeWord: true,
        fileTypes: [],
        excludePatterns: [],
        limit: maxLines,
        contextLines: 0,
      },
      signal,
    );
    const lines = new Map<string, Map<number, string>>();
    for (const { path, lineNumber, lineContent } of matches) {
      const known = lines.get(path);
      if (known === undefined) lines.set(path, new Map([[lineNumber, lineContent]]));
      else known.set(lineNumber, lineContent);
    }
    return { lines, truncated };
  };
}
