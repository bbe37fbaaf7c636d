/** Decides what an indexing thread runs: the tasks with the parser of every day. */
import { workerData } from 'node:worker_threads';
import { parseFile } from '../syntax/parser.ts';
import type { WorkerSettings } from './worker-protocol.ts';
import { createWorkerTasks } from './worker-tasks.ts';

// Piscina puts its own data first and ours second.
const settings = (Array.isArray(workerData) ? workerData[1] : workerData) as WorkerSettings;

export const { scan, indexFiles } = createWorkerTasks(settings, parseFile);
