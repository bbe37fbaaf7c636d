/** Decides which codebase a caller means, and whether it can be searched. */
import { isAbsolute, normalize, sep } from 'node:path';
import type { Problem } from '../contract.ts';
import { CodeSageError } from '../errors.ts';
import type { Codebase } from './codebase.ts';
import type { Snapshot } from './snapshot.ts';

export class CodebaseDirectory {
  readonly all: readonly Codebase[];
  readonly #byName: ReadonlyMap<string, Codebase>;

  constructor(all: readonly Codebase[]) {
    this.all = all;
    this.#byName = new Map(all.map((codebase) => [codebase.name, codebase]));
  }

  /** By configured name, or by the directory it is made from. @throws CodeSageError `UnknownCodebase`. */
  get(name: string): Codebase {
    const wanted = normalize(name).replace(/(.)\/+$/, '$1');
    const found = this.#byName.get(name) ?? this.all.find(({ config }) => sameDirectory(config.path, wanted));
    if (found !== undefined) return found;
    const names = this.all.map((codebase) => codebase.name).join(', ');
    throw new CodeSageError(
      'UnknownCodebase',
      `There is no codebase "${name}".`,
      names === '' ? 'No codebase is configured: add a source.' : `Use one of: ${names}.`,
    );
  }

  /** What can be searched of a codebase. @throws CodeSageError `NotIndexedYet`, `IndexCorrupted`, `IndexFormatUnsupported`. */
  published(codebase: Codebase): Snapshot {
    const { failure, snapshot } = codebase.store;
    if (failure !== undefined) throw failure;
    if (snapshot !== undefined) return snapshot;
    const { problem } = codebase.status();
    throw new CodeSageError(
      'NotIndexedYet',
      `"${codebase.name}" has no index yet${problem === undefined ? '' : `: ${problem.message}`}.`,
      'Wait until get_index_status shows it as Ready.',
    );
  }

  /** The codebase and relative path that `path` means, with or without a codebase's name given apart. */
  locate(path: string, name: string | undefined): { codebase: Codebase; relative: string } {
    if (name !== undefined) {
      const codebase = this.get(name);
      const inRoot = isAbsolute(path) ? below(codebase.source.root, path) : undefined;
      return { codebase, relative: inRoot ?? path };
    }
    if (isAbsolute(path)) {
      for (const codebase of this.all) {
        const relative = below(codebase.source.root, path);
        if (relative !== undefined) return { codebase, relative };
      }
      throw new CodeSageError(
        'PathNotAllowed',
        `${path} is in no codebase.`,
        'Write codebase/path, as in search results.',
      );
    }
    const [first = '', ...rest] = path.split('/');
    const codebase = this.#byName.get(first);
    if (codebase !== undefined && rest.length > 0) return { codebase, relative: rest.join('/') };
    const only = this.all.length === 1 ? this.all[0] : undefined;
    return { codebase: only ?? this.get(first), relative: path };
  }

  /** The index's own problem, if one codebase has any. */
  indexProblem(): Problem | undefined {
    return this.all
      .map((codebase) => codebase.status().problem)
      .find((problem) => problem?.code === 'IndexCorrupted' || problem?.code === 'IndexFormatUnsupported');
  }
}

function sameDirectory(path: string | undefined, wanted: string): boolean {
  return path !== undefined && normalize(path).replace(/(.)\/+$/, '$1') === wanted;
}

function below(root: string, path: string): string | undefined {
  const clean = normalize(path);
  const base = root.endsWith(sep) ? root : root + sep;
  return clean.startsWith(base) ? clean.slice(base.length) : undefined;
}
