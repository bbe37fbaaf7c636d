/** Decides what the analysis thread is given to answer a question about a whole codebase, and which questions are the same. */
import { sqlList } from '../index/lance.ts';
import type { Snapshot } from '../index/snapshot.ts';
import { isTestPath } from '../search/penalties.ts';
import { compileGlobs } from '../sources/path-filter.ts';
import type { Turns } from '../turns.ts';
import { isManifest } from './imports/manifests.ts';
import type { AnalysisScope, HeavyRequests } from './port.ts';
import type { TableQuery } from './table-batches.ts';
import type { AnalysisJob } from './worker-protocol.ts';

/** More paths than this in one filter make it slower than reading every row. */
const pathsInFilter = 500;
const maxManifests = 1_000;
/** Definitions that are code of their own, or hold such. */
const definitionKinds = 'function method class struct interface trait enum type module test variable constant'.split(
  ' ',
);

/** A question as far as it does not depend on the version that is asked. */
export type Question<K extends keyof HeavyRequests> = {
  kind: K;
  scope: AnalysisScope;
  options: object;
  includeTests: boolean;
  plan: (
    snapshot: Snapshot,
    paths: string[] | undefined,
  ) => { job: Extract<AnalysisJob, { job: K }>; queries: TableQuery[] };
};

type Questions = { [K in keyof HeavyRequests]: (request: HeavyRequests[K]) => Question<K> };

/** What each kind of question asks for. */
export const questions: Questions = {
  dependencies: (scope) => ({
    kind: 'dependencies',
    scope,
    options: {},
    includeTests: true,
    plan: (snapshot, paths) => ({
      job: { job: 'dependencies', paths: [...snapshot.files.keys()] },
      queries: [manifestsOf(snapshot), importsOf(snapshot, paths, '')],
    }),
  }),
  duplicates: ({ minSimilarity, minLines, includeTests, ...scope }) => ({
    kind: 'duplicates',
    scope,
    options: { minSimilarity, minLines },
    includeTests,
    plan: (snapshot, paths) => ({
      job: { job: 'duplicates', minSimilarity, minLines },
      queries: [textsOf(snapshot, paths), definitionsOf(snapshot, paths)],
    }),
  }),
  improvements: ({ codebase, pathGlobs, languages, includeTests, includeDuplicates, ...limits }) => {
    const options = { ...limits, ...(includeDuplicates && { duplicates: { minSimilarity: 0.9, minLines: 20 } }) };
    return {
      kind: 'improvements',
      scope: { codebase, pathGlobs, languages },
      options,
      includeTests,
      plan: (snapshot, paths) => ({
        job: { job: 'improvements', ...options },
        queries: [textsOf(snapshot, paths), definitionsOf(snapshot, paths)],
      }),
    };
  },
};

/** What makes two questions to one version the same. */
export function questionKey<K extends keyof HeavyRequests>(question: Question<K>, version: string): string {
  const { kind, scope, options, includeTests } = question;
  return JSON.stringify([kind, version, scope.pathGlobs, scope.languages, options, includeTests]);
}

/** The paths that a scope means; undefined for all. */
export async function wantedPaths(
  { files }: Snapshot,
  scope: AnalysisScope,
  includeTests: boolean,
  turns: Turns,
): Promise<string[] | undefined> {
  const { pathGlobs, languages } = scope;
  if (pathGlobs.length === 0 && languages.length === 0 && includeTests) return undefined;
  const fits = pathGlobs.length === 0 ? () => true : compileGlobs(pathGlobs);
  const wanted: string[] = [];
  for (const [path, { language }] of files) {
    if (turns.isOver()) await turns.rest();
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

export const whereFiles = (paths: readonly string[] | undefined) => `skipped = ''${wherePaths(paths)}`;

function textsOf(snapshot: Snapshot, paths: string[] | undefined): TableQuery {
  const columns = ['path', 'language', 'lines', 'text'];
  return { part: 'files', table: snapshot.filesTable, where: whereFiles(paths), columns };
}

function definitionsOf(snapshot: Snapshot, paths: string[] | undefined): TableQuery {
  const columns = 'path language name kind parent ordinal line end_line exported doc_line complexity'.split(' ');
  const where = `role = 'definition' AND kind IN ${sqlList(definitionKinds)}${wherePaths(paths)}`;
  return { part: 'definitions', table: snapshot.symbolsTable, where, columns };
}

export function manifestsOf(snapshot: Snapshot): TableQuery {
  const manifests = [...snapshot.files.keys()].filter(isManifest).slice(0, maxManifests);
  const where = `path IN ${sqlList(manifests.length > 0 ? manifests : [''])}`;
  return { part: 'manifests', table: snapshot.filesTable, where, columns: ['path', 'text'] };
}

export function importsOf(snapshot: Snapshot, paths: string[] | undefined, more: string): TableQuery {
  const where = `role = 'import'${wherePaths(paths)}${more}`;
  return { part: 'imports', table: snapshot.symbolsTable, where, columns: ['path', 'language', 'name', 'uses'] };
}
