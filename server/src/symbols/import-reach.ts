/**
 * Decides which files an import can mean, by comparing what it says with paths. No build configuration is read, so a
 * path that merely ends as the import says counts, the less of it the weaker.
 */
import { posix } from 'node:path';
import type { Turns } from '../turns.ts';
import type { Import } from './facts.ts';
import { familyOf } from './families.ts';

/** 2: the import names this file or its package; 1: it may; 0: it does not. */
export type Reach = 0 | 1 | 2;

type Target = { path: string; directory: string; stem: string; segments: readonly string[] };

/** What an import names, as path segments; `rooted`: counted from the codebase's root, not any end of a path. */
type Wanted = { segments: readonly string[]; rooted: boolean };

const extension = /\.(?:d\.)?[A-Za-z0-9]+$/;
/** File names that stand for their directory. */
const directoryFiles = new Set(['index', '__init__', 'mod', 'lib', 'main', 'init', 'package']);

/** A Go module: what imports call it, and the directory of its go.mod ('' for the codebase's root). */
export type GoModule = { module: string; directory: string };

/** Files that imports may mean, found by the words of their paths. */
export class ImportReach {
  readonly #byWord = new Map<string, Target[]>();
  /** Go files by directory. */
  readonly #byDirectory = new Map<string, string[]>();
  /** Many files have the same imports. */
  readonly #known = new Map<string, ReadonlyMap<string, Reach>>();

  /** Directories of Go modules, by what imports call them. */
  readonly #goRoots: ReadonlyMap<string, string>;

  constructor(paths: Iterable<string>, goModules: readonly GoModule[] = []) {
    this.#goRoots = new Map(goModules.map(({ module, directory }) => [module, directory]));
    for (const path of new Set(paths)) this.#index(targetOf(path));
  }

  /** The same for the paths of a whole codebase. */
  static async inTurns(paths: Iterable<string>, goModules: readonly GoModule[], turns: Turns): Promise<ImportReach> {
    const reach = new ImportReach([], goModules);
    for (const path of paths) {
      if (turns.isOver()) await turns.rest();
      reach.#index(targetOf(path));
    }
    return reach;
  }

  /** The files that an import reaches. */
  of(one: Import): ReadonlyMap<string, Reach> {
    const folder = one.module.startsWith('.') ? posix.dirname(one.path) : '';
    const key = [one.language, folder, one.module, ...one.names].join('\n');
    const known = this.#known.get(key) ?? this.#find(one);
    this.#known.set(key, known);
    return known;
  }

  #find(one: Import): Map<string, Reach> {
    const found = new Map<string, Reach>();
    for (const target of this.#near(one)) {
      const reach = reachOf(one, target);
      if (reach > 0) found.set(target.path, reach);
    }
    const root = familyOf(one.language) === 'go' ? this.#goRoots.get(one.module) : undefined;
    if (root !== undefined) for (const path of this.#byDirectory.get(root) ?? []) found.set(path, 2);
    return found;
  }

  #index(target: Target): void {
    if (this.#goRoots.size > 0 && target.path.endsWith('.go')) {
      const beside = this.#byDirectory.get(target.directory);
      if (beside === undefined) this.#byDirectory.set(target.directory, [target.path]);
      else beside.push(target.path);
    }
    for (const word of new Set(target.segments.map(plain))) {
      const known = this.#byWord.get(word);
      if (known === undefined) this.#byWord.set(word, [target]);
      else known.push(target);
    }
  }

  #near(one: Import): Set<Target> {
    const near = new Set<Target>();
    const words = wantedOf(one).flatMap(({ segments }) =>
      segments.slice(directoryFiles.has(segments.at(-1) ?? '') ? -2 : -1),
    );
    for (const word of [...words, ...one.names])
      for (const target of this.#byWord.get(plain(word)) ?? []) near.add(target);
    return near;
  }
}

function targetOf(path: string): Target {
  const stem = path.replace(extension, '');
  return { path, directory: directoryOf(path), stem, segments: stem.split('/') };
}

/** '' for the codebase's root. */
export function directoryOf(path: string): string {
  const directory = posix.dirname(path);
  return directory === '.' ? '' : directory;
}

/** `user_store` of Elixir's `UserStore`. */
function plain(segment: string): string {
  return segment.toLowerCase().replace(/[_-]/g, '');
}

function wantedOf(one: Import): Wanted[] {
  const { module, path, language } = one;
  const family = familyOf(language);
  const folder = posix.dirname(path);
  if (family === 'python' && module.startsWith('.')) return [relativePython(module, folder)];
  if (/^\.{1,2}(?:\/|$)/.test(module))
    return [{ segments: split(posix.join(folder, module).replace(/\.[cm]?[jt]sx?$/, '')), rooted: true }];
  if (family === 'js')
    return [{ segments: split(module.replace(/^[@~#]?\//, '').replace(/\.[cm]?[jt]sx?$/, '')), rooted: false }];
  if (family === 'go') return [{ segments: module.split('/'), rooted: false }];
  if (family === 'c') return [{ segments: split(module.replace(extension, '')), rooted: false }];
  if (family === 'rust')
    return [
      {
        segments: split(module.replaceAll('::', '/')).filter((part) => !/^(?:crate|self|super)$/.test(part)),
        rooted: false,
      },
    ];
  if (family === 'shell' || family === 'protobuf' || family === 'zig')
    return [{ segments: split(module.replace(extension, '')), rooted: false }];
  return [{ segments: module.split(/[./\\:]+/).filter((part) => part !== ''), rooted: false }];
}

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

/** `..pkg.mod` counted from the folder of the file that says so. */
function relativePython(module: string, folder: string): Wanted {
  const dots = /^\.+/.exec(module)?.[0].length ?? 1;
  const base = folder === '.' ? [] : folder.split('/');
  const up = base.slice(0, Math.max(0, base.length - (dots - 1)));
  return {
    segments: [
      ...up,
      ...module
        .slice(dots)
        .split('.')
        .filter((part) => part !== ''),
    ],
    rooted: true,
  };
}

/** How surely one import means one file. */
function reachOf(one: Import, target: Target): Reach {
  let best: Reach = 0;
  for (const wanted of wantedOf(one)) {
    const reach =
      familyOf(one.language) === 'go' ? goReach(wanted.segments, target) : fileReach(wanted, one.names, target);
    if (reach > best) best = reach;
  }
  return best;
}

/** A module's root is known by its go.mod. Else a Go import ends in the package's directory, or the directory (a vendored module) ends in the import. */
function goReach(segments: readonly string[], { directory }: Target): Reach {
  if (directory === '') return 0;
  const folders = directory.split('/');
  const shared = commonEnd(segments, folders);
  if (shared < Math.min(segments.length, folders.length)) return 0;
  return shared > 1 ? 2 : 1;
}

function fileReach({ segments, rooted }: Wanted, names: readonly string[], target: Target): Reach {
  const own = directoryFiles.has(target.segments.at(-1) ?? '')
    ? [target.segments, target.segments.slice(0, -1)]
    : [target.segments];
  // `from package import module`, `import com.acme.Thing`: the last part of the path is among the names.
  const paths = [segments, ...names.map((name) => [...segments, name])];
  for (const path of paths) {
    for (const candidate of own) {
      const shared = commonEnd(path, candidate);
      if (path.length > 0 && shared === path.length && (!rooted || shared === candidate.length))
        return shared > 1 || rooted ? 2 : 1;
    }
  }
  return packageReach({ segments, rooted }, target);
}

/** A directory whose files an import of it may bring in: a package that re-exports them, a Java package, a crate. */
function packageReach({ segments, rooted }: Wanted, { segments: target }: Target): Reach {
  const folder = target.slice(0, -1);
  if (segments.length === 0) return 0;
  if (rooted) {
    const at = directoryFiles.has(segments.at(-1) ?? '') ? segments.slice(0, -1) : segments;
    return commonStart(at, folder) === at.length ? 1 : 0;
  }
  const shared = commonEnd(segments, folder);
  if (shared === segments.length && shared > 1) return 2;
  const last = plain(segments.at(-1) ?? '');
  // A workspace package: `@acme/store/cart` is `packages/store/src/cart`.
  return plain(target.at(-1) ?? '') === last || (segments.length <= 2 && folder.some((part) => plain(part) === last))
    ? 1
    : 0;
}

function commonEnd(a: readonly string[], b: readonly string[]): number {
  let count = 0;
  while (
    count < a.length &&
    count < b.length &&
    plain(a[a.length - 1 - count] as string) === plain(b[b.length - 1 - count] as string)
  )
    count++;
  return count;
}

function commonStart(a: readonly string[], b: readonly string[]): number {
  let count = 0;
  while (count < a.length && count < b.length && a[count] === b[count]) count++;
  return count;
}
