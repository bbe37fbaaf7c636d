/** Decides how questions about whole codebases are answered: small ones from the tables, heavy ones in the analysis thread. */
import { LRUCache } from 'lru-cache';
import { CodeSageError } from '../errors.ts';
import { sqlList, sqlText } from '../index/lance.ts';
import type { Snapshot } from '../index/snapshot.ts';
import { isTestPath } from '../search/penalties.ts';
import { relativePath } from '../search/read-file.ts';
import { compileGlobs } from '../sources/path-filter.ts';
import { Turns } from '../turns.ts';
import { AnalysisThread } from './analysis-thread.ts';
import { isManifest } from './imports/manifests.ts';
import type {
  AnalysisScope,
  CodeAnalysis,
  DependencyAnswer,
  DuplicatesAnswer,
  DuplicatesRequest,
  FileFacts,
  FilesAnswer,
  ImprovementsAnswer,
  ImprovementsRequest,
  Provenance,
  RelatedAnswer,
  RelatedRequest,
} from './port.ts';
import { rowsOf } from './published-rows.ts';
import { passagesLike, type Search, subjectOf } from './related.ts';
import { counterpartsOf } from './related-files.ts';
import { type TableQuery, tableBatches } from './table-batches.ts';
import type { AnalysisJob, AnalysisResult, Batch } from './worker-protocol.ts';

export type AnalysisDeps = {
  /** Runs `work` over the published version of a codebase. */
  read: <T>(codebase: string, work: (snapshot: Snapshot) => Promise<T>) => Promise<T>;
  /** The codebase and relative path that a written path means. */
  locate: (path: string, codebase: string | undefined) => { codebase: string; relative: string };
  search: Search;
};

/** Long answers are read page by page: they are kept, a few of them, as long as their version is published. */
const keptAnswers = 6;
/** More paths than this in one filter make it slower than reading every row. */
const pathsInFilter = 500;
const maxManifests = 1_000;
const maxRelations = 30;
/** Definitions that are code of their own, or hold such. */
const definitionKinds = 'function method class struct interface trait enum type module test variable constant'.split(
  ' ',
);

/** Answers over the published versions. Owns threads: `close` ends them. */
export class Analysis implements CodeAnalysis {
  readonly #deps: AnalysisDeps;
  readonly #thread = new AnalysisThread();
  readonly #kept = new LRUCache<string, AnalysisResult[AnalysisJob['job']]>({ max: keptAnswers });

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
    return this.#deps.read(scope.codebase, async (snapshot) => {
      const paths = wantedPaths(snapshot, scope, true);
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
        new Turns(signal),
      );
      const accepted = paths === undefined ? undefined : new Set(paths);
      const files = rows.filter(({ path }) => accepted?.has(path) ?? true).sort((x, y) => (x.path < y.path ? -1 : 1));
      return { files, ...provenance(snapshot, startedAt) };
    });
  }

  dependencies(scope: AnalysisScope, signal?: AbortSignal): Promise<DependencyAnswer> {
    return this.#answer({ scope, options: {}, includeTests: true, signal }, (snapshot, paths) => ({
      job: { job: 'dependencies', paths: [...snapshot.files.keys()] },
      queries: [manifestsOf(snapshot), importsOf(snapshot, paths, '')],
    }));
  }

  duplicates(request: DuplicatesRequest, signal?: AbortSignal): Promise<DuplicatesAnswer> {
    const { minSimilarity, minLines, includeTests, ...scope } = request;
    const options = { minSimilarity, minLines };
    return this.#answer({ scope, options, includeTests, signal }, (snapshot, paths) => ({
      job: { job: 'duplicates', ...options },
      queries: [textsOf(snapshot, paths), definitionsOf(snapshot, paths)],
    }));
  }

  improvements(request: ImprovementsRequest, signal?: AbortSignal): Promise<ImprovementsAnswer> {
    const { codebase, pathGlobs, languages, includeTests, includeDuplicates, ...limits } = request;
    const duplicates = includeDuplicates ? { duplicates: { minSimilarity: 0.9, minLines: 20 } } : {};
    const scope = { codebase, pathGlobs, languages };
    const options = { ...limits, ...duplicates };
    return this.#answer({ scope, options, includeTests, signal }, (snapshot, paths) => ({
      job: { job: 'improvements', ...options },
      queries: [textsOf(snapshot, paths), definitionsOf(snapshot, paths)],
    }));
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

  /** Runs a job over one version, unless the same was asked of it a while ago. */
  #answer<J extends AnalysisJob>(
    question: { scope: AnalysisScope; options: object; includeTests: boolean; signal: AbortSignal | undefined },
    plan: (snapshot: Snapshot, paths: string[] | undefined) => { job: J; queries: TableQuery[] },
  ): Promise<AnalysisResult[J['job']] & Provenance> {
    const startedAt = performance.now();
    const { scope, options, includeTests, signal } = question;
    return this.#deps.read(scope.codebase, async (snapshot) => {
      const paths = wantedPaths(snapshot, scope, includeTests);
      const { job, queries } = plan(snapshot, paths);
      const key = JSON.stringify([job.job, snapshot.version, scope.pathGlobs, scope.languages, options, includeTests]);
      // What is kept under a job's name is that job's result.
      const known = this.#kept.get(key) as AnalysisResult[J['job']] | undefined;
      const result = known ?? (await this.#thread.run(job, paths, inTurn(queries), signal));
      if (known === undefined) this.#kept.set(key, result);
      return { ...result, ...provenance(snapshot, startedAt) };
    });
  }
}

function provenance(snapshot: Snapshot, startedAt: number): Provenance {
  return { version: snapshot.version, tookMs: Math.round(performance.now() - startedAt) };
}

/** The paths that a scope means; undefined for all. */
function wantedPaths({ files }: Snapshot, scope: AnalysisScope, includeTests: boolean): string[] | undefined {
  const { pathGlobs, languages } = scope;
  if (pathGlobs.length === 0 && languages.length === 0 && includeTests) return undefined;
  const fits = pathGlobs.length === 0 ? () => true : compileGlobs(pathGlobs);
  const wanted: string[] = [];
  for (const [path, { language }] of files) {
    if (languages.length > 0 && !languages.includes(language)) continue;
    if ((includeTests || !isTestPath(path)) && fits(path)) wanted.push(path);
  }
  return wanted;
}

/** A filter for few paths; many are picked out of all rows afterwards. */
function wherePaths(paths: readonly string[] | undefined): string {
  if (paths === undefined || paths.length > pathsInFilter) return '';
  return ` AND path IN ${sqlList(paths.length > 0 ? paths : [''])}`;
}

const whereFiles = (paths: readonly string[] | undefined) => `skipped = ''${wherePaths(paths)}`;

function textsOf(snapshot: Snapshot, paths: string[] | undefined): TableQuery {
  const columns = ['path', 'language', 'lines', 'text'];
  return { part: 'files', table: snapshot.filesTable, where: whereFiles(paths), columns };
}

function definitionsOf(snapshot: Snapshot, paths: string[] | undefined): TableQuery {
  const columns = 'path language name kind parent ordinal line end_line exported doc_line complexity'.split(' ');
  const where = `role = 'definition' AND kind IN ${sqlList(definitionKinds)}${wherePaths(paths)}`;
  return { part: 'definitions', table: snapshot.symbolsTable, where, columns };
}

function manifestsOf(snapshot: Snapshot): TableQuery {
  const manifests = [...snapshot.files.keys()].filter(isManifest).slice(0, maxManifests);
  const where = `path IN ${sqlList(manifests.length > 0 ? manifests : [''])}`;
  return { part: 'manifests', table: snapshot.filesTable, where, columns: ['path', 'text'] };
}

function importsOf(snapshot: Snapshot, paths: string[] | undefined, more: string): TableQuery {
  const where = `role = 'import'${wherePaths(paths)}${more}`;
  return { part: 'imports', table: snapshot.symbolsTable, where, columns: ['path', 'language', 'name', 'uses'] };
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
