/**
 * Decides how fast a large index answers: beside semble, a plain BM25 and probe by meaning, beside ripgrep for exact
 * text. Usage: hack/bench/search [DIRECTORY] [--check].
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBm25 } from './contenders/bm25.ts';
import { probeRelease, timeProbe } from './contenders/probe.ts';
import { runContender } from './contenders/process.ts';
import { runSemble } from './contenders/semble.ts';
import { questionsFrom } from './questions.ts';
import { type Figures, mean, percentile, printReport } from './report.ts';
import type { SearchResult } from './search-run.ts';
import { serverEnvironment, serverFlags } from './server-process.ts';
import type { Table } from './table.ts';
import { copyOf, tenThousandFiles } from './trees.ts';

const questionCount = 300;
/** It reads the whole tree for each. */
const probeQuestions = 10;

const say = (text: string) => process.stderr.write(`… ${text}\n`);

async function runOurs(tree: string, folder: string, questions: readonly string[]): Promise<SearchResult> {
  say('codesage');
  const args = [...serverFlags, join(import.meta.dirname, 'search-run.ts'), tree, join(folder, 'data')];
  return (await runContender<SearchResult>(process.execPath, args, { env: serverEnvironment, input: { questions } }))
    .result;
}

const timesOf = (name: string, chunks: number, times: readonly number[]) => [
  name,
  chunks,
  percentile(times, 0.5),
  percentile(times, 0.95),
  mean(times),
];

/** Query times of the others, on the same questions. */
async function contenderRows(tree: string, folder: string, ours: SearchResult, questions: readonly string[]) {
  say('semble');
  const copy = await copyOf(tree, join(folder, 'semble'));
  const semble = (await runSemble(copy, { questions, changes: [], processes: false })).result;
  await rm(copy, { recursive: true });
  say('plain BM25');
  const bm25 = (await runBm25(tree, ours.paths, questions)).result;
  say('probe');
  const probe = await timeProbe(tree, questions.slice(0, probeQuestions));
  const rows = [
    timesOf('semble 0.7.0', semble.chunks, semble.milliseconds),
    timesOf('bm25s 0.3.16, a plain BM25', bm25.chunks, bm25.milliseconds),
    ...(probe === undefined ? [] : [timesOf(`probe ${probeRelease}, no index`, Number.NaN, probe)]),
  ];
  const figures = {
    'search.semble_p50_ms': percentile(semble.milliseconds, 0.5),
    'search.semble_p95_ms': percentile(semble.milliseconds, 0.95),
    'search.bm25s_p50_ms': percentile(bm25.milliseconds, 0.5),
    ...(probe !== undefined && { 'search.probe_p50_ms': percentile(probe, 0.5) }),
  };
  return { rows, figures };
}

function exactTable({ exact }: SearchResult): Table {
  const columns = ['exact search', 'matches', 'of ripgrep', 'codesage ms', 'ripgrep ms', 'ratio'];
  const rows = exact.map(({ what, matches, ripgrepMatches, ours, ripgrep }) => [
    ...[what, matches, ripgrepMatches, ours, ripgrep],
    ours / ripgrep,
  ]);
  return { name: 'exact', columns, rows };
}

function figuresOf(ours: SearchResult): Figures {
  const ratios = ours.exact.map((row) => row.ours / row.ripgrep);
  return {
    'search.files': ours.files,
    'search.chunks': ours.chunks,
    'search.questions': ours.fresh.length,
    'search.p50_ms': percentile(ours.fresh, 0.5),
    'search.p95_ms': percentile(ours.fresh, 0.95),
    'search.mean_ms': mean(ours.fresh),
    'search.bm25_p50_ms': percentile(ours.bm25, 0.5),
    'search.vector_p50_ms': percentile(ours.vector, 0.5),
    'search.cached_p95_ms': percentile(ours.cached, 0.95),
    'search.vector_recall50': ours.recall,
    'search.exact_ms': percentile(
      ours.exact.map((row) => row.ours),
      0.5,
    ),
    'search.ripgrep_ratio': percentile(ratios, 0.5),
    'search.ripgrep_ratio_worst': Math.max(...ratios),
    'search.peak_rss_mb': ours.peakRssMb,
  };
}

async function main(argument: string | undefined): Promise<void> {
  const tree = await tenThousandFiles(argument);
  const folder = await mkdtemp(join(tmpdir(), 'codesage-bench-'));
  try {
    const questions = questionsFrom(tree, questionCount);
    const ours = await runOurs(tree, folder, questions);
    const others = await contenderRows(tree, folder, ours, questions);
    const rows = [
      timesOf('codesage, fused', ours.chunks, ours.fresh),
      timesOf('codesage, BM25 alone', ours.chunks, ours.bm25),
      timesOf('codesage, vectors alone', ours.chunks, ours.vector),
      timesOf('codesage, asked again', ours.chunks, ours.cached),
      ...others.rows,
    ];
    const columns = ['query, in process', 'chunks', 'p50 ms', 'p95 ms', 'mean ms'];
    const figures = { ...figuresOf(ours), ...others.figures };
    printReport('search', figures, [{ name: 'search', columns, rows }, exactTable(ours)]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2).find((argument) => !argument.startsWith('--')));
