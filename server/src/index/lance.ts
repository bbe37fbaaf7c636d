/** Decides how LanceDB is opened and which of its indexes are made, with the settings that were measured to work. */
import { type Connection, connect, Index, MatchQuery, Session, type Table } from '@lancedb/lancedb';

/**
 * LanceDB's default caches take up to 7 GB. 64 MB hold the full-text postings and binary vectors of about 100,000 chunks.
 */
const indexCacheBytes = 64n << 20n;
const metadataCacheBytes = 32n << 20n;

let session: Session | undefined;

/** Opens a database directory. All connections of the process share one cache, save those with a session of their own. */
export async function openDatabase(directory: string, own?: Session): Promise<Connection> {
  // Lance writes deprecation notices to stderr, one a query; our own logs say what matters.
  process.env.LANCE_LOG ??= 'error';
  session ??= new Session(indexCacheBytes, metadataCacheBytes);
  return connect(directory, { session: own ?? session });
}

const forgetfulBytes = 1n << 20n;

/** A session that knows nothing yet: LanceDB remembers files by their paths, also those that another process replaced. */
export function freshSession(): Session {
  return new Session(forgetfulBytes, metadataCacheBytes);
}

export const wordsColumn = 'words';
export const vectorColumn = 'vector';

/**
 * From here on a vector index pays: a scan of 16,000 vectors takes about as long (8 ms) as the index with its refinement.
 */
export const vectorIndexMinRows = 16_384;
const rowsPerPartition = 2_048;

/**
 * IVF_RQ with 4 bits a dimension. On the 46,254 chunks of the Kubernetes sources (143 real queries, best 50 against the
 * scan): 24 partitions, all probed, refine 2: recall 0.999, p50 3.7 ms, built in 1.6 s. With 1 bit: 0.787 (refine 8: 0.966).
 * With sqrt(N) partitions, 20 probed: at most 0.80 for IVF_RQ and IVF_FLAT alike, as this model's vectors cluster badly.
 */
export const vectorSearch = { numBits: 4, refineFactor: 2, maxProbes: 64 } as const;

/** Full text over words that are split and lower-cased already. Positions crashed optimize (lance#7653) and serve phrases only. */
export async function createWordIndex(chunks: Table): Promise<void> {
  const config = Index.fts({
    baseTokenizer: 'whitespace',
    withPosition: false,
    stem: false,
    removeStopWords: false,
    asciiFolding: false,
    lowercase: false,
    maxTokenLength: 128,
  });
  await chunks.createIndex(wordsColumn, { config, replace: true });
}

export async function createVectorIndex(chunks: Table, rows: number): Promise<void> {
  const numPartitions = Math.max(1, Math.ceil(rows / rowsPerPartition));
  const config = Index.ivfRq({ distanceType: 'cosine', numPartitions, numBits: vectorSearch.numBits });
  await chunks.createIndex(vectorColumn, { config, replace: true });
}

/** Below this, a scan of `symbols` is as fast as its indexes. */
export const symbolIndexMinRows = 20_000;
export const symbolIndexColumns = ['name', 'path'] as const;

/** On the 335,579 symbol rows of the Kubernetes sources a lookup by name takes 3 ms instead of 45, one by path 3 instead of 42. */
export async function createSymbolIndex(symbols: Table, column: (typeof symbolIndexColumns)[number]): Promise<void> {
  await symbols.createIndex(column, { config: Index.btree(), replace: true });
}

/** The names of a table's indexes by column. */
export async function indexedColumns(table: Table): Promise<Map<string, string>> {
  const indexes = await table.listIndices();
  return new Map(indexes.flatMap((index) => index.columns.map((column) => [column, index.name] as const)));
}

/** A full-text query over split words. */
export function wordsQuery(words: string): MatchQuery {
  return new MatchQuery(words, wordsColumn);
}

/** A string as an SQL literal. */
export function sqlText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

export function sqlList(values: readonly string[]): string {
  return `(${values.map(sqlText).join(',')})`;
}

const versionsBeforeCleanup = 24;

/** Replaces a one-row table's row in one commit, and now and then drops its old versions. */
export async function replaceSingleRow(table: Table, row: Record<string, unknown>): Promise<void> {
  await table.add([row], { mode: 'overwrite' });
  if ((await table.listVersions()).length > versionsBeforeCleanup) {
    await table.optimize({ cleanupOlderThan: new Date(), deleteUnverified: true });
  }
}
