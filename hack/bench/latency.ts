/**
 * Decides how fast searches answer over HTTP: the real server, real MCP calls, one caller and eight, and while all is
 * indexed anew. Usage: hack/bench/latency [DIRECTORY] [--check].
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codebase } from './engine-run.ts';
import { ask, MeasuredServer, percentiles, timed } from './measured-server.ts';
import { questionsFrom } from './questions.ts';
import { type Figures, printReport } from './report.ts';
import { tenThousandFiles } from './trees.ts';

const rounds = { warm: 300, one: 400, eight: 1200, indexing: 1500 };
/** A caller that reads what it got: without a pause it would measure how two loops share two cores. */
const pauseWhileIndexingMs = 20;

const say = (text: string) => process.stderr.write(`… ${text}\n`);

/** One caller asks for as long as everything is read, embedded and published again. */
async function askWhileIndexing(server: MeasuredServer, questions: readonly string[]): Promise<Figures> {
  server.watch();
  let running = true;
  // A call that waits for the end would outlast what a client waits for an answer.
  await server.call('index_codebase', { path: codebase, full: true, max_wait_seconds: 1 });
  const run = server.ready().finally(() => {
    running = false;
  });
  const times: number[] = [];
  for (const query of questions) {
    if (!running) break;
    times.push(await timed(server, query));
    await sleep(pauseWhileIndexingMs);
  }
  await run;
  const { p99Ms = Number.NaN, maxMs = Number.NaN } = await server.read();
  return {
    ...percentiles('latency.indexing', times),
    'latency.indexing_queries': times.length,
    'latency.indexing_loop_p99_ms': p99Ms,
    'latency.indexing_loop_max_ms': maxMs,
  };
}

async function measure(tree: string, dataDir: string): Promise<Figures> {
  const questions = questionsFrom(tree, rounds.warm + rounds.one + rounds.eight + rounds.indexing);
  const take = (count: number) => questions.splice(0, count);
  const first = await MeasuredServer.start(tree, dataDir);
  say('first index');
  const startedAt = performance.now();
  const chunks = await first.ready();
  const seconds = (performance.now() - startedAt) / 1000;
  const indexed = await first.read();
  await first.stop();

  say('start again');
  const openedAt = performance.now();
  const server = await MeasuredServer.start(tree, dataDir);
  await server.call('semantic_search_codebase', { query: 'open the index', top_k: 1 }).catch(() => undefined);
  const serving = (performance.now() - openedAt) / 1000;
  await server.ready();
  await ask(server, take(rounds.warm), 1);
  const resting = await server.read();
  say('one caller');
  const one = await ask(server, take(rounds.one), 1);
  say('eight callers');
  const eight = await ask(server, take(rounds.eight), 8);
  say('while indexing');
  const indexing = await askWhileIndexing(server, questions);
  await server.stop();
  return {
    'latency.chunks': chunks,
    'latency.first_index_seconds': seconds,
    'latency.first_index_peak_rss_mb': indexed.peakRssMb ?? Number.NaN,
    'latency.first_index_loop_p99_ms': indexed.p99Ms ?? Number.NaN,
    'latency.restart_to_search_seconds': serving,
    'latency.resting_rss_mb': resting.rssMb ?? Number.NaN,
    ...percentiles('latency.one', one),
    ...percentiles('latency.eight', eight),
    ...indexing,
  };
}

const tree = await tenThousandFiles(process.argv.slice(2).find((argument) => !argument.startsWith('--')));
const folder = await mkdtemp(join(tmpdir(), 'codesage-bench-'));
try {
  printReport('latency', await measure(tree, join(folder, 'data')));
} finally {
  await rm(folder, { recursive: true, force: true });
}
