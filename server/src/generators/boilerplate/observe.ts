/** Decides which files of a codebase are looked at to learn its conventions, and reads them. */
import type { FileFacts } from '../../analysis/port.ts';
import type { Engine } from '../../engine.ts';
import { CodeSageError } from '../../errors.ts';
import { type Conventions, conventionsOf, type SampleFile } from './conventions.ts';
import type { LanguageTemplate } from './template.ts';

const mostSiblings = 4;
const mostOthers = 4;
const mostTests = 4;
const leastBytes = 100;
const mostBytes = 100_000;
const test = /(?:^|[/._-])(?:tests?|specs?|__tests__)(?:[/._-]|$)|(?:Tests?|Spec)\.\w+$/;
const manifests = [
  'package.json',
  'pyproject.toml',
  'requirements-dev.txt',
  'Gemfile',
  'composer.json',
  'pom.xml',
  'build.gradle',
  'build.gradle.kts',
  'Directory.Packages.props',
];

/** What was learned of a codebase, and from which files. */
export type Observed = { conventions: Conventions; samples: string[] };

/**
 * Learns the conventions of the language's files in one codebase, those next to the new file above all.
 * @throws CodeSageError `UnknownCodebase`, `NotIndexedYet`, `Cancelled`.
 */
export async function observeConventions(
  engine: Engine,
  { codebase, directory, template }: { codebase: string; directory: string; template: LanguageTemplate },
  signal: AbortSignal,
): Promise<Observed> {
  const { language } = template;
  const { files } = await engine.analysis.files({ codebase, pathGlobs: [], languages: [language] }, signal);
  const { siblings, others, tests } = chosen(files, directory);
  const read = (paths: readonly string[]) => readAll(engine, codebase, paths, signal);
  const near = await read(siblings);
  const far = await read(others);
  const testFiles = await read(tests);
  const framework = frameworkOf(template, testFiles) ?? frameworkOf(template, await read(manifests));
  const samples = [...near, ...far];
  return {
    conventions: {
      ...conventionsOf(samples, near, language),
      ...(framework !== undefined && { testFramework: framework }),
    },
    samples: [...samples, ...testFiles].map(({ path }) => path),
  };
}

/** The most used language of the codebase that there is a template for. */
export async function mainLanguage(
  engine: Engine,
  codebase: string,
  known: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const { files } = await engine.analysis.files({ codebase, pathGlobs: [], languages: [...known] }, signal);
  const bytes = new Map<string, number>();
  for (const { language, sizeBytes } of files) bytes.set(language, (bytes.get(language) ?? 0) + sizeBytes);
  return [...bytes].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** Files of the new one's directory, others from all over the codebase, and tests. */
function chosen(files: readonly FileFacts[], directory: string): Record<'siblings' | 'others' | 'tests', string[]> {
  const fit = files
    .filter(({ sizeBytes }) => sizeBytes >= leastBytes && sizeBytes <= mostBytes)
    .map(({ path }) => path);
  const code = fit.filter((path) => !test.test(path));
  const isSibling = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/'))) === directory;
  const siblings = (code.some(isSibling) ? code : fit).filter(isSibling);
  return {
    siblings: spread(siblings, mostSiblings),
    others: spread(
      code.filter((path) => !isSibling(path)),
      mostOthers,
    ),
    tests: spread(
      fit.filter((path) => test.test(path)),
      mostTests,
    ),
  };
}

/** As many as wanted, evenly from all. */
function spread(paths: readonly string[], wanted: number): string[] {
  const step = Math.max(1, paths.length / wanted);
  return Array.from(
    { length: Math.min(wanted, paths.length) },
    (_, index) => paths[Math.floor(index * step)] as string,
  );
}

/** What cannot be read is no sample; a call that was cancelled ends. */
async function readAll(
  engine: Engine,
  codebase: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<SampleFile[]> {
  const samples: SampleFile[] = [];
  for (const path of paths) {
    if (signal.aborted) throw new CodeSageError('Cancelled', 'The call was cancelled.', 'Call again.');
    const file = await engine.readFile(path, codebase).catch(() => undefined);
    if (file !== undefined) samples.push({ path, text: file.text });
  }
  return samples;
}

/** The framework that most of the files show. */
function frameworkOf({ testFrameworks }: LanguageTemplate, files: readonly SampleFile[]): string | undefined {
  const counts = testFrameworks.map(({ name, sign }) => ({
    name,
    count: files.filter(({ text }) => sign.test(text.slice(0, mostBytes))).length,
  }));
  const best = counts.reduce<{ name: string; count: number } | undefined>(
    (most, one) => (one.count > (most?.count ?? 0) ? one : most),
    undefined,
  );
  return best?.name;
}
