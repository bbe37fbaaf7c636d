/** Decides how a codebase's imports add up: by origin, by language, by module and by file, beside what its manifests declare. */
import type { Cells } from './cells.ts';
import { type Classified, type CodebaseFacts, classify, plainPython } from './imports/classify.ts';
import { CodebasePaths } from './imports/codebase-paths.ts';
import { type ManifestFacts, readManifest } from './imports/manifests.ts';
import { type DeclaredDependency, type FileImports, type ModuleOrigin, type ModuleUse, moduleOrigins } from './port.ts';
import type { Analyzer, DependenciesJob, DependenciesResult } from './worker-protocol.ts';

/** Modules of one origin that are told by name. */
const maxUsed = 200;
const maxDeclared = 2_000;

type Use = { name: string; language: string; origin: ModuleOrigin; imports: number; files: Set<string> };

export class DependencyAnalyzer implements Analyzer<DependenciesResult> {
  readonly #accepts: (path: string) => boolean;
  readonly #facts: CodebaseFacts;
  readonly #uses = new Map<string, Use>();
  readonly #files = new Map<string, FileImports>();

  constructor({ paths }: DependenciesJob, accepts: (path: string) => boolean) {
    this.#accepts = accepts;
    this.#facts = { paths: new CodebasePaths(paths), manifests: { own: [], declared: [] } };
  }

  /** Takes `manifests` (path, text), then `imports` (path, language, name, uses). */
  add(part: string, cells: Cells): void {
    for (let row = 0; row < cells.rows; row++) {
      const path = cells.text('path', row);
      if (part === 'manifests') this.#addManifest(readManifest(path, cells.text('text', row)));
      else if (this.#accepts(path)) this.#addImport(path, cells, row);
    }
  }

  finish(): DependenciesResult {
    const files = [...this.#files.values()].sort((x, y) => (x.path < y.path ? -1 : 1));
    for (const file of files) for (const origin of moduleOrigins) file[origin].sort();
    return {
      totals: byOrigin((origin) => this.#total(origin)),
      byLanguage: byLanguage(files),
      used: byOrigin((origin) => this.#mostUsed(origin)),
      declared: this.#declared(),
      files,
    };
  }

  #addManifest({ own, declared }: ManifestFacts): void {
    const { manifests } = this.#facts;
    manifests.own.push(...own);
    manifests.declared.push(...declared.slice(0, maxDeclared - manifests.declared.length));
  }

  #addImport(path: string, cells: Cells, row: number): void {
    const language = cells.text('language', row);
    const names = cells
      .text('uses', row)
      .split(' ')
      .filter((name) => name !== '');
    const found = classify({ path, language, module: cells.text('name', row), names }, this.#facts);
    const file = this.#files.get(path) ?? { path, language, ...byOrigin((): string[] => []) };
    this.#files.set(path, file);
    if (!file[found.origin].includes(found.name)) file[found.origin].push(found.name);
    this.#count(found, language, path);
  }

  #count({ origin, name }: Classified, language: string, path: string): void {
    const key = `${origin}\n${language}\n${name}`;
    const use = this.#uses.get(key) ?? { name, language, origin, imports: 0, files: new Set() };
    use.imports++;
    use.files.add(path);
    this.#uses.set(key, use);
  }

  #total(origin: ModuleOrigin): { imports: number; modules: number } {
    const uses = [...this.#uses.values()].filter((use) => use.origin === origin);
    return { imports: uses.reduce((sum, use) => sum + use.imports, 0), modules: uses.length };
  }

  #mostUsed(origin: ModuleOrigin): ModuleUse[] {
    return [...this.#uses.values()]
      .filter((use) => use.origin === origin)
      .map(({ name, language, imports, files }) => ({ name, language, imports, files: files.size }))
      .sort((x, y) => y.files - x.files || (x.name < y.name ? -1 : 1))
      .slice(0, maxUsed);
  }

  /** Imports tell of packages whose modules bear their names; of others nothing is said. */
  #declared(): DeclaredDependency[] {
    const used = new Map<string, number>();
    for (const { origin, name, language, files } of this.#uses.values()) {
      if (origin === 'standard_library') continue;
      const key = `${ecosystemOf[language] ?? ''}:${plainPython(name)}`;
      used.set(key, (used.get(key) ?? 0) + files.size);
    }
    return this.#facts.manifests.declared.map((one) => {
      if (!tellsUse.has(one.ecosystem)) return one;
      const files = used.get(`${one.ecosystem}:${plainPython(one.name)}`) ?? 0;
      // Distributions of Python may have other names than their modules.
      return files === 0 && one.ecosystem === 'python' ? one : { ...one, files };
    });
  }
}

const tellsUse: ReadonlySet<string> = new Set(['npm', 'go', 'cargo', 'python']);
const ecosystemOf: Readonly<Record<string, string>> = {
  astro: 'npm',
  go: 'go',
  javascript: 'npm',
  python: 'python',
  rust: 'cargo',
  svelte: 'npm',
  typescript: 'npm',
  vue: 'npm',
};

function byOrigin<T>(make: (origin: ModuleOrigin) => T): Record<ModuleOrigin, T> {
  return {
    internal: make('internal'),
    standard_library: make('standard_library'),
    third_party: make('third_party'),
    unresolved: make('unresolved'),
  };
}

function byLanguage(files: readonly FileImports[]): DependenciesResult['byLanguage'] {
  const languages = new Map<string, DependenciesResult['byLanguage'][number]>();
  for (const file of files) {
    const entry = languages.get(file.language) ?? { language: file.language, files: 0, ...byOrigin(() => 0) };
    entry.files++;
    for (const origin of moduleOrigins) entry[origin] += file[origin].length;
    languages.set(file.language, entry);
  }
  return [...languages.values()].sort((x, y) => y.files - x.files || (x.language < y.language ? -1 : 1));
}
