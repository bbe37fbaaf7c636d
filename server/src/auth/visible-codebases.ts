/** Decides which codebase a limited caller means: what the caller may not see is refused in the words for what is not there. */
import { isAbsolute, normalize, relative, sep } from 'node:path';
import type { SourceConfig } from '../contract.ts';
import { CodeSageError } from '../errors.ts';

/** A file by its codebase and its path in there. */
export type PlaceInCodebase = { codebase: string; path: string };

/** The codebases that one caller may see, and how names and paths lead to them. */
export class VisibleCodebases {
  readonly names: readonly string[];
  readonly #roots: readonly { name: string; root: string }[];

  /** @param sources those that the caller may see */
  constructor(sources: readonly SourceConfig[]) {
    this.names = sources.map(({ name }) => name);
    this.#roots = sources.flatMap(({ name, path }) => (path === undefined ? [] : [{ name, root: trimmed(path) }]));
  }

  /** The name of the codebase that `name` is, or is the directory of. @throws CodeSageError `UnknownCodebase`. */
  get(name: string): string {
    if (this.names.includes(name)) return name;
    const directory = trimmed(name);
    const found = this.#roots.find(({ root }) => root === directory);
    if (found !== undefined) return found.name;
    throw this.#unknown(name);
  }

  /**
   * The codebases to ask about, never none: the engine would take that for all there are.
   * @throws CodeSageError `UnknownCodebase`.
   */
  named(names: readonly string[]): string[] {
    if (names.length > 0) return [...new Set(names.map((name) => this.get(name)))];
    if (this.names.length > 0) return [...this.names];
    throw new CodeSageError('UnknownCodebase', 'There is no codebase that this token may see.', this.#remedy());
  }

  /**
   * The file that a path means: `codebase/path`, an absolute path below a codebase's directory, or a path of the one
   * codebase there is.
   * @throws CodeSageError `UnknownCodebase`, `PathNotAllowed`.
   */
  locate(path: string): PlaceInCodebase {
    if (isAbsolute(path)) {
      for (const { name, root } of this.#roots) {
        const inside = below(root, path);
        if (inside !== undefined) return { codebase: name, path: inside };
      }
      throw new CodeSageError(
        'PathNotAllowed',
        `${path} is in no codebase.`,
        'Write codebase/path, as in search results.',
      );
    }
    const [first = '', ...rest] = path.split('/');
    if (rest.length > 0 && this.names.includes(first)) return { codebase: first, path: rest.join('/') };
    const [only, ...others] = this.names;
    if (only !== undefined && others.length === 0) return { codebase: only, path };
    throw this.#unknown(first);
  }

  #unknown(name: string): CodeSageError {
    return new CodeSageError('UnknownCodebase', `There is no codebase "${name}".`, this.#remedy());
  }

  #remedy(): string {
    if (this.names.length > 0) return `Use one of: ${this.names.join(', ')}.`;
    return 'Ask whoever runs the server for access to one.';
  }
}

function trimmed(path: string): string {
  return normalize(path).replace(/(.)\/+$/, '$1');
}

/** `path` as seen from `root`, if it is inside. */
function below(root: string, path: string): string | undefined {
  const rest = relative(root, path);
  const isOutside = rest === '' || rest === '..' || rest.startsWith(`..${sep}`) || isAbsolute(rest);
  return isOutside ? undefined : rest;
}
