/**
 * Decides how our searches are measured alone in a process: by meaning, cold and cached, and exact ones beside ripgrep.
 * Usage: node hack/bench/search-run.ts TREE DATA < {"questions": [...]}. The tree is not changed.
 */
import { execFileSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { rgPath } from '@vscode/ripgrep';
import { embed } from '../../server/src/embedding/embedder.ts';
import { createStaticEmbedder, loadStaticModel } from '../../server/src/embedding/static-model.ts';
import type { Engine } from '../../server/src/engine.ts';
import { vectorSearch } from '../../server/src/index/lance.ts';
import { codebase, indexedFiles, openEngine, openTable, peakRssMb } from './engine-run.ts';
import { type Pattern, patterns, ripgrepArguments } from './exact-patterns.ts';
import { percentile } from './report.ts';

const recallOf = 50;
const exactRounds = 9;

export type ExactRow = { what: string; matches: number; ripgrepMatches: number; ours: number; ripgrep: number };

export type SearchResult = {
  files: number;
  chunks: number;
  fresh: number[];
  cached: number[];
  recall: number;
  exact: ExactRow[];
  peakRssMb: number;
  paths: string[];
};

/** Milliseconds of each question. */
async function ask(engine: Engine, questions: readonly string[]): Promise<number[]> {
  const milliseconds: number[] = [];
  for (const query of questions) {
    const startedAt = performance.now();
    await engine.semanticSearch({ query, codebases: [], topK: 10 });
    milliseconds.push(performance.now() - startedAt);
  }
  return milliseconds;
}

/** Share of the scan's best 50 that the vector index finds, with the settings that searches use. */
async function vectorRecall(dataDir: string, questions: readonly string[]): Promise<number> {
  const chunks = await openTable(dataDir, 'chunks');
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

/** All matches of one pattern, ours and ripgrep's in turns; the medians. */
async function compareExact(engine: Engine, tree: string, pattern: Pattern): Promise<ExactRow> {
  const request = {
    ...{ codebases: [codebase], pattern: pattern.pattern, regex: pattern.regex },
    ...{ case: pattern.ignoreCase ? ('insensitive' as const) : ('sensitive' as const) },
    // As many as there are, since ripgrep tells all of them.
    ...{ fileTypes: [], excludePatterns: [], contextLines: 0, limit: 1_000_000 },
  };
  const times: [ours: number[], ripgrep: number[]] = [[], []];
  let [matches, ripgrepMatches] = [0, 0];
  for (let round = 0; round < exactRounds; round++) {
    let startedAt = performance.now();
    matches = (await engine.exactSearch(request)).matches.length;
    times[0].push(performance.now() - startedAt);
    startedAt = performance.now();
    const lines = ripgrep(tree, ripgrepArguments(pattern));
    times[1].push(performance.now() - startedAt);
    ripgrepMatches = lines.split('\n').length - 1;
  }
  const [ours, theirs] = times;
  return { what: pattern.what, matches, ripgrepMatches, ours: percentile(ours, 0.5), ripgrep: percentile(theirs, 0.5) };
}

/** Its output; that it found nothing is no failure. */
function ripgrep(tree: string, args: readonly string[]): string {
  try {
    return execFileSync(rgPath, args, { cwd: tree, encoding: 'utf8', maxBuffer: 1 << 29 });
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 1) return '';
    throw error;
  }
}

async function measure(tree: string, dataDir: string, questions: readonly string[]): Promise<SearchResult> {
  const engine = openEngine(tree, dataDir, { background: false });
  await engine.start();
  const { files, chunks } = await engine.indexCodebase(codebase, { full: false });
  process.stdout.write('{"phase": "indexed"}\n');
  // Warm: others first.
  await ask(
    engine,
    questions.slice(0, 20).map((question) => `${question} ${question}`),
  );
  const fresh = await ask(engine, questions);
  const cached = await ask(engine, questions);
  const recall = await vectorRecall(dataDir, questions.slice(0, 100));
  const exact: ExactRow[] = [];
  for (const pattern of patterns) exact.push(await compareExact(engine, tree, pattern));
  const result = { files, chunks, fresh, cached, recall, exact, peakRssMb: peakRssMb() };
  const paths = await indexedFiles(dataDir);
  await engine.stop();
  return { ...result, paths };
}

const [tree = '', dataDir = ''] = process.argv.slice(2);
const { questions } = JSON.parse(await text(process.stdin)) as { questions: string[] };
process.stdout.write(`${JSON.stringify(await measure(tree, dataDir, questions))}\n`);
