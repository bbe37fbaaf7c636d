/** Decides which paths of a tree take part: ignore files of every directory, then the source's include and exclude globs. */
import { join } from 'node:path';
import createIgnore, { type Ignore } from 'ignore';
import { compileGlob } from './glob.ts';
import { readRegularFile } from './regular-file.ts';

export const ignoreFileNames = ['.gitignore', '.codesageignore'] as const;
/** Never entered: version control's data, our own, and installed packages, which are no part of a codebase. */
const neverEntered = new Set(['.git', '.hg', '.svn', '.jj', '.codesage', 'node_modules']);

/** The ignore rules that hold in one directory: its own, and those of the directories above it. */
export type IgnoreScope = { directory: string; rules: Ignore | undefined; parent: IgnoreScope | undefined };

/**
 * The scope of `directory` (relative, '' for the root), given its parent's. Reads the directory's ignore files.
 * @param isListed spares looking for files that the directory's listing does not have: most directories have none
 */
export function openScope(
  root: string,
  directory: string,
  parent: IgnoreScope | undefined,
  isListed: (name: string) => boolean = () => true,
): IgnoreScope {
  let rules: Ignore | undefined;
  for (const name of ignoreFileNames) {
    if (!isListed(name)) continue;
    const text = readIgnoreFile(join(root, directory, name));
    if (text !== undefined) rules = (rules ?? createIgnore()).add(text);
  }
  return { directory, rules, parent };
}

/** More than anyone writes; what a file holds beyond that is no list of patterns. */
const maxIgnoreFileBytes = 1024 * 1024;

/** As git does, a link or a pipe in the place of an ignore file counts as none: it could lead out, or never end. */
function readIgnoreFile(path: string): string | undefined {
  try {
    return readRegularFile(path, maxIgnoreFileBytes)?.toString('utf8');
  } catch {
    return undefined;
  }
}

/** True when the nearest rule that speaks about `path` ignores it, as git decides it. */
export function isIgnored(scope: IgnoreScope, path: string, isDirectory: boolean): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (neverEntered.has(name)) return true;
  for (let at: IgnoreScope | undefined = scope; at !== undefined; at = at.parent) {
    if (at.rules === undefined) continue;
    const relative = at.directory === '' ? path : path.slice(at.directory.length + 1);
    const verdict = at.rules.test(isDirectory ? `${relative}/` : relative);
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return false;
}

export type GlobFilter = { includesFile: (path: string) => boolean; excludes: (path: string) => boolean };

/**
 * Compiles globs as people write them: without a slash they match at any depth, a directory stands for all below it, and
 * `!` in front takes away what the others match, or, alone, leaves all else.
 */
export function compileGlobs(globs: readonly string[]): (path: string) => boolean {
  if (globs.length === 0) return () => false;
  const wanted = globs.filter((glob) => !glob.startsWith('!')).flatMap(compileOne);
  const unwanted = globs.filter((glob) => glob.startsWith('!')).flatMap((glob) => compileOne(glob.slice(1)));
  const takesAll = globs.every((glob) => glob.startsWith('!'));
  return (path) => (takesAll || wanted.some((fits) => fits(path))) && !unwanted.some((fits) => fits(path));
}

function compileOne(glob: string): ((path: string) => boolean)[] {
  const trimmed = glob.replace(/^\.?\//, '').replace(/\/+$/, '');
  if (trimmed === '') return [];
  return [compileGlob(`${trimmed.includes('/') ? trimmed : `**/${trimmed}`}/**`)];
}

/** The filter of a source's `include` and `exclude`. Without any include, every file is included. */
export function createGlobFilter(include: readonly string[], exclude: readonly string[]): GlobFilter {
  const included = compileGlobs(include);
  return { includesFile: include.length === 0 ? () => true : included, excludes: compileGlobs(exclude) };
}

/**
 * True when a file at `path` would be left out by ignore files or by `exclude`, judged directory by directory from the
 * root; used where a single file is asked for.
 */
export function isPathFiltered(root: string, path: string, filter: GlobFilter): boolean {
  const segments = path.split('/');
  let scope = openScope(root, '', undefined);
  for (let depth = 1; depth <= segments.length; depth++) {
    const part = segments.slice(0, depth).join('/');
    const isDirectory = depth < segments.length;
    if (isIgnored(scope, part, isDirectory) || filter.excludes(part)) return true;
    if (isDirectory) scope = openScope(root, part, scope);
  }
  return !filter.includesFile(path);
}
