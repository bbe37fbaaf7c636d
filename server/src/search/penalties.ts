/** Decides how much less a file counts for what it is: tests, examples, re-exports (semble's published path penalties), prose. */
import { documentLanguages } from '../chunking/languages.ts';
import { isTestPath } from '../test-paths.ts';
import { weights } from './weights.ts';

export { isTestPath };

const compatDirectory = /(?:^|\/)(?:compat|_compat|legacy)(?:\/|$)/;
/** The published names, and others for code that shows or measures the code that is asked for. */
const exampleDirectory = /(?:^|\/)(?:_?examples?|docs?_src|samples?|demos?|playgrounds?|benches|benchmarks?)(?:\/|$)/;
/** Code in the folder of the documents: snippets, scripts that make them. */
const documentDirectory = /(?:^|\/)docs?\//;
const reExports = new Set(['__init__.py', 'package-info.java']);
/** Types without code, beside the code that they are about. */
const declarations = /\.(?:d\.[cm]?ts|pyi)$/;

/** True for examples, and what is kept for old callers only. */
export function isExamplePath(path: string): boolean {
  return exampleDirectory.test(path) || compatDirectory.test(path);
}

/** Languages of documents and data: they speak of code, with the words of a question, and are seldom what it is after. */
const proseLanguages = new Set([...documentLanguages, 'css', 'csv']);
/** What is asked for is not lessened. */
const asksForExamples = /\b(?:examples?|samples?|demos?|playgrounds?|bench(?:es|marks?|marking)?)\b/i;
const asksForTests = /\b(?:tests?|testing|specs?|fixtures?)\b/i;
/** Documents by their kind or by a file name of theirs. */
const asksForProse =
  /\b(?:docs?|documentation|readme|changelog|release notes|tutorial|guide|licen[cs]e|manifests?|workflows?|stylesheets?|\w+\.(?:md|rst|txt|json|ya?ml|toml|ini|xml|html|css))\b/i;

/** What lessens a file's score, each a factor from 0 to 1. */
export type PenaltyName = keyof typeof weights.penalties;
export type Penalty = { name: Exclude<PenaltyName, 'wantedTests'>; factor: number };

/** What is known of a file that may be less than what is asked for. */
export type JudgedFile = {
  path: string;
  language: string;
  /** False: none of its chunks that were found defines anything. */
  defines: boolean;
};

/** True for a language of documents and data. */
export function isProse(language: string): boolean {
  return proseLanguages.has(language);
}

type PathTraits = Record<'tests' | 'compat' | 'examples' | 'documents' | 'reExports' | 'declarations', boolean>;
const mostKnown = 20_000;
const known = new Map<string, PathTraits>();

/** What a path says of its file, remembered: searches find the same files again and again. */
function traitsOf(path: string): PathTraits {
  const before = known.get(path);
  if (before !== undefined) return before;
  const traits: PathTraits = {
    tests: isTestPath(path),
    compat: compatDirectory.test(path),
    examples: exampleDirectory.test(path),
    documents: documentDirectory.test(path),
    reExports: reExports.has(path.slice(path.lastIndexOf('/') + 1)),
    declarations: declarations.test(path),
  };
  if (known.size >= mostKnown) known.clear();
  known.set(path, traits);
  return traits;
}

/** All reasons to count a file for less; they multiply. A query that asks for tests or documents lifts theirs. */
export function penaltiesOf({ path, language, defines }: JudgedFile, query: string): Penalty[] {
  const { penalties } = weights;
  const found: Penalty[] = [];
  const add = (name: Penalty['name'], factor: number = penalties[name]) => found.push({ name, factor });
  const traits = traitsOf(path);
  if (traits.tests) add('tests', asksForTests.test(query) ? penalties.wantedTests : penalties.tests);
  if (traits.compat) add('compat');
  if (traits.examples && !asksForExamples.test(query)) add('examples');
  if (traits.documents && !asksForProse.test(query) && !asksForExamples.test(query)) add('documents');
  if (traits.reExports) add('reExports');
  if (traits.declarations) add('declarations');
  if (isProse(language)) {
    if (!asksForProse.test(query)) add('prose');
  } else if (!defines) add('definesNothing');
  return found;
}
