/** Decides which files of a codebase a path or a dotted name can mean. */
import { posix } from 'node:path';

const scriptExtensions = [
  '',
  '.ts',
  '.tsx',
  '.mts',
  '.cts',
  '.js',
  '.jsx',
  '.mjs',
  '.cjs',
  '.d.ts',
  '.json',
  '.vue',
  '.svelte',
];
/** What an import writes as `.js` may be written in TypeScript. */
const scriptSuffix = /\.[cm]?jsx?$/;

/** The files of a codebase by path, and its directories by their ends. */
export class CodebasePaths {
  readonly #files: ReadonlySet<string>;
  readonly #directories = new Map<string, string[]>();
  /** Directories that hold a file of the ending, from the whole path down to the last part, each with its directory. */
  readonly #ends = new Map<string, string>();

  constructor(paths: Iterable<string>) {
    this.#files = new Set(paths);
    for (const path of this.#files) {
      const directory = folderOf(path);
      const known = this.#directories.get(directory);
      if (known !== undefined) known.push(path);
      else {
        this.#directories.set(directory, [path]);
        this.#addEnds(directory);
      }
    }
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** Files directly in a directory; none for one that has no files. */
  filesIn(directory: string): readonly string[] {
    return this.#directories.get(directory) ?? [];
  }

  /** A directory whose path ends with these parts. */
  directoryEnding(parts: readonly string[]): string | undefined {
    return this.#ends.get(parts.join('/'));
  }

  /** The file that a path without its extension, or a directory with an index, means in JavaScript. */
  script(path: string): string | undefined {
    const clean = posix.normalize(path).replace(/\/$/, '');
    const stems = scriptSuffix.test(clean) ? [clean, clean.replace(scriptSuffix, '')] : [clean];
    for (const stem of [...stems, posix.join(clean, 'index')]) {
      for (const extension of scriptExtensions) if (this.has(stem + extension)) return stem + extension;
    }
    return undefined;
  }

  /** The file of a Python module below a directory. */
  python(directory: string, parts: readonly string[]): string | undefined {
    const stem = posix.join(directory, ...parts);
    return [`${stem}.py`, `${stem}.pyi`, `${stem}/__init__.py`, `${stem}/__init__.pyi`].find((path) => this.has(path));
  }

  #addEnds(directory: string): void {
    for (let at = 0; at >= 0 && at < directory.length; ) {
      const end = directory.slice(at);
      if (!this.#ends.has(end)) this.#ends.set(end, directory);
      const slash = directory.indexOf('/', at);
      at = slash < 0 ? -1 : slash + 1;
    }
  }
}

export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
