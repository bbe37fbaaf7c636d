/** Decides which files of old commits may be shown: those that could be read today, by the same rules. */
import type { SourceConfig } from '../contract.ts';
import type { SkipReason } from '../sources/file-rules.ts';
import { createGlobFilter, type GlobFilter, type IgnoreScope, isIgnored, openScope } from '../sources/path-filter.ts';
import { isSecretPath } from '../sources/secret-rules.ts';
import { Turns } from '../turns.ts';
import type { RawChange } from './raw-changes.ts';

/** What is never shown, counted by reason. */
export type LeftOut = Partial<Record<SkipReason, number>>;

/** The rules of one codebase, for one question: ignore files are read once a directory. */
export class ShownPaths {
  readonly #root: string;
  readonly #filter: GlobFilter;
  /** Of the question that this is for. */
  readonly turns: Turns;
  readonly #scopes = new Map<string, IgnoreScope>();
  /** Directories that are left out as a whole, with all below them. */
  readonly #closed = new Map<string, SkipReason | undefined>();

  constructor(root: string, { include, exclude }: SourceConfig, signal?: AbortSignal) {
    this.#root = root;
    this.#filter = createGlobFilter(include, exclude);
    this.turns = new Turns(signal);
  }

  /** Why this path, relative to the codebase, is not shown; undefined where it is. */
  reasonAgainst(path: string): SkipReason | undefined {
    if (isSecretPath(path)) return 'secret';
    const slash = path.lastIndexOf('/');
    const directory = slash < 0 ? '' : path.slice(0, slash);
    const closed = this.#closedBy(directory);
    if (closed !== undefined) return closed;
    return this.#verdict(path, directory, false) ?? (this.#filter.includesFile(path) ? undefined : 'excluded');
  }

  /** Why a directory is not shown, with all that is below it. */
  reasonAgainstDirectory(path: string): SkipReason | undefined {
    return this.#closedBy(path);
  }

  #closedBy(directory: string): SkipReason | undefined {
    if (directory === '') return undefined;
    if (this.#closed.has(directory)) return this.#closed.get(directory);
    const parent = directory.slice(0, Math.max(0, directory.lastIndexOf('/')));
    const reason = this.#closedBy(parent) ?? this.#verdict(directory, parent, true);
    this.#closed.set(directory, reason);
    return reason;
  }

  #verdict(path: string, directory: string, isDirectory: boolean): SkipReason | undefined {
    if (isIgnored(this.#scope(directory), path, isDirectory)) return 'ignored';
    return this.#filter.excludes(path) ? 'excluded' : undefined;
  }

  #scope(directory: string): IgnoreScope {
    let scope = this.#scopes.get(directory);
    if (scope === undefined) {
      const parent =
        directory === '' ? undefined : this.#scope(directory.slice(0, Math.max(0, directory.lastIndexOf('/'))));
      scope = openScope(this.#root, directory, parent);
      this.#scopes.set(directory, scope);
    }
    return scope;
  }

  /**
   * The changes that are in the codebase and may be shown, with paths relative to it. A file that was once called as
   * secrets are is left out under its new name, too: what it holds may be the same.
   * @param prefix the codebase's place in the repository
   */
  async select(changes: readonly RawChange[], prefix: string): Promise<{ shown: RawChange[]; leftOut: LeftOut }> {
    const shown: RawChange[] = [];
    const leftOut: LeftOut = {};
    for (const change of changes) {
      if (this.turns.isOver()) await this.turns.rest();
      const path = below(prefix, change.path);
      const oldPath = below(prefix, change.oldPath);
      if (path === undefined || oldPath === undefined) continue;
      const reason = this.reasonAgainst(path) ?? (oldPath === path ? undefined : this.reasonAgainst(oldPath));
      if (reason === undefined) shown.push({ ...change, path, oldPath });
      else leftOut[reason] = (leftOut[reason] ?? 0) + 1;
    }
    return { shown, leftOut };
  }
}

function below(prefix: string, path: string): string | undefined {
  if (prefix === '') return path;
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length + 1) : undefined;
}

/** How many that are in all. */
export function countOf(leftOut: LeftOut): number {
  return Object.values(leftOut).reduce((sum, count) => sum + count, 0);
}
