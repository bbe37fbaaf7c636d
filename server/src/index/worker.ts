/** Decides what an indexing thread does with a task: scan a tree, or read, cut and embed a batch of files. */
import { hash as digest } from 'node:crypto';
import { threadId, workerData } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import type { Chunk } from '../chunking/chunker.ts';
import { definitionsIn } from '../chunking/definitions.ts';
import { definitionWord, pathWords, WordSplitter } from '../chunking/words.ts';
import { documentText } from '../embedding/embedder.ts';
import { createStaticEmbedder } from '../embedding/static-model.ts';
import { type ScanResult, scanTree } from '../sources/scan.ts';
import { packText } from './columns.ts';
import { type IndexedFile, indexFile } from './index-file.ts';
import type { IndexTask, IndexTaskResult, ScanTask, WorkerSettings } from './worker-protocol.ts';

// Piscina puts its own data first and ours second.
const settings = (Array.isArray(workerData) ? workerData[1] : workerData) as WorkerSettings;
const { model, dimensions } = settings;
const embedder = model === undefined ? undefined : createStaticEmbedder(model);
const splitter = new WordSplitter();
let cache: LRUCache<string, Float32Array> | undefined;

/** Lists the files of a tree. */
export function scan({ root, rules }: ScanTask): ScanResult {
  return scanTree(root, rules);
}

function cacheOf(entries: number): LRUCache<string, Float32Array> | undefined {
  if (entries <= 0) cache = undefined;
  else if (cache?.max !== entries) cache = new LRUCache<string, Float32Array>({ max: entries });
  return cache;
}

type Row = { path: string; language: string; chunk: Chunk };

/** Reads, cuts and embeds a batch of files. The answer's arrays are moved, not copied. */
export function indexFiles(task: IndexTask): IndexTaskResult {
  const now = Date.now();
  const indexed = task.files.map((file) => indexFile(file, task, now));
  const rows: Row[] = indexed.flatMap(({ file, chunks }) =>
    chunks.map((chunk) => ({ path: file.path, language: file.language, chunk })),
  );
  const { vectors, hits, misses } = embedRows(rows, cacheOf(task.cacheEntries), task.useCache);
  const definitions = rows.map(({ chunk, language }) => definitionsIn(chunk.text, language));
  const result: IndexTaskResult = {
    files: indexed.map(({ file }) => file),
    fileVectors: meanVectors(indexed, vectors),
    chunks: {
      count: rows.length,
      path: packText(rows.map(({ path }) => path)),
      language: packText(rows.map(({ language }) => language)),
      startLine: Int32Array.from(rows, ({ chunk }) => chunk.startLine),
      endLine: Int32Array.from(rows, ({ chunk }) => chunk.endLine),
      definitions: packText(definitions.map((names) => names.join(' '))),
      text: packText(rows.map(({ chunk }) => chunk.text)),
      words: packText(rows.map((row, i) => wordsOf(row, definitions[i] ?? []))),
      vectors,
    },
    embedded: misses,
    cache: { worker: threadId, hits, misses: cache === undefined ? 0 : misses, size: cache?.size ?? 0 },
  };
  return moved(result);
}

function wordsOf({ path, chunk }: Row, definitions: readonly string[]): string {
  const defined = definitions.map(definitionWord).join(' ');
  return `${splitter.split(chunk.text)} ${pathWords(splitter, path)} ${defined}`;
}

function embedRows(rows: readonly Row[], known: LRUCache<string, Float32Array> | undefined, useCache: boolean) {
  const vectors = new Float32Array(rows.length * dimensions);
  if (embedder === undefined) return { vectors, hits: 0, misses: 0 };
  let hits = 0;
  for (const [i, { path, chunk }] of rows.entries()) {
    const text = documentText(path, chunk.text);
    const key = known === undefined ? '' : digest('sha256', text, 'base64');
    const cached = useCache ? known?.get(key) : undefined;
    if (cached !== undefined) {
      vectors.set(cached, i * dimensions);
      hits++;
      continue;
    }
    embedder.embedInto(text, vectors, i * dimensions);
    known?.set(key, vectors.slice(i * dimensions, (i + 1) * dimensions));
  }
  return { vectors, hits, misses: rows.length - hits };
}

/** The mean of each file's chunk vectors, for files that get a row. */
function meanVectors(indexed: readonly IndexedFile[], vectors: Float32Array): Float32Array {
  const kept = indexed.filter(({ file }) => file.outcome === 'indexed' || file.outcome === 'skipped');
  const means = new Float32Array(kept.length * dimensions);
  let row = 0;
  for (const [f, { chunks }] of kept.entries()) {
    const mean = means.subarray(f * dimensions, (f + 1) * dimensions);
    for (let c = 0; c < chunks.length; c++, row++) {
      for (let i = 0; i < dimensions; i++) {
        mean[i] = (mean[i] as number) + (vectors[row * dimensions + i] as number) / chunks.length;
      }
    }
  }
  return means;
}

function moved(result: IndexTaskResult): IndexTaskResult {
  const { chunks } = result;
  const buffers = [result.fileVectors, chunks.startLine, chunks.endLine, chunks.vectors].map((array) => array.buffer);
  for (const column of [chunks.path, chunks.language, chunks.definitions, chunks.text, chunks.words]) {
    buffers.push(column.offsets.buffer, column.bytes.buffer);
  }
  return withTransfer(result, buffers as ArrayBuffer[]);
}

/** Piscina moves the listed buffers and answers with the value. */
function withTransfer<T extends object>(value: T, buffers: ArrayBuffer[]): T {
  return move({ [transferableSymbol]: buffers, [valueSymbol]: value } as unknown as ArrayBuffer) as unknown as T;
}
