/** Decides when a generation's indexes are made, when its data is rewritten, and publishes its newest state as one version. */

import { createRequire } from 'node:module';
import type { Table } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';
import { noEmbedding } from '../embedding/embedder.ts';
import { directorySize } from './disk.ts';
import type { FileChanges } from './file-list.ts';
import { type Generation, type Publication, versionsOf, writeMeta } from './generation.ts';
import {
  createSymbolIndex,
  createVectorIndex,
  createWordIndex,
  indexedColumns,
  symbolIndexColumns,
  symbolIndexMinRows,
  vectorColumn,
  vectorIndexMinRows,
  wordsColumn,
} from './lance.ts';
import type { KnownFile } from './plan.ts';

// LanceDB's batches belong to the CommonJS copy of apache-arrow; the copy that import gives does not know them.
const { Table: ArrowTable } = createRequire(import.meta.url)('apache-arrow') as typeof import('apache-arrow');

/** Rows outside an index are scanned by each search; beyond this many, or this share, they are taken in. */
const unindexedRows = 2000;
const unindexedShare = 0.05;
/** Each run's writes are fragments with files and versions of their own; beyond this many for the rows, they are joined. */
const fragmentsAllowed = 64;
const rowsPerFragment = 500;
const copyRows = 2000;
/** Rows that are read at once: a row of `files` may hold a text of a megabyte. */
const readRows = 128;
const copyBytes = 16 << 20;

/** Deleted rows and old versions stay on disk: beyond so much of what the rows took when they were new, all is written again. */
const staleMultiple = 3;
const staleBytesAllowed = 16 << 20;
/** Text, words, vector and symbols of a chunk take 3 kB in most code bases. */
const mostChunkBytes = 8192;

export type TableState = {
  rows: number;
  unindexed: number;
  fragments: number;
  /** On disk, and when it was new; absent before the first publication. */
  bytes: number;
  fresh?: { bytes: number; chunks: number };
};

/** True when what many small runs left behind costs searches and disk more than writing all of it again. */
export function needsRewrite({ rows, unindexed, fragments, bytes, fresh }: TableState): boolean {
  return (
    (fresh !== undefined && bytes > staleBytesAllowed + staleMultiple * expectedBytes(rows, fresh)) ||
    unindexed > Math.max(unindexedRows, rows * unindexedShare) ||
    fragments > fragmentsAllowed + rows / rowsPerFragment
  );
}

/** What so many chunks would take in a new generation. */
function expectedBytes(rows: number, fresh: { bytes: number; chunks: number }): number {
  // In an index of a few chunks most bytes are there whatever their number is.
  return (
    fresh.bytes + Math.max(0, rows - fresh.chunks) * Math.min(mostChunkBytes, fresh.bytes / Math.max(1, fresh.chunks))
  );
}

/** State of a generation: rows outside its word index, if it has one, and the fragments of its most scattered table. */
export async function stateOf({ chunks, files, symbols, directory, meta }: Generation): Promise<TableState> {
  const wordIndex = (await indexedColumns(chunks)).get(wordsColumn);
  const rows = await chunks.countRows();
  const unindexed = wordIndex === undefined ? 0 : ((await chunks.indexStats(wordIndex))?.numUnindexedRows ?? 0);
  const fragments = await Promise.all(
    [chunks, files, symbols].map(async (table) => (await table.stats()).fragmentStats.numFragments),
  );
  const fresh = meta.publication?.fresh;
  const bytes = await directorySize(directory);
  return { rows, unindexed, fragments: Math.max(...fragments), bytes, ...(fresh === undefined ? {} : { fresh }) };
}

/**
 * Copies all rows into an empty generation, which then gets fresh indexes. LanceDB's own `optimize` does the same in
 * place but reads and remaps without bound: 60,000 chunks took 280 MB more, this 120 MB. File rows come last, so that a
 * copy that was cut short is seen as chunks and symbols without files.
 */
export async function copyRowsInto(from: Generation, to: Generation, signal?: AbortSignal): Promise<void> {
  await copyTable(from.chunks, to.chunks, signal);
  await copyTable(from.symbols, to.symbols, signal);
  await copyTable(from.files, to.files, signal);
}

/** LanceDB's own iteration reads 1,024 rows at once and lets nobody say otherwise, though its `execute` takes a limit. */
function readBatches(table: Table): AsyncIterable<RecordBatch> {
  type Executes = { execute(options: { maxBatchLength: number }): AsyncIterable<RecordBatch> };
  return (table.query() as unknown as Executes).execute({ maxBatchLength: readRows });
}

async function copyTable(from: Table, to: Table, signal: AbortSignal | undefined): Promise<void> {
  let gathered: RecordBatch[] = [];
  let rows = 0;
  let bytes = 0;
  const flush = async () => {
    if (rows > 0) await to.add(new ArrowTable(gathered));
    gathered = [];
    rows = 0;
    bytes = 0;
  };
  for await (const batch of readBatches(from)) {
    signal?.throwIfAborted();
    gathered.push(batch);
    rows += batch.numRows;
    bytes += batch.data.byteLength;
    if (rows >= copyRows || bytes >= copyBytes) await flush();
  }
  await flush();
}

async function completeIndexes(chunks: Table, hasVectors: boolean, needed: NeedsIndexes): Promise<number> {
  const rows = await chunks.countRows();
  if (rows === 0 || !needed(rows)) return rows;
  const indexed = await indexedColumns(chunks);
  if (!indexed.has(wordsColumn)) await createWordIndex(chunks);
  if (hasVectors && rows >= vectorIndexMinRows && !indexed.has(vectorColumn)) await createVectorIndex(chunks, rows);
  return rows;
}

/** Rows that come later are scanned until the next rewrite: few beside the rest. */
async function completeSymbolIndexes(symbols: Table): Promise<number> {
  const rows = await symbols.countRows();
  if (rows < symbolIndexMinRows) return rows;
  const indexed = await indexedColumns(symbols);
  for (const column of symbolIndexColumns) if (!indexed.has(column)) await createSymbolIndex(symbols, column);
  return rows;
}

/** Whether so many chunks need LanceDB's own indexes: those that fit into memory are searched there. */
export type NeedsIndexes = (chunks: number) => boolean;

/** `skipped`: what the scan left out. */
export type PublicationFacts = Pick<Publication, 'revision' | 'rules' | 'skipped' | 'indexedAt'> & {
  /** What reading showed, now or in earlier runs, where that is known; it is counted from the table otherwise. */
  readAndSkipped?: Record<string, number> | undefined;
};

/** Files that were read and left out, by reason, after these changes: reading the table takes as long as the table is large. */
export function skippedAfter(
  known: ReadonlyMap<string, KnownFile>,
  { removed, leftOut }: FileChanges,
): Record<string, number> {
  const counts: Record<string, number> = {};
  const count = (reason: string) => {
    counts[reason] = (counts[reason] ?? 0) + 1;
  };
  for (const [path, { skipped }] of known) if (skipped !== '' && !removed.has(path)) count(skipped);
  for (const reason of leftOut.values()) count(reason);
  return counts;
}

/** Files that were read and left out, by reason. */
async function countSkipped(files: Table): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for await (const batch of files.query().where("skipped <> ''").select(['skipped'])) {
    for (const reason of batch.getChild('skipped') ?? []) counts[String(reason)] = (counts[String(reason)] ?? 0) + 1;
  }
  return counts;
}

function sumByReason(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const sums = { ...a };
  for (const [reason, count] of Object.entries(b)) sums[reason] = (sums[reason] ?? 0) + count;
  return sums;
}

/** Makes the generation's newest state the published one. Until its last step readers see nothing of it. */
export async function publish(
  generation: Generation,
  { readAndSkipped, ...facts }: PublicationFacts,
  needsIndexes: NeedsIndexes,
): Promise<Publication> {
  const hasVectors = generation.meta.recipe.embedding !== noEmbedding;
  const chunks = await completeIndexes(generation.chunks, hasVectors, needsIndexes);
  const symbols = await completeSymbolIndexes(generation.symbols);
  const skipped = readAndSkipped ?? (await countSkipped(generation.files));
  const notIndexed = Object.values(skipped).reduce((sum, count) => sum + count, 0);
  const newest = await versionsOf(generation);
  const publication: Publication = {
    ...facts,
    skipped: sumByReason(facts.skipped, skipped),
    sequence: (generation.meta.publication?.sequence ?? 0) + 1,
    filesVersion: newest.files,
    chunksVersion: newest.chunks,
    symbolsVersion: newest.symbols,
    files: (await generation.files.countRows()) - notIndexed,
    chunks,
    symbols,
    fresh: generation.meta.publication?.fresh ?? { bytes: await directorySize(generation.directory), chunks },
  };
  await writeMeta(generation, { ...generation.meta, publication });
  generation.newest = newest;
  return publication;
}
