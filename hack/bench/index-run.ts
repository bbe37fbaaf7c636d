/**
 * Decides how our engine is measured alone in a process: the first run, one without changes, questions, one changed
 * file, 1 % changed, and 1 % again and again, as in a tree that is worked in. Usage: node hack/bench/index-run.ts TREE DATA < {"questions": [...], "word": "..."}. The tree is changed.
 */
import { appendFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Engine } from '../../server/src/engine.ts';
import type { Change } from './contenders/semble.ts';
import { codebase, indexedFiles, openEngine, peakRssMb, watchLoop } from './engine-run.ts';
import { changesTo } from './questions.ts';
import { percentile } from './report.ts';

/** `word` marks changes: it is nowhere in the tree. */
export type IndexRequest = { questions: string[]; word: string };

export type IndexResult = {
  files: number;
  chunks: number;
  seconds: number;
  peakRssMb: number;
  loopP99Ms: number;
  loopMaxMs: number;
  diskMb: number;
  noopSeconds: number;
  noopWrites: number;
  milliseconds: number[];
  oneFileVisibleSeconds: number;
  changedFiles: number;
  changedVisibleSeconds: number;
  /** Median of further changes of as many files, while the threads that index have not gone to rest. */
  changedAgainSeconds: number;
  paths: string[];
};

async function run(engine: Engine): Promise<{ seconds: number; changed: number }> {
  const startedAt = performance.now();
  const { filesChanged } = await engine.indexCodebase(codebase, { full: false });
  return { seconds: (performance.now() - startedAt) / 1000, changed: filesChanged };
}

/** Every file below a folder, with what changes when it is written. */
async function stateOf(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const state = new Map<string, string>();
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const { ino, size, mtimeMs } = await stat(path);
    state.set(path, `${ino} ${size} ${mtimeMs}`);
  }
  return state;
}

async function secondRun(engine: Engine, dataDir: string): Promise<{ noopSeconds: number; noopWrites: number }> {
  const index = join(dataDir, 'index');
  const before = await stateOf(index);
  const { seconds } = await run(engine);
  const after = await stateOf(index);
  const paths = new Set([...before.keys(), ...after.keys()]);
  return {
    noopSeconds: seconds,
    noopWrites: [...paths].filter((path) => before.get(path) !== after.get(path)).length,
  };
}

async function ask(engine: Engine, questions: readonly string[]): Promise<number[]> {
  for (const question of questions.slice(0, 20))
    await engine.semanticSearch({ query: `${question} ${question}`, codebases: [], topK: 10 });
  const milliseconds: number[] = [];
  for (const query of questions) {
    const startedAt = performance.now();
    await engine.semanticSearch({ query, codebases: [], topK: 10 });
    milliseconds.push(performance.now() - startedAt);
  }
  return milliseconds;
}

/** Seconds from the start of a run until a search finds the word. */
async function secondsToSee(engine: Engine, tree: string, changes: readonly Change[], word: string): Promise<number> {
  for (const { path, line } of changes) appendFileSync(join(tree, path), line);
  const startedAt = performance.now();
  const running = run(engine);
  let visible = Number.NaN;
  const isVisible = async () => {
    const { hits } = await engine.semanticSearch({ query: word, codebases: [], topK: 10 });
    return hits.some(({ text: passage }) => passage.includes(word));
  };
  for (let ended = false; Number.isNaN(visible) && !ended; ) {
    // Asked once more after the run: from then on it has to be there.
    ended = await Promise.race([running.then(() => true), new Promise<false>((go) => setTimeout(go, 25, false))]);
    if (await isVisible()) visible = (performance.now() - startedAt) / 1000;
  }
  const { changed } = await running;
  if (changed !== changes.length || Number.isNaN(visible))
    throw new Error(`${changed} of ${changes.length} changes were taken up; the word was found after ${visible} s`);
  return visible;
}

async function measure(tree: string, dataDir: string, { questions, word }: IndexRequest): Promise<IndexResult> {
  const loop = watchLoop();
  const engine = openEngine(tree, dataDir, { background: false });
  await engine.start();
  const { seconds } = await run(engine);
  const indexing = { peakRssMb: peakRssMb(), loopP99Ms: loop.p99(), loopMaxMs: loop.max() };
  process.stdout.write('{"phase": "indexed"}\n');
  const { codebases, index } = await engine.status();
  const { files = 0, chunks = 0 } = codebases[0] ?? {};
  const second = await secondRun(engine, dataDir);
  const milliseconds = await ask(engine, questions);
  const paths = await indexedFiles(dataDir);
  const one = changesTo(paths, 1, `${word}one`).slice(0, 1);
  const percent = changesTo(paths, 100, `${word}percent`);
  const oneFileVisibleSeconds = await secondsToSee(engine, tree, one, `${word}one`);
  const changedVisibleSeconds = await secondsToSee(engine, tree, percent, `${word}percent`);
  const again: number[] = [];
  for (const time of ['second', 'third', 'fourth']) {
    const mark = `${word}${time}`;
    again.push(await secondsToSee(engine, tree, changesTo(paths, 100, mark), mark));
  }
  await engine.stop();
  const changedAgainSeconds = percentile(again, 0.5);
  const changes = { oneFileVisibleSeconds, changedFiles: percent.length, changedVisibleSeconds, changedAgainSeconds };
  return {
    files,
    chunks,
    seconds,
    ...indexing,
    ...second,
    diskMb: index.sizeBytes / 1e6,
    milliseconds,
    ...changes,
    paths,
  };
}

const [tree = '', dataDir = ''] = process.argv.slice(2);
const request = JSON.parse(await text(process.stdin)) as IndexRequest;
process.stdout.write(`${JSON.stringify(await measure(tree, dataDir, request))}\n`);
