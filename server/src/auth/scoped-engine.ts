/**
 * Decides what of the engine a limited caller reaches: the caller's codebases, as if there were no others. Every method is
 * written out, so that a new one of the port has to be thought about before it compiles.
 */
import type { CodeAnalysis } from '../analysis/port.ts';
import { isEmbeddingProblem, type SourceConfig } from '../contract.ts';
import type { Engine, EngineStatus } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import type { CodeHistory } from '../history/port.ts';
import type { SymbolIndex } from '../symbols/port.ts';
import { VisibleCodebases } from './visible-codebases.ts';

/**
 * The engine as somebody sees it who may see only `sources`. Answers come from the same caches as everybody's: they are
 * kept by the versions of the codebases that were asked, which this view has named one by one.
 */
export function scopeEngine(engine: Engine, sources: readonly SourceConfig[]): Engine {
  const visible = new VisibleCodebases(sources);
  const over = searcher(engine, visible);
  return {
    start: () => engine.start(),
    stop: () => engine.stop(),
    isServing: () => engine.isServing(),
    ...(engine.opened !== undefined && { opened: (signal) => engine.opened?.(signal) ?? Promise.resolve() }),
    status: async () => visibleStatus(await engine.status(), visible),
    semanticSearch: (request, signal) =>
      over(request.codebases, (codebases) => engine.semanticSearch({ ...request, codebases }, signal)),
    exactSearch: (request, signal) =>
      over(request.codebases, (codebases) => engine.exactSearch({ ...request, codebases }, signal)),
    symbols: scopeSymbols(engine.symbols, visible, over),
    analysis: scopeAnalysis(engine.analysis, visible, over),
    history: scopeHistory(engine.history, visible),
    readFile: async (path, name) => {
      const place = name === undefined ? visible.locate(path) : { codebase: visible.get(name), path };
      return engine.readFile(place.path, place.codebase);
    },
    indexCodebase: async (name, options) => engine.indexCodebase(visible.get(name), options),
    cacheStatistics: () => engine.cacheStatistics(),
    clearCaches: (names) => engine.clearCaches(names),
    pruneCaches: (olderThanMs) => engine.pruneCaches(olderThanMs),
    persistedCacheBytes: () => engine.persistedCacheBytes(),
    relieveMemory: (fraction) => engine.relieveMemory(fraction),
  };
}

/** Runs `work` over the codebases named, or over all that the caller may see. */
type Over = <T extends object>(
  names: readonly string[],
  work: (codebases: string[]) => Promise<T>,
) => Promise<T & { notice?: string }>;

/** What keeps one codebase from being searched, and leaves the others searchable. */
const absentCodes: readonly string[] = ['NotIndexedYet', 'IndexCorrupted', 'IndexFormatUnsupported'];

/**
 * The engine answers a question about all codebases without those that cannot be searched. Named ones it refuses, so
 * where one of several is in the way the question is put again without it, and the answer says so.
 */
function searcher(engine: Engine, visible: VisibleCodebases): Over {
  return async function searchVisible<T extends object>(
    names: readonly string[],
    work: (codebases: string[]) => Promise<T & { notice?: string }>,
  ) {
    const wanted = visible.named(names);
    try {
      return await work(wanted);
    } catch (error) {
      const mayDoWithout =
        names.length === 0 && error instanceof CodeSageError && absentCodes.includes(error.code) && wanted.length > 1;
      if (!mayDoWithout) throw error;
      const { codebases } = await engine.status();
      const searchable = wanted.filter((name) => codebases.some((one) => one.name === name && isSearchable(one)));
      if (searchable.length === 0 || searchable.length === wanted.length) throw error;
      const absent = wanted.filter((name) => !searchable.includes(name));
      const answer = await work(searchable);
      const told = `Not searched: ${absent.join(', ')}. See get_index_status.`;
      return { ...answer, notice: answer.notice === undefined ? told : `${told} ${answer.notice}` };
    }
  };
}

function isSearchable({ indexedAt, problem }: EngineStatus['codebases'][number]): boolean {
  return indexedAt !== undefined && !absentCodes.includes(problem?.code ?? '');
}

/** Figures of the index and the volume stay those of the whole server. */
function visibleStatus(status: EngineStatus, { names }: VisibleCodebases): EngineStatus {
  const codebases = status.codebases.filter(({ name }) => names.includes(name));
  const { problem, ...index } = status.index;
  const concerns =
    problem !== undefined &&
    (isEmbeddingProblem(problem) || codebases.some((one) => one.problem?.code === problem.code));
  // The engine's problem is that of the first codebase that has any, which may be another than the caller's.
  const own = codebases.find((one) => one.problem?.code === problem?.code)?.problem ?? problem;
  return { ...status, codebases, index: concerns && own !== undefined ? { ...index, problem: own } : index };
}

function scopeSymbols(symbols: SymbolIndex, visible: VisibleCodebases, over: Over): SymbolIndex {
  const whole = (path: string) => {
    const place = visible.locate(path);
    return `${place.codebase}/${place.path}`;
  };
  return {
    findDefinitions: (request, signal) =>
      over(request.codebases, (codebases) => symbols.findDefinitions({ ...request, codebases }, signal)),
    findReferences: (request, signal) =>
      over(request.codebases, (codebases) => symbols.findReferences({ ...request, codebases }, signal)),
    trace: (request, signal) =>
      over(request.codebases, (codebases) => symbols.trace({ ...request, codebases }, signal)),
    functionDependencies: async (request, signal) =>
      symbols.functionDependencies({ ...request, path: whole(request.path) }, signal),
    outline: async (path, name, signal) => {
      const place = name === undefined ? visible.locate(path) : { codebase: visible.get(name), path };
      return symbols.outline(place.path, place.codebase, signal);
    },
    undocumented: async (request, signal) => {
      const { path } = request;
      if (path !== undefined) return symbols.undocumented({ ...request, path: whole(path) }, signal);
      return over(request.codebases, (codebases) => symbols.undocumented({ ...request, codebases }, signal));
    },
  };
}

function scopeAnalysis(analysis: CodeAnalysis, visible: VisibleCodebases, over: Over): CodeAnalysis {
  const narrowed = <T extends { codebase: string }>(request: T): T => ({
    ...request,
    codebase: visible.get(request.codebase),
  });
  return {
    files: async (scope, signal) => analysis.files(narrowed(scope), signal),
    dependencies: async (scope, signal) => analysis.dependencies(narrowed(scope), signal),
    duplicates: async (request, signal) => analysis.duplicates(narrowed(request), signal),
    improvements: async (request, signal) => analysis.improvements(narrowed(request), signal),
    related: async (request, signal) => {
      const { path, codebase } =
        request.codebase === undefined
          ? visible.locate(request.path)
          : { codebase: visible.get(request.codebase), path: request.path };
      if (!request.everywhere) return analysis.related({ ...request, path, codebase }, signal);
      return over([], (among) => analysis.related({ ...request, path, codebase, among }, signal));
    },
    isAtHand: async (kind, request) => analysis.isAtHand(kind, narrowed(request)),
  };
}

function scopeHistory(history: CodeHistory, visible: VisibleCodebases): CodeHistory {
  const narrowed = <T extends { codebase: string }>(request: T): T => ({
    ...request,
    codebase: visible.get(request.codebase),
  });
  return {
    commits: async (request, signal) => history.commits(narrowed(request), signal),
    diff: async (request, signal) => history.diff(narrowed(request), signal),
    search: async (request, signal) => history.search(narrowed(request), signal),
  };
}
