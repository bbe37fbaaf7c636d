/** Decides what a reader of a codebase sees: one published version, opened, checked and held still. */
import type { Table } from '@lancedb/lancedb';
import { noEmbedding } from '../embedding/embedder.ts';
import type { FileVectors } from '../search/file-vectors.ts';
import type { MemoryIndex } from '../search/memory/memory-index.ts';
import type { PathWordStatistics } from '../search/path-words.ts';
import { carryFileList, type FileChanges, type FileList, readFileList, type SnapshotFile } from './file-list.ts';
import type { Generation, Publication, ReadableGeneration, Recipe, Tables } from './generation.ts';
import { wordsQuery } from './lance.ts';
import { type MemoryOptions, openSnapshotMemory } from './snapshot-memory.ts';

/** A published version of one codebase. Held open until the last search over it has ended. */
export class Snapshot {
  readonly codebase: string;
  /** Names the version; equal names mean equal answers. */
  readonly version: string;
  /** Model of its vectors: only a query's vector of the same model can be compared with them. */
  readonly embedding: string;
  /** UTF-16 units that one of its chunks has at most. */
  readonly chunkLimit: number;
  readonly publication: Publication;
  /** Indexed files by path. */
  readonly files: ReadonlyMap<string, SnapshotFile>;
  /** Mean of each file's chunk vectors, and of what the file says of itself. */
  readonly fileVectors: FileVectors;
  readonly pathWords: PathWordStatistics;
  /** All of these three, for the version after this one. */
  readonly list: FileList;
  /** All three tables stand at the published versions. */
  readonly filesTable: Table;
  readonly chunksTable: Table;
  readonly symbolsTable: Table;
  /** Candidates come from here; undefined: from LanceDB's own indexes. */
  readonly memory: MemoryIndex | undefined;
  #users = 0;
  #retired: (() => void) | undefined;

  constructor(
    name: { codebase: string; version: string; recipe: Recipe },
    publication: Publication,
    tables: Tables,
    list: FileList,
    memory: MemoryIndex | undefined,
  ) {
    this.codebase = name.codebase;
    this.version = name.version;
    this.embedding = name.recipe.embedding;
    this.chunkLimit = name.recipe.chunkLimit;
    this.publication = publication;
    this.filesTable = tables.files;
    this.chunksTable = tables.chunks;
    this.symbolsTable = tables.symbols;
    this.list = list;
    this.files = list.byPath;
    this.fileVectors = list.vectors;
    this.memory = memory;
    this.pathWords = list.pathWords;
  }

  /** Runs `work` while the snapshot is surely open. */
  async use<T>(work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await work(this);
    } finally {
      this.#users--;
      this.#closeWhenUnused();
    }
  }

  /** Closes the snapshot once nobody uses it; resolves then. */
  retire(): Promise<void> {
    return new Promise((resolve) => {
      this.#retired = resolve;
      this.#closeWhenUnused();
    });
  }

  #closeWhenUnused(): void {
    if (this.#retired === undefined || this.#users > 0) return;
    for (const table of [this.filesTable, this.chunksTable, this.symbolsTable]) table.close();
    this.#retired();
    this.#retired = undefined;
  }
}

/** Names a published version of a codebase. No name is ever given to two. */
export function versionName(
  codebase: string,
  { number, meta }: Pick<Generation, 'number' | 'meta'>,
  { sequence }: Publication,
): string {
  return `${codebase}@g${number}${meta.id === undefined ? '' : `-${meta.id}`}.${sequence}`;
}

/** The version before of the same generation, and all that was done to its table of files since. */
export type VersionBefore = { snapshot: Snapshot; changes: FileChanges };

/**
 * Opens the generation's published version and checks it: all file rows are read, what candidates come from is tried.
 * After a version that was checked this way only what is new is read; older rows were read when that one was opened.
 * Throws when the data is not what the publication says.
 */
export async function openSnapshot(
  codebase: string,
  generation: ReadableGeneration,
  publication: Publication,
  memoryOptions: MemoryOptions,
  before?: VersionBefore,
): Promise<Snapshot> {
  const { database, meta } = generation;
  const [files, chunks, symbols] = await Promise.all([
    database.openTable('files', undefined, { version: publication.filesVersion }),
    database.openTable('chunks', undefined, { version: publication.chunksVersion }),
    database.openTable('symbols', undefined, { version: publication.symbolsVersion }),
  ]);
  const carried = await carryFrom(before, files, publication);
  const list = carried ?? (await readFileList(files, publication.files, meta.recipe.dimensions));
  // A filter makes it read every data file: a count alone comes from the manifest.
  const symbolRows = await symbols.countRows(carried === undefined ? 'line > 0' : undefined);
  const found = { files: list.byPath.size, chunks: await chunks.countRows(), symbols: symbolRows };
  for (const table of ['files', 'chunks', 'symbols'] as const) {
    if (found[table] !== publication[table]) {
      throw new Error(`corrupt: ${found[table]} rows of ${table} where ${publication[table]} were published`);
    }
  }
  const memory =
    found.chunks === 0
      ? undefined
      : await openSnapshotMemory(codebase, generation, publication, chunks, list.byPath, memoryOptions);
  if (found.chunks > 0 && memory === undefined) await tryBothSearches(chunks, meta.recipe);
  const version = versionName(codebase, generation, publication);
  return new Snapshot(
    { codebase, version, recipe: meta.recipe },
    publication,
    { files, chunks, symbols },
    list,
    memory,
  );
}

/** What the version before knows and still holds; undefined when all rows must be read. */
async function carryFrom(
  before: VersionBefore | undefined,
  files: Table,
  { files: published }: Publication,
): Promise<FileList | undefined> {
  if (before === undefined) return undefined;
  const list = await carryFileList(files, before.snapshot.list, before.changes);
  return list?.byPath.size === published ? list : undefined;
}

async function tryBothSearches(chunks: Table, { embedding, dimensions }: Recipe): Promise<void> {
  if (embedding !== noEmbedding) {
    const probe = new Float32Array(dimensions).fill(1 / Math.sqrt(dimensions));
    await chunks
      .query()
      .nearestTo(probe)
      .distanceType('cosine')
      .select(['path', 'text', '_distance'])
      .limit(1)
      .toArray();
  }
  await chunks.query().fullTextSearch(wordsQuery('a')).select(['path', '_score']).limit(1).toArray();
}
