/** Decides how questions about whole codebases are answered: small ones from the tables, heavy ones in the analysis thread. */
import { LRUCache } from 'lru-cache';
import { CodeSageError } from '../errors.ts';
import { sqlText } from '../index/lance.ts';
import { rowsOf } from '../index/published-rows.ts';
import type { Snapshot } from '../index/snapshot.ts';
import { relativePath } from '../search/read-file.ts';
import { Turns, throwIfCancelled } from '../turns.ts';
import { AnalysisThread } from './analysis-thread.ts';
import type {
  AnalysisScope,
  CodeAnalysis,
  DependencyAnswer,
  DuplicatesAnswer,
  DuplicatesRequest,
  FileFacts,
  FilesAnswer,
  HeavyRequests,
  ImprovementsAnswer,
  ImprovementsRequest,
  Provenance,
  RelatedAnswer,
  RelatedRequest,
} from './port.ts';
import { importsOf, manifestsOf, type Question, questionKey, questions, wantedPaths, whereFiles } from './questions.ts';
import { passagesLike, type Search, subjectOf } from './related.ts';
import { counterpartsOf } from './related-files.ts';
import { type TableQuery, tableBatches } from './table-batches.ts';
import type { AnalysisResult, Batch } from './worker-protocol.ts';

export type AnalysisDeps = {
  /** Runs `work` over the published version of a codebase. */
  read: <T>(codebase: string, work: (snapshot: Snapshot) => Promise<T>) => Promise<T>;
  /** The codebase and relative path that a written path means. */
  locate: (path: string, codebase: string | undefined) => { codebase: string; relative: string };
  search: Search;
};

/** Long answers are read page by page: they are kept, a few of them, as long as their version is published. */
const keptAnswers = 6;
const maxRelations = 30;
/** Answers over the published versions. Owns threads: `close` ends them. */
export class Analysis implements CodeAnalysis {
  readonly #deps: AnalysisDeps;
  readonly #thread = new AnalysisThread();
  readonly #running = new Map<string, Promise<AnalysisResult[keyof HeavyRequests]>>();
  readonly #kept = new LRUCache<string, AnalysisResult[keyof HeavyRequests]>({ max: keptAnswers });

  constructor(deps: AnalysisDeps) {
    this.#deps = deps;
  }

  /** Drops the answers that were kept for their next pages: they are made again when asked for. */
  forget(): void {
    this.#kept.clear();
  }

  /** Ends the threads; what still runs is rejected. */
  close(): Promise<void> {
    this.forget();
    return this.#thread.release();
  }

  files(scope: AnalysisScope, signal?: AbortSignal): Promise<FilesAnswer> {
    const startedAt = performance.now();
    const turns = new Turns(signal);
    return this.#deps.read(scope.codebase, async (snapshot) => {
      const paths = await wantedPaths(snapshot, scope, true, turns);
      const columns = ['path', 'language', 'size_bytes', 'lines', 'code_lines', 'comment_lines', 'blank_lines'];
      const rows = await rowsOf(
        { table: snapshot.filesTable, where: whereFiles(paths), columns },
        ({ text, int }): FileFacts => ({
          path: text('path'),
          language: text('language'),
          sizeBytes: int('size_bytes'),
          lines: int('lines'),
          codeLines: int('code_lines'),
          commentLines: int('comment_lines'),
          blankLines: int('blank_lines'),
        }),
        turns,
      );
      const accepted = paths === undefined ? undefined : new Set(paths);
      const files = rows.filter(({ path }) => accepted?.has(path) ?? true).sort((x, y) => (x.path < y.path ? -1 : 1));
      await turns.rest();
      return { files, ...provenance(snapshot, startedAt) };
    });
  }

  dependencies(scope: AnalysisScope, signal?: AbortSignal): Promise<DependencyAnswer> {
    return this.#answer(questions.dependencies(scope), signal);
  }

  duplicates(request: DuplicatesRequest, signal?: AbortSignal): Promise<DuplicatesAnswer> {
    return this.#answer(questions.duplicates(request), signal);
  }

  improvements(request: ImprovementsRequest, signal?: AbortSignal): Promise<ImprovementsAnswer> {
    return this.#answer(questions.improvements(request), signal);
  }

  isAtHand<K extends keyof HeavyRequests>(kind: K, request: HeavyRequests[K]): Promise<boolean> {
    const question = questions[kind](request);
    return this.#deps.read(question.scope.codebase, async ({ version }) => {
      const key = questionKey(question, version);
      return this.#kept.has(key) || this.#running.has(key);
    });
  }

  async related(request: RelatedRequest, signal?: AbortSignal): Promise<RelatedAnswer> {
    const startedAt = performance.now();
    const { codebase, relative } = this.#deps.locate(request.path, request.codebase);
    const path = relativePath(relative);
    return this.#deps.read(codebase, async (snapshot) => {
      if (!snapshot.files.has(path)) {
        const remedy = 'Use a path from a search result or from list_files.';
        throw new CodeSageError('FileNotFound', `${path} is not in the index of "${codebase}".`, remedy);
      }
      const subject = await subjectOf(snapshot, path, request);
      const [passages, relations] = await Promise.all([
        passagesLike(subject, request, this.#deps.search, signal),
        this.#relations(snapshot, path, signal),
      ]);
      const { text: _, ...place } = subject;
      return {
        subject: place,
        passages,
        counterparts: counterpartsOf(path, snapshot.files.keys()),
        importedBy: relations.importedBy.slice(0, maxRelations),
        imports: relations.imports.slice(0, maxRelations),
        ...provenance(snapshot, startedAt),
      };
    });
  }

  #relations(snapshot: Snapshot, path: string, signal: AbortSignal | undefined): Promise<AnalysisResult['relations']> {
    const mentioned = [...new Set(namesOfFile(path))].map(
      (name) => `contains(name, ${sqlText(name)}) OR contains(uses, ${sqlText(name)})`,
    );
    const filter = ` AND (path = ${sqlText(path)} OR ${mentioned.join(' OR ')})`;
    const queries = [manifestsOf(snapshot), importsOf(snapshot, undefined, filter)];
    return this.#thread.run(
      { job: 'relations', path, paths: [...snapshot.files.keys()] },
      undefined,
      inTurn(queries),
      signal,
    );
  }

  /** The answer that is kept or being worked out, or else a new one. */
  #answer<K extends keyof HeavyRequests>(
    question: Question<K>,
    signal: AbortSignal | undefined,
  ): Promise<AnalysisResult[K] & Provenance> {
    const startedAt = performance.now();
    return this.#deps.read(question.scope.codebase, async (snapshot) => {
      const key = questionKey(question, snapshot.version);
      for (;;) {
        throwIfCancelled(signal);
        // What is kept under a question's key answers that question.
        const known = (this.#kept.get(key) ?? this.#running.get(key)) as Awaitable<AnalysisResult[K]> | undefined;
        try {
          const result = await (known ?? this.#work(key, question, snapshot, signal));
          return { ...result, ...provenance(snapshot, startedAt) };
        } catch (error) {
          // Who asked first went away; the others still want to know.
          const isOthers = known !== undefined && error instanceof CodeSageError && error.code === 'Cancelled';
          if (!isOthers) throw error;
        }
      }
    });
  }

  /** Runs a job, which others who ask the same may wait for. */
  #work<K extends keyof HeavyRequests>(
    key: string,
    question: Question<K>,
    snapshot: Snapshot,
    signal: AbortSignal | undefined,
  ): Promise<AnalysisResult[K]> {
    const run = async (): Promise<AnalysisResult[K]> => {
      const paths = await wantedPaths(snapshot, question.scope, question.includeTests, new Turns(signal));
      const { job, queries } = question.plan(snapshot, paths);
      const result = await this.#thread.run(job, paths, inTurn(queries), signal);
      this.#kept.set(key, result);
      return result;
    };
    const running = run().finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    return running;
  }
}

type Awaitable<T> = T | Promise<T>;

function provenance(snapshot: Snapshot, startedAt: number): Provenance {
  return { version: snapshot.version, tookMs: Math.round(performance.now() - startedAt) };
}

/** Words by which other files may import a file: its name, and its directory's where that stands for a package. */
function namesOfFile(path: string): string[] {
  const parts = path.split('/');
  const stem = (parts.at(-1) ?? '').replace(/(?:\.d)?\.\w+$/, '');
  const folder = parts.at(-2);
  const isPackage = /\.(?:go|java|kt|scala|rs|cs)$/.test(path) || /^(?:index|__init__|mod|lib|main)$/.test(stem);
  return isPackage && folder !== undefined ? [stem, folder] : [stem];
}

async function* inTurn(queries: readonly TableQuery[]): AsyncGenerator<Batch, void> {
  for (const query of queries) yield* tableBatches(query);
}
