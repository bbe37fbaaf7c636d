/** Decides how questions about symbols reach the published versions of the codebases that they are about. */
import { CodeSageError } from '../errors.ts';
import { relativePath } from '../search/read-file.ts';
import { Turns } from '../turns.ts';
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
  /** Runs `work` over the published versions of the codebases named, or of all when none is named; rows are read in `turns`. `notice` says which of all are missing. */
  read: <T>(
    codebases: readonly string[],
    turns: Turns,
    work: (stores: readonly SymbolStore[], notice?: string | undefined) => Promise<T>,
  ) => Promise<T>;
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
  /** Runs `work` in turns over the stores of these codebases. */
  const inTurns = <T extends object>(
    codebases: readonly string[],
    signal: AbortSignal | undefined,
    work: (stores: readonly SymbolStore[], turns: Turns) => Promise<T>,
  ): Promise<T & { notice?: string }> => {
    const turns = new Turns(signal);
    return read(codebases, turns, async (stores, notice) => ({
      ...(await work(stores, turns)),
      ...(notice !== undefined && { notice }),
    }));
  };
  const inFile = async <T extends object>(
    path: string,
    name: string | undefined,
    signal: AbortSignal | undefined,
    work: (store: SymbolStore, file: { path: string } & StoredFile, turns: Turns) => Promise<T>,
  ): Promise<T> => {
    const { codebase, relative } = locate(path, name);
    const clean = relativePath(relative);
    return inTurns([codebase], signal, async ([store], turns) => {
      const file = store?.file(clean);
      if (store === undefined || file === undefined) throw notIndexed(clean, codebase);
      return work(store, { path: clean, language: file.language, lines: file.lines }, turns);
    });
  };
  return {
    findDefinitions: (request, signal) =>
      timed(inTurns(request.codebases, signal, (stores, turns) => findDefinitions(stores, request, turns))),
    findReferences: (request, signal) => {
      const findMentions = (codebase: string, name: string) => findFiles(codebase, name, signal);
      return timed(
        inTurns(request.codebases, signal, (stores, turns) => findReferences(stores, request, findMentions, turns)),
      );
    },
    trace: (request, signal) =>
      timed(inTurns(request.codebases, signal, (stores, turns) => trace(stores, request, turns))),
    functionDependencies: (request, signal) =>
      timed(
        inFile(request.path, undefined, signal, (store, { path }, turns) =>
          functionDependencies(store, path, request, turns),
        ),
      ),
    outline: (path, name, signal) => inFile(path, name, signal, outlineOf),
    undocumented: (request, signal) => {
      const { path } = request;
      if (path !== undefined)
        return inFile(path, undefined, signal, (store, file) => undocumentedInFile(store, file, request));
      return inTurns(request.codebases, signal, (stores, turns) => undocumentedInAll(stores, request, turns));
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

async function outlineOf(
  store: SymbolStore,
  { path, language, lines }: { path: string } & StoredFile,
): Promise<OutlineAnswer> {
  const [definitions, imports, problem] = await Promise.all([
    store.definitionsIn([path]),
    store.importsIn([path]),
    store.syntaxProblem(path),
  ]);
  return {
    codebase: store.codebase,
    path,
    // The index knows the language of a file better than its name does (a C++ header).
    language: definitions[0]?.language ?? language,
    lines,
    outline: nest(definitions),
    imports: imports.map(({ module, names, line }) => ({ module, names: [...names], line })),
    problem,
  };
}
