/** Decides what an indexing thread does with a batch of files: read, parse, cut and embed them. */
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { summaryOf } from '../chunking/summary.ts';
import { WordSplitter } from '../chunking/words.ts';
import { emptySyntax } from '../syntax/types.ts';
import { type ChunkRow, packChunks, rowsOf } from './chunk-rows.ts';
import { beat, stand } from './heartbeat.ts';
import { indexFile, type ParseFile } from './index-file.ts';
import { RowEmbedder, type SummedUp } from './row-embedder.ts';
import { SymbolRows } from './symbol-rows.ts';
import { packText } from './text-column.ts';
import type { IndexTask, IndexTaskResult, WorkerSettings } from './worker-protocol.ts';

/** Reads, parses, cuts and embeds a batch of files. The answer's arrays are moved, not copied. */
export type IndexFiles = (task: IndexTask) => Promise<IndexTaskResult>;

/** Makes the task over a parser. */
export function createIndexFiles(settings: WorkerSettings, parse: ParseFile): IndexFiles {
  const embedder = new RowEmbedder(settings);
  const splitter = new WordSplitter();

  async function indexFiles(task: IndexTask): Promise<IndexTaskResult> {
    const { indexed, rows, symbols } = await readBatch(task, parse);
    beat(task.heartbeat, stand.betweenFiles);
    const kept = indexed.filter(({ file }) => file.outcome === 'indexed' || file.outcome === 'skipped');
    const { vectors, fileVectors, embedded, cache } = await embedder.embed(rows, kept, task);
    return moved({
      files: indexed.map(({ file }) => file),
      fileColumns: { vectors: fileVectors, text: packText(kept.map(({ text }) => text)) },
      chunks: packChunks(rows, vectors, splitter),
      symbols: symbols.finish(),
      embedded,
      cache,
    });
  }

  return async (task) => {
    try {
      return await indexFiles(task);
    } finally {
      // Whatever the answer is, the thread is alive.
      beat(task.heartbeat, stand.answered);
    }
  };
}

async function readBatch(task: IndexTask, parse: ParseFile) {
  const now = Date.now();
  const symbols = new SymbolRows();
  const indexed: SummedUp[] = [];
  const rows: ChunkRow[] = [];
  for (const [i, wanted] of task.files.entries()) {
    beat(task.heartbeat, i);
    const one = await indexFile(wanted, task, now, parse);
    symbols.addFile(one.file.path, one.syntax);
    for (const row of rowsOf(one)) rows.push(row);
    // What is found in it is in rows now: a batch need not hold the objects of all its files.
    indexed.push({ ...one, syntax: emptySyntax(one.file.language), summary: summaryOf(one.syntax.symbols) });
  }
  return { indexed, rows, symbols };
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
