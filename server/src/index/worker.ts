/**
 * Decides what an indexing thread runs: scans at once; parser, model and all else that files are read with are loaded by
 * the first batch, so that a look at a tree in which nothing changed does not wait for them.
 */
import { workerData } from 'node:worker_threads';
import { type ScanPart, scanTree } from '../sources/scan.ts';
import type { IndexTask, IndexTaskResult, ScanPartTask, WorkerSettings } from './worker-protocol.ts';
import type { IndexFiles } from './worker-tasks.ts';

// Piscina puts its own data first and ours second.
const settings = (Array.isArray(workerData) ? workerData[1] : workerData) as WorkerSettings;

let loading: Promise<IndexFiles> | undefined;

/** Lists the files of a part of a tree. */
export function scan({ root, rules, span }: ScanPartTask): ScanPart {
  return scanTree(root, rules, span);
}

/** Reads, parses, cuts and embeds a batch of files. */
export async function indexFiles(task: IndexTask): Promise<IndexTaskResult> {
  loading ??= load().catch((error: unknown) => {
    // What could not be read now, for want of file handles say, may be there for the next batch.
    loading = undefined;
    throw error;
  });
  return (await loading)(task);
}

async function load(): Promise<IndexFiles> {
  const [{ createIndexFiles }, { parseFile }] = await Promise.all([
    import('./worker-tasks.ts'),
    import('../syntax/parser.ts'),
  ]);
  return createIndexFiles(settings, parseFile);
}
