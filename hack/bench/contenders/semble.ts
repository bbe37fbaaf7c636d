/** Decides how semble, the nearest peer that runs offline, is measured. */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtinModelDirectory } from '../../../server/src/embedding/static-model.ts';
import { cacheRoot, hashOfFiles, madeOnce } from '../../cluster/cache.ts';
import type { Outcome } from './process.ts';
import { runPython } from './python.ts';

export type SembleResult = {
  files: number;
  chunks: number;
  seconds: number;
  milliseconds: number[];
  noopSeconds: number;
  changedSeconds: number;
};

/** A line to be appended to a file of the tree. */
export type Change = { path: string; line: string };

/** A model of its format with our vectors: its own is fetched from a hub, which not every machine reaches. */
async function localModel(): Promise<string> {
  const hash = await hashOfFiles(builtinModelDirectory, ['config.json', 'model.safetensors', 'vocab.txt'], ['1']);
  return madeOnce(join(cacheRoot(), `bench-model2vec-${hash}`), async (folder) => {
    await runPython('model2vec_model.py', [builtinModelDirectory, folder]);
  });
}

/** The files of a tree that semble would index, relative to it. */
export async function sembleFiles(tree: string): Promise<string[]> {
  return (await runPython<string[]>('semble_files.py', [tree])).result;
}

/**
 * Indexes a tree with semble and times the questions.
 * @param processes true: files are cut in as many processes as there are cores, which its default leaves off
 */
export async function runSemble(
  tree: string,
  { questions, changes, processes }: { questions: readonly string[]; changes: readonly Change[]; processes: boolean },
): Promise<Outcome<SembleResult>> {
  const cache = await mkdtemp(join(tmpdir(), 'codesage-semble-'));
  const env = {
    SEMBLE_CACHE_LOCATION: cache,
    SEMBLE_INDEX_WORKERS: String(processes ? availableParallelism() : 0),
  };
  try {
    return await runPython('semble_run.py', [tree, await localModel()], { env, input: { questions, changes } });
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

/** What is asked of one tree. */
export type TreeQuestions = { tree: string; questions: readonly string[] };

/** Paths of the first ten files that semble finds, by tree and question, with our vectors and its own ranking. */
export async function rankWithSemble(trees: readonly TreeQuestions[]): Promise<string[][][]> {
  const cache = await mkdtemp(join(tmpdir(), 'codesage-semble-'));
  const env = { SEMBLE_CACHE_LOCATION: cache };
  try {
    const limitSeconds = 3600;
    return (await runPython<string[][][]>('semble_rank.py', [await localModel()], { env, input: trees, limitSeconds }))
      .result;
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}
