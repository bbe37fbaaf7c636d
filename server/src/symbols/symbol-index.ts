/** Decides how questions about symbols reach the published versions of the codebases that they are about. */
import { CodeSageError } from '../errors.ts';
import { relativePath } from '../search/read-file.ts';
import { functionDependencies } from './dependencies.ts';
import { findDefinitions } from './find-definitions.ts';
import { findReferences } from './find-references.ts';
import type { FindFiles } from './mentions.ts';
import { nest } from './outline.ts';
import type { OutlineAnswer, SymbolIndex } from './port.ts';
import type { StoredFile, SymbolStore } from './store.ts';
import { trace } from './trace.ts';
import { undocumentedInAll, undocumentedInFile } from './undocumented-scan.ts';

export type SymbolIndexDeps = {
  /** Runs `work` over the published versions of the codebases named, or of all when none is named. */
  read: <T>(codebases: readonly string[], work: (stores: readonly SymbolStore[]) => Promise<T>) => Promise<T>;
  /** The codebase and relative path that a written path means. */
  locate: (path: string, codebase: string | undefined) => { codebase: string; relative: string };
  findFiles: FindFiles;
};

/** Answers questions about symbols from the index alone; no file is read. */
export function createSymbolIndex({ read, locate, findFiles }: SymbolIndexDeps): SymbolIndex {
  const timed = async <T extends object>(work: Promise<T>): Promise<T & { tookMs: number }> => {
    const startedAt = performance.now();
    const answer = await work;
    return { ...answer, tookMs: Math.round((performance.now() - startedAt) * 10) / 10 };
  };
  const inFile = async <T>(
    path: string,
    name: string | undefined,
    work: (store: SymbolStore, path: string, file: StoredFile) => Promise<T>,
  ): Promise<T> => {
    const { codebase, relative } = locate(path, name);
    const clean = relativePath(relative);
    return read([codebase], async ([store]) => {
      const file = store?.file(clean);
      if (store === undefined || file === undefined) throw notIndexed(clean, codebase);
      return work(store, clean, file);
    });
  };
  return {
    findDefinitions: (request) => timed(read(request.codebases, (stores) => findDefinitions(stores, request))),
    findReferences: (request) => timed(read(request.codebases, (stores) => findReferences(stores, request, findFiles))),
    trace: (request) => timed(read(request.codebases, (stores) => trace(stores, request))),
    functionDependencies: (request) =>
      timed(inFile(request.path, undefined, (store, path) => functionDependencies(store, path, request))),
    outline: (path, name) => inFile(path, name, outlineOf),
    undocumented: (request) => {
      if (request.path === undefined) return read(request.codebases, (stores) => undocumentedInAll(stores, request));
      return inFile(request.path, undefined, (store, path, file) => undocumentedInFile(store, path, file, request));
    },
  };
}

function notIndexed(path: string, codebase: string): CodeSageError {
  return new CodeSageError(
    'FileNotFound',
    `${path} is not in the index of "${codebase}": there is no such file, or it is ignored, binary, generated or too large.`,
    'Use a path from a search result or from the list of files.',
  );
}

async function outlineOf(store: SymbolStore, path: string, file: StoredFile): Promise<OutlineAnswer> {
  const [definitions, imports, problem] = await Promise.all([
    store.definitionsIn([path]),
    store.importsIn([path]),
    store.syntaxProblem(path),
  ]);
  return {
    codebase: store.codebase,
    path,
    // The index knows the language of a file better than its name does (a C++ header).
    language: definitions[0]?.language ?? file.language,
    lines: file.lines,
    outline: nest(definitions),
    imports: imports.map(({ module, names, line }) => ({ module, names: [...names], line })),
    problem,
  };
}
