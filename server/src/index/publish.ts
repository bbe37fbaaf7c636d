/** Decides when a generation's indexes are brought up to date, and publishes its newest state as one version. */
import type { Table } from '@lancedb/lancedb';
import { type Generation, type Publication, writeMeta } from './generation.ts';
import {
  createVectorIndex,
  createWordIndex,
  indexedColumns,
  vectorColumn,
  vectorIndexMinRows,
  wordsColumn,
} from './lance.ts';

/** Rows outside an index are scanned by each search; beyond this many, or this share, they are taken in. */
const unindexedRows = 2000;
const unindexedShare = 0.05;
/** Each small write is a fragment with files of its own; they are joined beyond this many. */
const fragmentLimit = 40;

/** True when a table's scattered state costs searches more than tidying it costs once. */
export function needsOptimize(state: { rows: number; unindexed: number; fragments: number }): boolean {
  return state.unindexed > Math.max(unindexedRows, state.rows * unindexedShare) || state.fragments > fragmentLimit;
}

/** Versions older than the published one can go; before the first publication, all but the newest. */
async function oldestNeeded(table: Table, publishedVersion: number | undefined): Promise<Date> {
  if (publishedVersion === undefined) return new Date();
  const versions = await table.listVersions();
  return versions.find(({ version }) => version === publishedVersion)?.timestamp ?? new Date(0);
}

async function optimize(table: Table, publishedVersion: number | undefined): Promise<void> {
  // deleteUnverified also takes what a killed run left behind. It is safe as this process is the table's only writer.
  await table.optimize({ cleanupOlderThan: await oldestNeeded(table, publishedVersion), deleteUnverified: true });
}

async function fragmentsOf(table: Table): Promise<number> {
  return (await table.stats()).fragmentStats.numFragments;
}

async function tidyChunks(chunks: Table, published: number | undefined): Promise<number> {
  const rows = await chunks.countRows();
  if (rows === 0) return 0;
  const indexed = await indexedColumns(chunks);
  const wordIndex = indexed.get(wordsColumn);
  if (wordIndex === undefined) {
    // Joined first, then indexed: an index over many fragments would be rewritten when they are joined.
    if ((await fragmentsOf(chunks)) > 1) await optimize(chunks, published);
    await createWordIndex(chunks);
  } else {
    const unindexed = (await chunks.indexStats(wordIndex))?.numUnindexedRows ?? 0;
    if (needsOptimize({ rows, unindexed, fragments: await fragmentsOf(chunks) })) await optimize(chunks, published);
  }
  if (rows >= vectorIndexMinRows && !indexed.has(vectorColumn)) await createVectorIndex(chunks, rows);
  return rows;
}

async function tidyFiles(files: Table, published: number | undefined): Promise<number> {
  const fragments = await fragmentsOf(files);
  if (published === undefined ? fragments > 1 : fragments > fragmentLimit) await optimize(files, published);
  return files.countRows("skipped = ''");
}

export type PublicationFacts = Pick<Publication, 'revision' | 'rules' | 'skipped' | 'indexedAt'>;

/** Makes the generation's newest state the published one. Until its last step readers see nothing of it. */
export async function publish(generation: Generation, facts: PublicationFacts): Promise<Publication> {
  const before = generation.meta.publication;
  const chunks = await tidyChunks(generation.chunks, before?.chunksVersion);
  const files = await tidyFiles(generation.files, before?.filesVersion);
  const publication: Publication = {
    ...facts,
    sequence: (before?.sequence ?? 0) + 1,
    filesVersion: await generation.files.version(),
    chunksVersion: await generation.chunks.version(),
    files,
    chunks,
  };
  await writeMeta(generation, { ...generation.meta, publication });
  generation.newest = { files: publication.filesVersion, chunks: publication.chunksVersion };
  return publication;
}
