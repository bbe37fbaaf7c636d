/** Decides which files an exact search looks at: by type, by globs to include, by globs to exclude. */
import { fileGlobsOf } from '../chunking/languages.ts';
import { compileGlobs } from '../sources/path-filter.ts';

export type FileFilter = {
  fileTypes: readonly string[];
  includePatterns: readonly string[];
  excludePatterns: readonly string[];
};

/** The test of a path, or undefined when all files are wanted. Types and globs are each alternatives of one another. */
export function compileFileFilter(filter: FileFilter): ((path: string) => boolean) | undefined {
  const { fileTypes, includePatterns, excludePatterns } = filter;
  if (fileTypes.length + includePatterns.length + excludePatterns.length === 0) return undefined;
  const isOfType = compileTypes(fileTypes);
  const isIncluded = includePatterns.length === 0 ? () => true : compileGlobs(includePatterns);
  const isExcluded = compileGlobs(excludePatterns);
  return (path) => isOfType(path) && isIncluded(path) && !isExcluded(path);
}

/** A set of names and endings answers faster than globs do, and most searches name types. */
function compileTypes(types: readonly string[]): (path: string) => boolean {
  if (types.length === 0) return () => true;
  const globs = types.flatMap(fileGlobsOf);
  const endings = globs.filter((glob) => glob.startsWith('*.')).map((glob) => glob.slice(1));
  const starts = globs.filter((glob) => glob.endsWith('.*')).map((glob) => glob.slice(0, -1));
  const names = new Set(globs.filter((glob) => !glob.includes('*')));
  return (path) => {
    const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
    return (
      names.has(name) ||
      endings.some((ending) => name.endsWith(ending)) ||
      starts.some((start) => name.startsWith(start))
    );
  };
}
