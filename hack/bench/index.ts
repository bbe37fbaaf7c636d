/**
 * Decides how fast and with how much memory a large tree is indexed, and a changed one brought up to date, beside
 * semble on the same files. Usage: hack/bench/index [DIRECTORY] [--check].
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Outcome, runContender } from './contenders/process.ts';
import { runSemble, type SembleResult, sembleFiles } from './contenders/semble.ts';
import type { IndexRequest, IndexResult } from './index-run.ts';
import { changesTo, questionsFrom } from './questions.ts';
import { type Figures, percentile, printReport } from './report.ts';
import { serverEnvironment, serverFlags } from './server-process.ts';
import type { Table } from './table.ts';
import { copyOf, copyOfFiles, tenThousandFiles } from './trees.ts';

/** Nowhere in the code, and one word for every tokenizer. */
const word = 'quixotalpha';
const questionCount = 200;

const say = (text: string) => process.stderr.write(`… ${text}\n`);

/** Our engine in a process of its own, on a copy of the tree, as it changes files. */
async function runOurs(tree: string, folder: string, questions: string[]): Promise<Outcome<IndexResult>> {
  const copy = await copyOf(tree, join(folder, 'ours'));
  const data = join(folder, 'data');
  try {
    const input: IndexRequest = { questions, word };
    const args = [...serverFlags, join(import.meta.dirname, 'index-run.ts'), copy, data];
    return await runContender<IndexResult>(process.execPath, args, { env: serverEnvironment, input });
  } finally {
    for (const path of [copy, data]) await rm(path, { recursive: true, force: true });
  }
}

function figuresOf(result: IndexResult): Figures {
  return {
    'index.files': result.files,
    'index.chunks': result.chunks,
    'index.seconds': result.seconds,
    // Files that were skipped are no work done.
    'index.files_per_second': result.files / result.seconds,
    'index.peak_rss_mb': result.peakRssMb,
    'index.loop_delay_p99_ms': result.loopP99Ms,
    'index.loop_delay_max_ms': result.loopMaxMs,
    'index.disk_mb': result.diskMb,
    'index.noop_seconds': result.noopSeconds,
    'index.noop_writes': result.noopWrites,
    'index.one_file_visible_seconds': result.oneFileVisibleSeconds,
    'index.changed1pct_files': result.changedFiles,
    'index.changed1pct_seconds': result.changedVisibleSeconds,
    'index.changed1pct_share': result.changedVisibleSeconds / result.seconds,
    'index.changed1pct_again_seconds': result.changedAgainSeconds,
    'index.changed1pct_again_share': result.changedAgainSeconds / result.seconds,
  };
}

function rowOf(name: string, outcome: Outcome<SembleResult | IndexResult>): (string | number)[] {
  const { result } = outcome;
  const changed = 'changedVisibleSeconds' in result ? result.changedVisibleSeconds : result.changedSeconds;
  return [
    name,
    ...[result.files, result.chunks, result.seconds, result.files / result.seconds],
    ...[outcome.indexingCpuSeconds, outcome.indexingRssMb],
    ...[result.noopSeconds, changed, percentile(result.milliseconds, 0.5), percentile(result.milliseconds, 0.95)],
  ];
}

/** All contenders, one after another, each in its own process, on the files that all of them index. */
async function sideBySide(tree: string, ours: readonly string[], folder: string) {
  const theirs = new Set(await sembleFiles(tree));
  const files = ours.filter((path) => theirs.has(path));
  say(`side by side on the ${files.length} files that both index (codesage ${ours.length}, semble ${theirs.size})`);
  const shared = await copyOfFiles(tree, files, join(folder, 'shared'));
  const questions = questionsFrom(shared, questionCount);
  const changes = changesTo(files, 100, `${word}percent`);
  say('codesage');
  const codesage = await runOurs(shared, folder, questions);
  const semble: Outcome<SembleResult>[] = [];
  for (const processes of [false, true]) {
    say(processes ? 'semble, one process a core' : 'semble');
    const copy = await copyOf(shared, join(folder, 'semble'));
    semble.push(await runSemble(copy, { questions, changes, processes }));
    await rm(copy, { recursive: true });
  }
  const [plain, processes] = semble as [Outcome<SembleResult>, Outcome<SembleResult>];
  const rows = [
    rowOf('codesage', codesage),
    rowOf('semble 0.7.0', plain),
    rowOf('semble 0.7.0, a process a core', processes),
  ];
  type Either = Outcome<SembleResult | IndexResult>;
  const ratioBy = (cost: (outcome: Either) => number) => Math.min(cost(plain), cost(processes)) / cost(codesage);
  const ratio = ratioBy(({ result }) => result.seconds / result.files);
  const cpuRatio = ratioBy(({ result, indexingCpuSeconds }) => indexingCpuSeconds / result.files);
  return { rows, ratio, cpuRatio, common: files.length };
}

async function main(argument: string | undefined): Promise<void> {
  const tree = await tenThousandFiles(argument);
  const folder = await mkdtemp(join(tmpdir(), 'codesage-bench-'));
  try {
    say(`the whole of ${tree} with codesage`);
    const { result } = await runOurs(tree, folder, []);
    const { rows, ratio, cpuRatio, common } = await sideBySide(tree, result.paths, folder);
    const columns = ['', 'files', 'chunks', 'index s', 'files/s', 'CPU s', 'RSS MB', 'again s', '1 % changed s'];
    const table: Table = { name: 'index', columns: [...columns, 'query p50 ms', 'query p95 ms'], rows };
    const beside = { 'index.semble_files': common, 'index.semble_ratio': ratio, 'index.semble_cpu_ratio': cpuRatio };
    const figures = { ...figuresOf(result), ...beside };
    printReport('index', figures, [table]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2).find((argument) => !argument.startsWith('--')));
