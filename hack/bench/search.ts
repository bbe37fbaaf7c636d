/** Decides how fast a large index answers, and how much the vector index misses. Usage: node hack/bench/search.ts [DIRECTORY]. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rgPath } from '@vscode/ripgrep';
import { embed } from '../../server/src/embedding/embedder.ts';
import { createStaticEmbedder, loadStaticModel } from '../../server/src/embedding/static-model.ts';
import type { Engine } from '../../server/src/engine.ts';
import { generationDirectory, listGenerations } from '../../server/src/index/generation.ts';
import { openDatabase, vectorSearch } from '../../server/src/index/lance.ts';
import { openEngine, peakRssMb, runBenchmark } from './engine-run.ts';
import { type Figures, percentile } from './report.ts';

const rounds = 300;
const recallOf = 50;

/** Real questions from the code itself: the words of its comments. No two are the same, so that no cache answers. */
async function questionsFrom(engine: Engine): Promise<string[]> {
  const request = { codebase: 'bench', caseSensitive: true, fileTypes: [], excludePatterns: [], contextLines: 0 };
  const { matches } = await engine.exactSearch({
    ...request,
    pattern: '^\\s*(//|#) [A-Za-z ]{30,80}',
    regex: true,
    limit: 5000,
  });
  const lines = new Set(matches.map(({ lineContent }) => lineContent.replace(/^\s*(?:\/\/|#)\s*/, '').slice(0, 80)));
  const every = Math.max(1, Math.floor(lines.size / rounds));
  return [...lines].filter((_, i) => i % every === 0).slice(0, rounds);
}

async function timeSearches(engine: Engine, questions: readonly string[]): Promise<Figures> {
  for (const query of questions.slice(0, 20))
    await engine.semanticSearch({ query: `${query} `.repeat(2), codebases: [], topK: 10 });
  const fresh: number[] = [];
  const cached: number[] = [];
  for (const times of [fresh, cached]) {
    for (const query of questions) {
      const startedAt = performance.now();
      await engine.semanticSearch({ query, codebases: [], topK: 10 });
      times.push(performance.now() - startedAt);
    }
  }
  return {
    'search.p50_ms': percentile(fresh, 0.5),
    'search.p95_ms': percentile(fresh, 0.95),
    'search.mean_ms': fresh.reduce((sum, ms) => sum + ms, 0) / fresh.length,
    'search.cached_p95_ms': percentile(cached, 0.95),
  };
}

/** Share of the scan's best 50 that the vector index finds, with the settings that searches use. */
async function vectorRecall(dataDir: string, questions: readonly string[]): Promise<number> {
  const codebase = join(dataDir, 'index', 'bench');
  const [number = 1] = await listGenerations(codebase);
  const chunks = await (await openDatabase(generationDirectory(codebase, number))).openTable('chunks');
  const embedder = createStaticEmbedder(loadStaticModel());
  let found = 0;
  for (const question of questions) {
    const nearest = () =>
      chunks
        .query()
        .nearestTo(embed(embedder, question))
        .distanceType('cosine')
        .select(['_distance'])
        .withRowId()
        .limit(recallOf);
    const exact = await nearest().bypassVectorIndex().toArray();
    const ours = await nearest().nprobes(vectorSearch.maxProbes).refineFactor(vectorSearch.refineFactor).toArray();
    const ids = new Set(ours.map((row) => row._rowid));
    found += exact.filter((row) => ids.has(row._rowid)).length / exact.length;
  }
  return found / questions.length;
}

/** Our exact search over ripgrep alone with the same pattern; the median of several runs of each. */
async function ripgrepRatio(engine: Engine, root: string): Promise<Figures> {
  const pattern = 'func \\(.*\\) Reconcile';
  const request = {
    codebase: 'bench',
    pattern,
    regex: true,
    caseSensitive: true,
    fileTypes: [],
    excludePatterns: [],
    contextLines: 0,
    limit: 10_000,
  };
  const [ours, alone]: [number[], number[]] = [[], []];
  for (let i = 0; i < 7; i++) {
    let startedAt = performance.now();
    await engine.exactSearch(request);
    ours.push(performance.now() - startedAt);
    startedAt = performance.now();
    execFileSync(rgPath, ['--no-config', '--json', '-e', pattern, '.'], { cwd: root, maxBuffer: 1 << 28 });
    alone.push(performance.now() - startedAt);
  }
  return {
    'search.exact_ms': percentile(ours, 0.5),
    'search.ripgrep_ratio': percentile(ours, 0.5) / percentile(alone, 0.5),
  };
}

async function measure(root: string, dataDir: string): Promise<Figures> {
  const engine = openEngine(root, dataDir);
  await engine.start();
  const { chunks } = await engine.indexCodebase('bench', { full: false });
  const questions = await questionsFrom(engine);
  const figures = {
    'search.chunks': chunks,
    'search.questions': questions.length,
    ...(await timeSearches(engine, questions)),
    'search.vector_recall50': await vectorRecall(dataDir, questions.slice(0, 100)),
    ...(await ripgrepRatio(engine, root)),
    'search.peak_rss_mb': peakRssMb(),
  };
  await engine.stop();
  return figures;
}

await runBenchmark('search', fileURLToPath(import.meta.url), measure);
