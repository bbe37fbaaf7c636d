/** Decides how a plain BM25 is measured: the library that Python programs take, over pieces of the same files. */
import type { Outcome } from './process.ts';
import { runPython } from './python.ts';

export type Bm25Result = { files: number; chunks: number; seconds: number; milliseconds: number[] };

/** Indexes these files of a tree in memory and times the questions. */
export function runBm25(
  tree: string,
  files: readonly string[],
  questions: readonly string[],
): Promise<Outcome<Bm25Result>> {
  return runPython('bm25_run.py', [tree], { input: { files, questions } });
}
