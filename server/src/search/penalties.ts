/** Decides how much less a file counts for what it is: tests, examples, re-exports (semble's published path penalties). */

const strong = 0.3;
const moderate = 0.5;
const mild = 0.7;

const testFile = new RegExp(
  `(?:^|/)(?:${[
    'test_[^/]*\\.(?:py|c|cc|cpp|dart|lua)',
    '[^/]*_test\\.(?:py|go|rb|c|cc|cpp|dart|lua|exs?)',
    '[^/]*_spec\\.(?:rb|lua)',
    '[^/]*Tests?\\.(?:java|kt|swift|cs|php|scala)',
    '[^/]*(?:Spec|Suite)\\.(?:kt|swift|scala|hs)',
    '[^/]*\\.(?:test|spec)\\.[cm]?[jt]sx?',
    'test_helpers?[^/]*\\.\\w+',
  ].join('|')})$`,
);
const testDirectory = /(?:^|\/)(?:tests?|__tests__|spec|testing|testdata|fixtures)(?:\/|$)/;
const compatDirectory = /(?:^|\/)(?:compat|_compat|legacy)(?:\/|$)/;
const exampleDirectory = /(?:^|\/)(?:_?examples?|docs?_src)(?:\/|$)/;
const reExports = new Set(['__init__.py', 'package-info.java']);

/** True for tests, and what only tests use. */
export function isTestPath(path: string): boolean {
  return testFile.test(path) || testDirectory.test(path);
}

/** True for examples, and what is kept for old callers only. */
export function isExamplePath(path: string): boolean {
  return exampleDirectory.test(path) || compatDirectory.test(path);
}

/** Factor, 0 to 1, for a file's score. Several reasons multiply. */
export function pathPenalty(path: string): number {
  let factor = 1;
  if (isTestPath(path)) factor *= strong;
  if (compatDirectory.test(path)) factor *= strong;
  if (exampleDirectory.test(path)) factor *= strong;
  if (reExports.has(path.slice(path.lastIndexOf('/') + 1))) factor *= moderate;
  if (path.endsWith('.d.ts')) factor *= mild;
  return factor;
}
