/** Decides what somebody who never saw a codebase should know first, from its state and the facts of its files. */

import { languageKind } from '../analysis/language-kinds.ts';
import type { FileFacts } from '../analysis/port.ts';
import type { CodebaseStatus } from '../contract.ts';
import { uriOf } from './uri.ts';

/** Entries of each list: an overview is read whole, so it stays near a page. */
const most = { languages: 12, directories: 15, manifests: 20, entryPoints: 20 };

const manifestNames = new Set(
  'package.json go.mod pyproject.toml setup.py requirements.txt Cargo.toml pom.xml build.gradle build.gradle.kts Gemfile composer.json mix.exs CMakeLists.txt Makefile Dockerfile docker-compose.yml Chart.yaml'.split(
    ' ',
  ),
);

/** Where programs begin by the customs of their languages. */
const entryPoint =
  /(?:^|\/)(?:main\.(?:go|rs|py|ts|js|mjs|c|cc|cpp|java|kt|swift|dart|cs)|Main\.(?:java|kt|hs)|Program\.cs|__main__\.py|manage\.py|wsgi\.py|asgi\.py|app\.(?:py|rb|ts|js)|server\.(?:ts|js|py)|index\.(?:ts|js|mjs|php)|lib\.rs|config\.ru)$/;
const testOrExample = /(?:^|\/)(?:tests?|__tests__|spec|examples?|fixtures|testdata|vendor|third_party)\//i;

/** The overview in Markdown. `files` is undefined while the codebase was never indexed. */
export function renderOverview(status: CodebaseStatus, files: readonly FileFacts[] | undefined): string {
  const { name } = status;
  const lines = [`# ${name}`, '', stateLine(status), ''];
  if (files === undefined) return [...lines, 'Nothing of it can be searched yet; see get_index_status.', ''].join('\n');
  const section = (title: string, entries: string[], all: number, more: string) =>
    entries.length === 0
      ? []
      : [
          `## ${title}`,
          '',
          ...entries,
          ...(all > entries.length ? [`- … ${all - entries.length} more: ${more}`] : []),
          '',
        ];
  const languages = totals(files, ({ language }) => language);
  const directories = totals(files, ({ path }) => directoryOf(path));
  const manifests = byDepth(files.filter(({ path }) => manifestNames.has(path.slice(path.lastIndexOf('/') + 1))));
  const entries = byDepth(files.filter(isEntryPoint));
  const readme = byDepth(files.filter(({ path }) => /^readme(?:\.\w+)?$/i.test(path)))[0];
  return [
    ...lines,
    ...(readme === undefined ? [] : [`Its own introduction: ${uriOf({ codebase: name, path: readme.path })}`, '']),
    ...section('Languages', languages.slice(0, most.languages).map(countLine), languages.length, 'count_lines_of_code'),
    ...section(
      'Main directories',
      directories.slice(0, most.directories).map(countLine),
      directories.length,
      'list_files',
    ),
    ...section('Manifests', manifests.slice(0, most.manifests).map(pathLine), manifests.length, 'list_files'),
    ...section('Likely entry points', entries.slice(0, most.entryPoints).map(pathLine), entries.length, 'list_files'),
    `Read on: list_files with view "tree"; get_dependencies_overview for what it is built on; semantic_search_codebase with codebase_path "${name}" for how it does something.`,
    '',
  ].join('\n');
}

function stateLine({ state, files, chunks, revision, indexedAt, problem }: CodebaseStatus): string {
  const made = indexedAt === undefined ? '' : `, indexed at ${indexedAt}`;
  const from = revision === undefined ? '' : ` from commit ${revision}`;
  const trouble = problem === undefined ? '' : ` ${problem.code}: ${problem.message}`;
  return `State: ${state}; ${files} files in ${chunks} chunks${made}${from}.${trouble}`;
}

type Total = { name: string; files: number; lines: number };

/** Files and lines by group, the largest first. */
function totals(files: readonly FileFacts[], groupOf: (file: FileFacts) => string): Total[] {
  const groups = new Map<string, Total>();
  for (const file of files) {
    const name = groupOf(file);
    const group = groups.get(name) ?? { name, files: 0, lines: 0 };
    groups.set(name, { name, files: group.files + 1, lines: group.lines + file.lines });
  }
  return [...groups.values()].toSorted((x, y) => y.lines - x.lines || (x.name < y.name ? -1 : 1));
}

/** The first two levels of a path: one level says little where everything is below src. */
function directoryOf(path: string): string {
  const parts = path.split('/').slice(0, -1);
  return parts.length === 0 ? '(top)' : `${parts.slice(0, 2).join('/')}/`;
}

function isEntryPoint({ path, language }: FileFacts): boolean {
  return languageKind(language) === 'code' && entryPoint.test(path) && !testOrExample.test(`/${path}`);
}

/** Nearest to the top first: deep ones belong to parts. */
function byDepth(files: readonly FileFacts[]): FileFacts[] {
  const depth = ({ path }: FileFacts) => path.split('/').length;
  return files.toSorted((x, y) => depth(x) - depth(y) || (x.path < y.path ? -1 : 1));
}

function countLine({ name, files, lines }: Total): string {
  return `- ${name}: ${files} ${files === 1 ? 'file' : 'files'}, ${lines} lines`;
}

function pathLine({ path, lines }: FileFacts): string {
  return `- ${path} (${lines} lines)`;
}
