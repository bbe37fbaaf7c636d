/** Decides how exact search is asked which files hold a name. */
import type { ExactSearchAnswer, ExactSearchRequest } from '../engine.ts';
import type { FindFiles } from './mentions.ts';

/** Names in more files than this say nothing (`err`, `i`). */
const maxFiles = 10_000;

/** Looks names up with the engine's exact search, as whole words. */
export function findFilesWith(
  search: (request: ExactSearchRequest, signal?: AbortSignal) => Promise<ExactSearchAnswer>,
): FindFiles {
  return async function findFiles(codebase, name, signal) {
    const request: ExactSearchRequest = {
      pattern: name,
      codebases: [codebase],
      regex: false,
      case: 'sensitive',
      wholeWord: true,
      fileTypes: [],
      excludePatterns: [],
      report: 'files',
      limit: maxFiles,
      contextLines: 0,
    };
    const { files } = await search(request, signal);
    return files.map(({ path }) => path);
  };
}
