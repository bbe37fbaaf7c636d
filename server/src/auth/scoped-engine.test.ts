/** Decides whether a limited caller's engine asks the engine behind it about that caller's codebases only. */
import { describe, expect, test } from 'vitest';
import { sourceSchema } from '../contract.ts';
import type { Engine } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { scopeEngine } from './scoped-engine.ts';

const sources = ['shop', 'bank'].map((name) => sourceSchema.parse({ name, path: `/code/${name}` }));
const scope = { codebases: [], pathGlobs: [], languages: [], includeTests: true };
const page = { limit: 10, offset: 0 };
const inOne = (codebase: string) => ({ codebase, pathGlobs: [], languages: [] });

/** An engine that answers everything with nothing, and what it was asked: methods by path, and their arguments. */
function recorder(overrides: Partial<Engine> = {}): { engine: Engine; asked: [string, unknown[]][] } {
  const asked: [string, unknown[]][] = [];
  const record = (path: string): unknown =>
    new Proxy(() => {}, {
      get: (_target, name) => record(`${path}.${String(name)}`),
      apply: (_target, _this, args) => {
        asked.push([path.slice(1), args]);
        return Promise.resolve({});
      },
    });
  const engine = new Proxy(createStubEngine(), {
    get: (_target, name) => overrides[name as keyof Engine] ?? record(`.${String(name)}`),
  });
  return { engine, asked };
}

const dependenciesOf = (path: string) => ({ path, includeTests: true, limit: 10 });
const relatedTo = (path: string, more: object = {}) => ({ path, limit: 10, everywhere: false, ...more });
const duplicates = { minSimilarity: 0.9, minLines: 10, includeTests: true };
const improvements = {
  includeTests: true,
  includeDuplicates: false,
  maxFileLines: 1,
  maxComplexity: 1,
  maxFunctionLines: 1,
};

type Ask = (engine: Engine, codebase: string) => Promise<unknown>;

/** Every question that names one codebase, or a file of one. */
const questions: Record<string, Ask> = {
  semanticSearch: (engine, name) => engine.semanticSearch({ query: 'x', codebases: [name], topK: 1 }),
  exactSearch: (engine, name) =>
    engine.exactSearch({
      pattern: 'x',
      codebases: [name],
      regex: false,
      case: 'smart',
      fileTypes: [],
      excludePatterns: [],
      limit: 1,
      contextLines: 0,
    }),
  readFile: (engine, name) => engine.readFile(`${name}/a.ts`),
  'readFile, named apart': (engine, name) => engine.readFile('a.ts', name),
  'readFile, absolute': (engine, name) => engine.readFile(`/code/${name}/a.ts`),
  indexCodebase: (engine, name) => engine.indexCodebase(name, { full: true }),
  findDefinitions: (engine, name) =>
    engine.symbols.findDefinitions({
      ...scope,
      ...page,
      codebases: [name],
      name: 'x',
      match: 'exact',
      caseSensitive: false,
      kinds: [],
      bodyLines: 0,
    }),
  findReferences: (engine, name) =>
    engine.symbols.findReferences({ ...scope, ...page, codebases: [name], name: 'x', kinds: [] }),
  trace: (engine, name) =>
    engine.symbols.trace({ ...scope, codebases: [name], name: 'x', direction: 'callers', depth: 1, limit: 1 }),
  functionDependencies: (engine, name) => engine.symbols.functionDependencies(dependenciesOf(`${name}/a.ts`)),
  'functionDependencies, absolute': (engine, name) =>
    engine.symbols.functionDependencies(dependenciesOf(`/code/${name}/a.ts`)),
  outline: (engine, name) => engine.symbols.outline('a.ts', name),
  'outline of a path': (engine, name) => engine.symbols.outline(`${name}/a.ts`),
  undocumented: (engine, name) =>
    engine.symbols.undocumented({ ...scope, ...page, codebases: [name], exportedOnly: true }),
  'undocumented of a file': (engine, name) =>
    engine.symbols.undocumented({ ...scope, ...page, path: `${name}/a.ts`, exportedOnly: true }),
  files: (engine, name) => engine.analysis.files(inOne(name)),
  dependencies: (engine, name) => engine.analysis.dependencies(inOne(name)),
  duplicates: (engine, name) => engine.analysis.duplicates({ ...inOne(name), ...duplicates }),
  improvements: (engine, name) => engine.analysis.improvements({ ...inOne(name), ...improvements }),
  related: (engine, name) => engine.analysis.related(relatedTo(`${name}/a.ts`)),
  'related, named apart': (engine, name) => engine.analysis.related(relatedTo('a.ts', { codebase: name })),
  commits: (engine, name) => engine.history.commits({ codebase: name, followRenames: false, limit: 1 }),
  diff: (engine, name) =>
    engine.history.diff({
      codebase: name,
      fromMergeBase: false,
      pathGlobs: [],
      statOnly: true,
      contextLines: 0,
      ignoreWhitespace: false,
      fileOffset: 0,
      lineOffset: 0,
      limit: 1,
      budget: 1,
    }),
  'search of commits': (engine, name) =>
    engine.history.search({
      codebase: name,
      query: 'x',
      searchIn: 'both',
      regex: false,
      caseSensitive: false,
      limit: 1,
      seconds: 1,
    }),
  isAtHand: (engine, name) => engine.analysis.isAtHand('dependencies', inOne(name)),
};

describe.each(Object.entries(questions))('%s', (_name, ask) => {
  test('[auth.scopes] reaches a codebase that the caller may see', async () => {
    const { engine, asked } = recorder();
    await ask(scopeEngine(engine, sources), 'shop');
    expect(JSON.stringify(asked)).toContain('shop');
    expect(asked).toHaveLength(1);
  });

  test('[auth.scopes] does not reach another, which is refused as if there were none', async () => {
    const { engine, asked } = recorder();
    const limited = scopeEngine(engine, sources);
    const refusal = (name: string) =>
      ask(limited, name).then(
        () => 'answered',
        (error: unknown) => {
          if (error instanceof CodeSageError) return `${error.code} ${error.message} ${error.remedy}`;
          throw error;
        },
      );
    const [secret, nowhere] = [await refusal('secret'), await refusal('nowhere')];
    expect(secret).toMatch(/^(UnknownCodebase|PathNotAllowed)/);
    expect(secret.replaceAll('secret', 'nowhere')).toBe(nowhere);
    expect(asked).toEqual([]);
  });
});

test('[auth.scopes] all codebases are all that the caller may see', async () => {
  const { engine, asked } = recorder();
  const limited = scopeEngine(engine, sources);
  await limited.semanticSearch({ query: 'x', codebases: [], topK: 1 });
  await limited.symbols.trace({ ...scope, name: 'x', direction: 'callees', depth: 1, limit: 1 });
  await limited.analysis.related(relatedTo('shop/a.ts', { everywhere: true }));
  expect(asked.map(([, [request]]) => request)).toMatchObject([
    { codebases: ['shop', 'bank'] },
    { codebases: ['shop', 'bank'] },
    { codebase: 'shop', path: 'a.ts', among: ['shop', 'bank'] },
  ]);
});

test('[auth.scopes] a caller who may see nothing searches nothing', async () => {
  const { engine, asked } = recorder();
  const blind = scopeEngine(engine, []);
  await expect(blind.semanticSearch({ query: 'x', codebases: [], topK: 1 })).rejects.toMatchObject({
    code: 'UnknownCodebase',
  });
  await expect(blind.readFile('shop/a.ts')).rejects.toMatchObject({ code: 'UnknownCodebase' });
  expect(asked).toEqual([]);
});

const statusOf = (name: string, more: object = {}) => ({
  name,
  state: 'Ready' as const,
  files: 1,
  chunks: 1,
  skipped: {},
  indexedAt: '2026-01-01T00:00:00.000Z',
  ...more,
});
const problem = (code: 'IndexCorrupted', message: string) => ({ code, message, since: '2026-01-01T00:00:00.000Z' });
const index = { sizeBytes: 1, formatVersion: 1, embedding: 'stub' };

test("[auth.scopes] the status tells of the caller's codebases, and of no other's problem", async () => {
  const broken = problem('IndexCorrupted', 'the index of secret is damaged');
  const status = async () => ({
    codebases: [statusOf('secret', { problem: broken }), statusOf('shop')],
    index: { ...index, problem: broken },
    embeddedChunks: 7,
  });
  const limited = scopeEngine(createStubEngine({ status }), sources);
  expect(JSON.stringify(await limited.status())).not.toMatch(/secret/);
  expect((await limited.status()).codebases.map(({ name }) => name)).toEqual(['shop']);
});

test('[auth.scopes] a codebase that has no index yet leaves the others searchable, and the answer says so', async () => {
  const searched: string[][] = [];
  const engine = createStubEngine({
    status: async () => ({
      codebases: [statusOf('shop'), statusOf('bank', { indexedAt: undefined, state: 'Pending' })],
      index,
      embeddedChunks: 0,
    }),
    semanticSearch: async ({ codebases }) => {
      searched.push(codebases);
      if (codebases.includes('bank')) throw new CodeSageError('NotIndexedYet', '"bank" has no index yet.', 'Wait.');
      return { hits: [], version: '1', cached: false, tookMs: 1, ranking: 'fused' };
    },
  });
  const limited = scopeEngine(engine, sources);
  const { notice } = await limited.semanticSearch({ query: 'x', codebases: [], topK: 1 });
  expect(searched).toEqual([['shop', 'bank'], ['shop']]);
  expect(notice).toBe('Not searched: bank. See get_index_status.');
  // Whoever names it hears of it.
  await expect(limited.semanticSearch({ query: 'x', codebases: ['bank'], topK: 1 })).rejects.toMatchObject({
    code: 'NotIndexedYet',
  });
});

test('[auth.scopes] what is for the server itself is not in reach', () => {
  const engine = createStubEngine({ subscribe: () => {} });
  expect(scopeEngine(engine, sources).subscribe).toBeUndefined();
});
