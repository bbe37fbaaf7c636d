/** Decides which files are tests, or help tests only: one rule for ranking and for every tool's `include_tests`. */

/** Named like tests: they are, wherever they lie. */
const testFile = new RegExp(
  `(?:^|/)(?:${[
    'test_[^/]*\\.(?:py|c|cc|cpp|dart|lua)',
    '[^/]*_test\\.(?:py|go|rb|c|cc|cpp|dart|lua|exs?)',
    '[^/]*_spec\\.(?:rb|lua)',
    '[^/]*Tests?\\.(?:java|kt|swift|cs|php|scala)',
    '[^/]*(?:Spec|Suite)\\.(?:kt|swift|scala|hs)',
    '[^/]*\\.(?:test|spec)\\.[cm]?[jt]sx?',
    'test_helpers?[^/]*\\.\\w+',
    'conftest\\.py',
  ].join('|')})$`,
);
/** The published names, and those of Kotlin's source sets (commonTest), .NET's projects (Core.Tests), mocks and browser tests. */
const testDirectory =
  /(?:^|\/)(?:tests?|Tests?|__tests__|__mocks__|specs?|testing|testdata|fixtures|e2e|cypress|[a-z]+Test|[\w.-]*[\w][._-][tT]ests?)(?:\/|$)/;

/** A directory that is none of tests. */
const other = '(?:(?![Tt]ests?/|specs?/|fixtures/|e2e/|__tests__/)[\\w.-]+/)';
/** A module of Python that is not named like tests, or like what runs them. */
const module = '(?!(?:run)?tests?\\.py)\\w+\\.pyi?';
/** Directories that hold a project or a part of it, and beside it its tests. */
const projects =
  'api|apps?|backend|client|code|core|frontend|lib|Lib|packages|py|python|scripts|server|services|src|tests?|tools';
const kindsOfTests = 'acceptance|e2e|functional|integration|it|load|perf|performance|smoke|stress|system|unit';

/**
 * Code that is shipped for other people's tests, in directories that are called like tests: django.test, Symfony's
 * FrameworkBundle/Test, spring-test, rack/test. The layout of its language tells it from a project's own tests.
 */
const shippedDirectories = [
  `${other}+testing/${other}*${module}`,
  // Only in the project's own package; in another directory, `test` holds its tests.
  `(?:src/|lib/)?(?!(?:${projects})/)[A-Za-z_]\\w*/test/${module}`,
  // PHP's own tests are in `Tests`, or below kinds of tests.
  `${other}+Test/(?!(?:Acceptance|Api|Fixtures?|Functional|Integration|Mftf|Unit)/)${other}*\\w+\\.php`,
  // Maven, Gradle and sbt keep what is shipped in src/main, and cargo in src.
  `(?:(?![\\w.-]*tests/)${other})*src/main/.*\\.(?:java|kt|scala|groovy)`,
  `${other}*(?!(?:${kindsOfTests})[_-])[\\w-]+[_-]test/src/${other}*\\w+\\.rs`,
  // A gem's lib is what is shipped of it.
  `${other}*lib/${other}*(?:test|testing)/${other}*\\w+\\.rb`,
].map((path) => new RegExp(`^${path}$`));

/** True for tests, and what only tests use. */
export function isTestPath(path: string): boolean {
  if (testFile.test(path)) return true;
  return testDirectory.test(path) && !shippedDirectories.some((shipped) => shipped.test(path));
}
