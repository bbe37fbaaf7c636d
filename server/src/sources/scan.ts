/** Decides which files of a directory tree are candidates for the index, and counts the others by reason. */
import { type Dirent, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { type SkipReason, skipReasonOfName } from './file-rules.ts';
import { createGlobFilter, type IgnoreScope, isIgnored, openScope } from './path-filter.ts';

export type ScanRules = { include: string[]; exclude: string[]; maxFileSizeBytes: number };
export type ScannedFile = { path: string; sizeBytes: number; mtimeMs: number };
export type ScanResult = { files: ScannedFile[]; skipped: Partial<Record<SkipReason, number>> };

/** A directory that is yet to be listed, and the rules that hold where it is. */
type Pending = { directory: string; parent: IgnoreScope | undefined };

/** Where a scan begins (relative directories, '' for the root), and how many directories may wait before it leaves the rest to others. */
export type ScanSpan = { from: readonly string[]; mostWaiting: number };
/** `rest`: directories that take part and were not looked into. */
export type ScanPart = ScanResult & { rest: string[] };

const everything: ScanSpan = { from: [''], mostWaiting: Number.POSITIVE_INFINITY };

/**
 * Walks `root`, or a part of it, without following symbolic links. Paths are relative with forward slashes, in a stable
 * order. An ignored directory counts once. It works synchronously: call it in a worker thread.
 */
export function scanTree(root: string, rules: ScanRules, { from, mostWaiting } = everything): ScanPart {
  const realRoot = realpathSync(root);
  const filter = createGlobFilter(rules.include, rules.exclude);
  const files: ScannedFile[] = [];
  const skipped: Partial<Record<SkipReason, number>> = {};
  const skip = (reason: SkipReason) => {
    skipped[reason] = (skipped[reason] ?? 0) + 1;
  };

  function visitFile(path: string): void {
    const named = filter.includesFile(path) ? skipReasonOfName(path) : 'excluded';
    const stats = named === undefined ? lstatSync(`${realRoot}/${path}`, { throwIfNoEntry: false }) : undefined;
    if (named !== undefined) skip(named);
    else if (stats === undefined) return;
    else if (!stats.isFile()) skip('special');
    else if (stats.size > rules.maxFileSizeBytes) skip('tooLarge');
    else files.push({ path, sizeBytes: stats.size, mtimeMs: stats.mtimeMs });
  }

  /** Returns the directory to look into, if the entry is one that takes part. */
  function visit(entry: Dirent, path: string, scope: IgnoreScope): Pending | undefined {
    const isDirectory = entry.isDirectory();
    if (isIgnored(scope, path, isDirectory)) skip('ignored');
    else if (filter.excludes(path)) skip('excluded');
    else if (entry.isSymbolicLink()) skip(isInside(realRoot, join(realRoot, path)) ? 'symlink' : 'symlinkOutside');
    else if (isDirectory) return { directory: path, parent: scope };
    else if (entry.isFile()) visitFile(path);
    else skip('special');
    return undefined;
  }

  const scopes = scopesOf(realRoot);
  const pending: Pending[] = from.map((directory) => ({ directory, parent: scopes(parentOf(directory)) }));
  let at = 0;
  // Level by level: then what is left over are large parts of the tree, not its last corner.
  for (; at < pending.length && pending.length - at <= mostWaiting; at++) {
    const { directory, parent } = pending[at] as Pending;
    const entries = listDirectory(join(realRoot, directory));
    if (entries === undefined) {
      // An unreadable root is a failure; an unreadable corner of the tree is not.
      if (directory === '') throw new Error(`cannot list ${root}`);
      skip('unreadable');
      continue;
    }
    const scope = openScope(realRoot, directory, parent, (name) => entries.some((entry) => entry.name === name));
    for (const entry of entries) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
      const below = visit(entry, path, scope);
      if (below !== undefined) pending.push(below);
    }
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, skipped, rest: pending.slice(at).map(({ directory }) => directory) };
}

/** The directory that one is in; undefined for the root. */
function parentOf(directory: string): string | undefined {
  return directory === '' ? undefined : directory.slice(0, Math.max(0, directory.lastIndexOf('/')));
}

/** Gives the rules that hold in a directory, read from the root down to it, each directory's once. */
function scopesOf(root: string): (directory: string | undefined) => IgnoreScope | undefined {
  const known = new Map<string, IgnoreScope>();
  return function scopeOf(directory): IgnoreScope | undefined {
    if (directory === undefined) return undefined;
    const scope: IgnoreScope = known.get(directory) ?? openScope(root, directory, scopeOf(parentOf(directory)));
    known.set(directory, scope);
    return scope;
  };
}

function listDirectory(path: string): Dirent[] | undefined {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return undefined;
  }
}

/** True when `path`, with all links followed, exists and is inside `realRoot`. */
export function isInside(realRoot: string, path: string): boolean {
  try {
    const real = realpathSync(path);
    return real === realRoot || real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep);
  } catch {
    return false;
  }
}
