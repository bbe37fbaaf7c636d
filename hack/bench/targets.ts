/** Decides which figures are promised: the runbook's targets (3.1) and those of the design, as data that every benchmark checks. */
import { cell, type Table } from './table.ts';

export type Figures = Record<string, number>;

/** A bound on a figure. `bound` is a number, or the name of a figure of the same run that is to be beaten. */
export type Target = {
  figure: string;
  what: string;
  is: '<' | '<=' | '>' | '>=' | '=';
  bound: number | string;
  unit: string;
  source: 'runbook 3.1' | 'design';
};

const runbook = (figure: string, what: string, is: Target['is'], bound: number, unit: string): Target => ({
  ...{ figure, what, is, bound, unit },
  source: 'runbook 3.1',
});
const design = (figure: string, what: string, is: Target['is'], bound: number | string, unit = ''): Target => ({
  ...{ figure, what, is, bound, unit },
  source: 'design',
});

export const targets: readonly Target[] = [
  runbook('index.files_per_second', 'indexing speed', '>', 5, 'files/s'),
  runbook('index.peak_rss_mb', 'memory while indexing', '<', 500, 'MB'),
  runbook('search.mean_ms', 'search, mean', '<', 2000, 'ms'),
  runbook('search.p95_ms', 'search, p95', '<', 5000, 'ms'),

  design('index.files_per_second', 'indexing speed, first run', '>=', 300, 'files/s'),
  design('index.loop_delay_p99_ms', 'event-loop delay while indexing, p99', '<', 50, 'ms'),
  design('index.noop_seconds', 'second run, nothing changed', '<', 2, 's'),
  design('index.noop_writes', 'files written by the second run', '=', 0, 'files'),
  design('index.one_file_visible_seconds', 'one changed file is found', '<', 2, 's'),
  design('index.changed1pct_share', '1 % of the files changed, over the first run, threads started anew', '<', 0.03),
  design('index.changed1pct_again_share', '1 % changed again, over the first run', '<', 0.02),
  design('index.semble_ratio', 'files/s over semble, same files', '>', 1),

  design('search.p50_ms', 'fused search, in process, p50', '<', 10, 'ms'),
  design('search.p95_ms', 'fused search, in process, p95', '<', 25, 'ms'),
  design('search.semble_p50_ms', 'the same question to semble, p50, above ours', '>', 'search.p50_ms', 'ms'),
  design('search.ripgrep_ratio', 'exact search over ripgrep, time', '<', 2),
  design('search.vector_recall50', 'recall of the vector index at 50', '>=', 0.95),

  design('latency.one_p50_ms', 'over HTTP, one caller, p50', '<', 10, 'ms'),
  design('latency.one_p95_ms', 'over HTTP, one caller, p95', '<', 25, 'ms'),
  design('latency.eight_p95_ms', 'over HTTP, eight callers, p95', '<', 80, 'ms'),
  design('latency.indexing_p95_ms', 'over HTTP, while indexing, p95', '<', 150, 'ms'),
  design('latency.indexing_loop_p99_ms', 'event-loop delay while serving and indexing, p99', '<', 50, 'ms'),

  design('mcp.echo_share', 'cached search by a tool call over a bare Hono echo, calls/s', '>=', 0.4),
  design('mcp.list_echo_share', 'list_codebases over a bare Hono echo, calls/s', '>=', 0.4),
  design('mcp.p99_over_p50', 'cached tool calls, 16 connections, p99 over p50', '<', 3),
  design('mcp.rss_growth_mb', 'memory over 200,000 tool calls, growth', '<', 16, 'MB'),

  design('million.chunks', 'a million chunks', '>=', 1_000_000, 'chunks'),
  design('million.index_peak_rss_mb', 'a million chunks, memory while indexing', '<', 2048, 'MB'),
  design('million.search_peak_rss_mb', 'a million chunks, memory while searching', '<', 2048, 'MB'),
  design('million.one_p95_ms', 'a million chunks, over HTTP, p95', '<', 100, 'ms'),

  design('embedding.builtin_chunks_per_second', 'builtin model on one core', '>=', 5000, 'chunks/s'),

  design('retrieval.ndcg10', 'fused ranking beats BM25 alone', '>', 'retrieval.ndcg10_bm25'),
  design('retrieval.ndcg10', 'fused ranking beats vectors alone', '>', 'retrieval.ndcg10_vector'),
];

export type Verdict = Target & { measured: number; limit: number; pass: boolean };

const holds: Record<Target['is'], (measured: number, limit: number) => boolean> = {
  '<': (measured, limit) => measured < limit,
  '<=': (measured, limit) => measured <= limit,
  '>': (measured, limit) => measured > limit,
  '>=': (measured, limit) => measured >= limit,
  '=': (measured, limit) => measured === limit,
};

/** The targets whose figures were measured, each with its verdict. A figure that is no number fails. */
export function judge(figures: Figures, list: readonly Target[] = targets): Verdict[] {
  return list.flatMap((target) => {
    const measured = figures[target.figure];
    const limit = typeof target.bound === 'number' ? target.bound : figures[target.bound];
    if (measured === undefined || limit === undefined) return [];
    return [{ ...target, measured, limit, pass: holds[target.is](measured, limit) }];
  });
}

/** One row a verdict: what is promised, what was measured, and whether that is enough. */
export function verdictTable(verdicts: readonly Verdict[]): Table {
  return {
    name: 'targets',
    columns: ['target', 'measured', 'pass'],
    rows: verdicts.map(({ what, is, limit, unit, source, measured, pass }) => [
      [what, is, cell(limit), unit, `(${source})`].filter((word) => word !== '').join(' '),
      measured,
      pass ? 'pass' : 'FAIL',
    ]),
  };
}
