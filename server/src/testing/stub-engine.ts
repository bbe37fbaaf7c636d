/** Decides what an engine answers in tests that are not about the index: three files held in memory, searched by substring. */
import type { CodebaseStatus } from '../contract.ts';
import type { CacheStatistics, Engine, IndexOutcome } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import { createStubAnalysis } from './stub-analysis.ts';
import { createStubHistory } from './stub-history.ts';
import { createStubSymbols } from './stub-symbols.ts';

export const stubFiles: Readonly<Record<string, string>> = {
  'src/payment.ts': 'export function retryPayment(attempt: number) {\n  return attempt + 1;\n}\n',
  'src/cart.ts': 'export const cart: string[] = [];\n',
  'README.md': '# Shop\n',
};

export type StubEngine = Engine & {
  relieved: number[];
  caches: Record<'embedding' | 'search' | 'file', CacheStatistics>;
};

const emptyCache = (): CacheStatistics => ({
  hits: 0,
  misses: 0,
  invalidations: 0,
  evictions: 0,
  size: 0,
  maxSize: 100,
});

/** One codebase named `shop`. `overrides` replace single methods, to make them slow or fail. */
export function createStubEngine(overrides: Partial<Engine> = {}): StubEngine {
  let serving = false;
  const relieved: number[] = [];
  const caches = { embedding: emptyCache(), search: emptyCache(), file: emptyCache() };
  const status: CodebaseStatus = {
    name: 'shop',
    state: 'Ready',
    files: 3,
    chunks: 3,
    indexedAt: '2026-01-01T00:00:00.000Z',
    skipped: { binary: 1 },
  };
  const known = (codebase: string) => {
    if (codebase !== 'shop')
      throw new CodeSageError('UnknownCodebase', `There is no codebase "${codebase}".`, 'Write one of: shop.');
  };
  return {
    relieved,
    caches,
    start: async () => {
      serving = true;
    },
    stop: async () => {
      serving = false;
    },
    isServing: () => serving,
    status: async () => ({
      codebases: [status],
      index: { sizeBytes: 1000, formatVersion: 1, embedding: 'stub' },
      embeddedChunks: 3,
    }),
    semanticSearch: async ({ query, codebases, topK }) => {
      codebases.forEach(known);
      const words = query.toLowerCase().split(/\s+/);
      const hits = Object.entries(stubFiles)
        .filter(([, text]) => words.some((word) => text.toLowerCase().includes(word)))
        .map(([path, text]) => ({
          codebase: 'shop',
          path,
          language: 'typescript',
          score: 1,
          text,
          startLine: 1,
          endLine: text.split('\n').length - 1,
        }));
      return { hits: hits.slice(0, topK), version: '1', cached: false, tookMs: 1, ranking: 'fused' };
    },
    exactSearch: async ({ pattern, codebases, limit, offset = 0, report }) => {
      codebases.forEach(known);
      const found = Object.entries(stubFiles).flatMap(([path, text]) =>
        text.split('\n').flatMap((lineContent, index) => {
          const column = lineContent.indexOf(pattern) + 1;
          const match = { codebase: 'shop', path, lineNumber: index + 1, column, lineContent, before: [], after: [] };
          return column > 0 ? [match] : [];
        }),
      );
      const files = [...new Set(found.map(({ path }) => path))].map((path) => ({
        codebase: 'shop',
        path,
        matches: found.filter((match) => match.path === path).length,
      }));
      const page = <T>(all: T[]) => all.slice(offset, offset + limit);
      const answer = { version: '1', tookMs: 1 };
      if (report !== 'files')
        return { ...answer, matches: page(found), files: [], truncated: found.length > offset + limit };
      const totals = { files: files.length, matches: found.length };
      return { ...answer, matches: [], files: page(files), totals, truncated: files.length > offset + limit };
    },
    readFile: async (path, codebase) => {
      const relative = codebase === undefined ? path.replace(/^shop\//, '') : path;
      const text = stubFiles[relative];
      if (text === undefined)
        throw new CodeSageError('FileNotFound', `There is no file ${path}.`, 'Use a path from a search result.');
      return {
        codebase: 'shop',
        path: relative,
        language: 'typescript',
        text,
        totalLines: text.split('\n').length - 1,
        sizeBytes: text.length,
      };
    },
    symbols: createStubSymbols({ shop: stubFiles }),
    analysis: createStubAnalysis('shop', stubFiles),
    history: createStubHistory('shop'),
    indexCodebase: async (codebase, { onProgress }) => {
      known(codebase);
      for (const filesDone of [1, 2, 3])
        onProgress?.({ codebase, phase: 'indexing', filesDone, filesTotal: 3, chunksDone: filesDone });
      return {
        codebase,
        files: 3,
        filesAdded: 0,
        filesChanged: 0,
        filesRemoved: 0,
        chunks: 3,
        chunksEmbedded: 0,
        skipped: {},
        seconds: 0.1,
      } satisfies IndexOutcome;
    },
    cacheStatistics: () => structuredClone(caches),
    clearCaches: async (names) => {
      const removed = { embedding: 0, search: 0, file: 0 };
      for (const name of names) {
        removed[name] = caches[name].size;
        caches[name].size = 0;
      }
      return removed;
    },
    pruneCaches: async (olderThanMs) => ({ embedding: 0, search: olderThanMs === undefined ? 0 : 1, file: 0 }),
    persistedCacheBytes: async () => 4096,
    relieveMemory: (fraction) => void relieved.push(fraction),
    ...overrides,
  };
}
