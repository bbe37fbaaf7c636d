/**
 * Decides how our searches are measured alone in a process: by meaning, cold and cached, and exact ones beside ripgrep.
 * Usage: node hack/bench/search-run.ts TREE DATA < {"questions": [...]}. The tree is not changed.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { rgPath } from '@vscode/ripgrep';
import type { Engine, SearchMode } from '../../server/src/engine.ts';
import { codebase, indexedFiles, openEngine, peakRssMb } from './engine-run.ts';
import { type Pattern, patterns, ripgrepArguments } from './exact-patterns.ts';
import { vectorRecall } from './recall.ts';
import { percentile } from './report.ts';
import { copyOfFiles } from './trees.ts';

const exactRounds = 9;

export type ExactRow = { what: string; matches: number; ripgrepMatches: number; ours: number; ripgrep: number };

export type SearchResult = {
  files: number;
  chunks: number;
  fresh: number[];
  cached: number[];
  bm25: number[];
  vector: number[];
  recall: number;
  exact: ExactRow[];
  peakRssMb: number;
  paths: string[];
};

/** Milliseconds of each question. */
async function ask(engine: Engine, questions: readonly string[], mode: SearchMode = 'fused'): Promise<number[]> {
  const milliseconds: number[] = [];
  for (const query of questions) {
    const startedAt = performance.now();
    await engine.semanticSearch({ query, codebases: [], topK: 10, mode });
    milliseconds.push(performance.now() - startedAt);
  }
  return milliseconds;
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
  const bm25 = await ask(engine, questions, 'bm25');
  const vector = await ask(engine, questions, 'vector');
  const paths = await indexedFiles(dataDir);
  // ripgrep is given the files that are indexed and no others, so that both look at the same text.
  const sameFiles = await copyOfFiles(tree, paths, join(dataDir, 'for-ripgrep'));
  const exact: ExactRow[] = [];
  for (const pattern of patterns) exact.push(await compareExact(engine, sameFiles, pattern));
  const result = { files, chunks, fresh, cached, bm25, vector, exact, peakRssMb: peakRssMb() };
  await engine.stop();
  return { ...result, recall: await vectorRecall(dataDir, questions.slice(0, 100)), paths };
}

const [tree = '', dataDir = ''] = process.argv.slice(2);
const { questions } = JSON.parse(await text(process.stdin)) as { questions: string[] };
process.stdout.write(`${JSON.stringify(await measure(tree, dataDir, questions))}\n`);
