/** Decides what an indexing thread does with a task: scan a tree, or read, parse, cut and embed a batch of files. */
import { hash as digest } from 'node:crypto';
import { threadId, workerData } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { WordSplitter } from '../chunking/words.ts';
import { documentText } from '../embedding/embedder.ts';
import { createStaticEmbedder } from '../embedding/static-model.ts';
import { type ScanResult, scanTree } from '../sources/scan.ts';
import { parseFile } from '../syntax/parser.ts';
import { emptySyntax } from '../syntax/types.ts';
import { type ChunkRow, packChunks, rowsOf } from './chunk-rows.ts';
import { packText } from './columns.ts';
import { type IndexedFile, indexFile } from './index-file.ts';
import { SymbolRows } from './symbol-rows.ts';
import type { IndexTask, IndexTaskResult, ScanTask, WorkerSettings } from './worker-protocol.ts';

// Piscina puts its own data first and ours second.
const settings = (Array.isArray(workerData) ? workerData[1] : workerData) as WorkerSettings;
const { dimensions } = settings;
const embedder = settings.model === undefined ? undefined : createStaticEmbedder(settings.model);
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

/** Reads, parses, cuts and embeds a batch of files. The answer's arrays are moved, not copied. */
export async function indexFiles(task: IndexTask): Promise<IndexTaskResult> {
  const now = Date.now();
  const symbols = new SymbolRows();
  const indexed: IndexedFile[] = [];
  const rows: ChunkRow[] = [];
  for (const wanted of task.files) {
    const one = await indexFile(wanted, task, now, parseFile);
    symbols.addFile(one.file.path, one.syntax);
    rows.push(...rowsOf(one));
    // What is found in it is in rows now: a batch need not hold the objects of all its files.
    indexed.push({ ...one, syntax: emptySyntax(one.file.language) });
  }
  const { vectors, hits, misses } = embedRows(rows, cacheOf(task.cacheEntries), task.useCache);
  const kept = indexed.filter(({ file }) => file.outcome === 'indexed' || file.outcome === 'skipped');
  return moved({
    files: indexed.map(({ file }) => file),
    fileColumns: { vectors: meanVectors(kept, vectors), text: packText(kept.map(({ text }) => text)) },
    chunks: packChunks(rows, vectors, splitter),
    symbols: symbols.finish(),
    embedded: misses,
    cache: { worker: threadId, hits, misses: cache === undefined ? 0 : misses, size: cache?.size ?? 0 },
  });
}

function embedRows(rows: readonly ChunkRow[], known: LRUCache<string, Float32Array> | undefined, useCache: boolean) {
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
function meanVectors(kept: readonly IndexedFile[], vectors: Float32Array): Float32Array {
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

/** Every buffer of the answer's columns is moved; nothing else refers to them. */
function moved(result: IndexTaskResult): IndexTaskResult {
  const buffers: ArrayBufferLike[] = [];
  for (const columns of [result.fileColumns, result.chunks, result.symbols]) {
    for (const column of Object.values(columns)) {
      if (ArrayBuffer.isView(column)) buffers.push(column.buffer);
      else if (typeof column === 'object') buffers.push(column.offsets.buffer, column.bytes.buffer);
    }
  }
  return withTransfer(result, buffers as ArrayBuffer[]);
}

/** Piscina moves the listed buffers and answers with the value. */
function withTransfer<T extends object>(value: T, buffers: ArrayBuffer[]): T {
  return move({ [transferableSymbol]: buffers, [valueSymbol]: value } as unknown as ArrayBuffer) as unknown as T;
}
