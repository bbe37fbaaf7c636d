/** Decides which files belong to one: its tests, those that import it, those that it imports. */
import type { Cells } from './cells.ts';
import { type CodebaseFacts, classify } from './imports/classify.ts';
import { CodebasePaths, folderOf } from './imports/codebase-paths.ts';
import { readManifest } from './imports/manifests.ts';
import type { Analyzer, RelationsJob, RelationsResult } from './worker-protocol.ts';

const maxCounterparts = 5;
const testAffix = /(?:[._-](?:tests?|spec|unittest)|(?<=[a-z0-9])(?:Tests?|Spec|Suite|IT))$|^tests?[_-]|^Test(?=[A-Z])/;

function stemOf(path: string): { stem: string; isTest: boolean } {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/(?:\.d)?\.\w+$/, '');
  const stem = name.replace(testAffix, '');
  return { stem: stem.toLowerCase(), isTest: stem !== name };
}

/** Tests of a file, or what a test is of: files of the same name but for the mark of a test, the nearest first. */
export function counterpartsOf(path: string, paths: Iterable<string>): string[] {
  const own = stemOf(path);
  const extension = path.slice(path.lastIndexOf('.') + 1);
  const found: { path: string; shared: number }[] = [];
  for (const other of paths) {
    // Cheap first: this looks at every path of the codebase.
    if (!other.toLowerCase().includes(own.stem) || !isKin(extension, other)) continue;
    const { stem, isTest } = stemOf(other);
    if (stem === own.stem && isTest !== own.isTest) found.push({ path: other, shared: sharedParts(path, other) });
  }
  const most = Math.max(0, ...found.map(({ shared }) => shared));
  // A common name such as `index` has tests all over the codebase: only those beside it are its own.
  return found
    .filter(({ shared }) => shared >= most - 1)
    .toSorted((x, y) => y.shared - x.shared || (x.path < y.path ? -1 : 1))
    .slice(0, maxCounterparts)
    .map((one) => one.path);
}

function isKin(extension: string, path: string): boolean {
  const other = path.slice(path.lastIndexOf('.') + 1);
  return extension === other || (/^[cm]?[jt]sx?$/.test(extension) && /^[cm]?[jt]sx?$/.test(other));
}

/** Parts that both paths have, in order, wherever they stand: `src/a/b.py` and `tests/a/test_b.py` share `a`. */
function sharedParts(x: string, y: string): number {
  const parts = new Set(folderOf(y).split('/'));
  return folderOf(x)
    .split('/')
    .filter((part) => parts.has(part)).length;
}

/** Follows the imports of one file, and those of others that may mean it. */
export class RelationAnalyzer implements Analyzer<RelationsResult> {
  readonly #job: RelationsJob;
  readonly #facts: CodebaseFacts;
  readonly #imports = new Set<string>();
  readonly #importedBy = new Set<string>();

  constructor(job: RelationsJob) {
    this.#job = job;
    this.#facts = { paths: new CodebasePaths(job.paths), manifests: { own: [], declared: [] } };
  }

  /** Takes `manifests` (path, text), then `imports` (path, language, name, uses). */
  add(part: string, cells: Cells): void {
    const { path: subject } = this.#job;
    const folder = folderOf(subject);
    for (let row = 0; row < cells.rows; row++) {
      const path = cells.text('path', row);
      if (part === 'manifests') {
        const { own, declared } = readManifest(path, cells.text('text', row));
        this.#facts.manifests.own.push(...own);
        this.#facts.manifests.declared.push(...declared);
        continue;
      }
      const language = cells.text('language', row);
      const names = cells.text('uses', row).split(' ');
      const { target } = classify({ path, language, module: cells.text('name', row), names }, this.#facts);
      if (target === undefined) continue;
      // The root of a codebase is a package in Go only.
      if (target === '' && language !== 'go') continue;
      if (path === subject) this.#imports.add(target === '' ? '.' : target);
      // A package of Go or Java is a directory: who imports it may use any file of it.
      else if (target === subject || target === folder) this.#importedBy.add(path);
    }
  }

  finish(): RelationsResult {
    this.#imports.delete(this.#job.path);
    return { imports: [...this.#imports].sort(), importedBy: [...this.#importedBy].sort() };
  }
}
