/** Decides what a reader of a codebase sees: one published version, opened, checked and held still. */
import { setImmediate as pause } from 'node:timers/promises';
import type { Table } from '@lancedb/lancedb';
import { noEmbedding } from '../embedding/embedder.ts';
import { FileVectors } from '../search/file-vectors.ts';
import { fileState } from '../search/memory/file-state.ts';
import type { MemoryIndex } from '../search/memory/memory-index.ts';
import type { PublishedFile } from '../search/memory/plan.ts';
import { PathWordStatistics } from '../search/path-words.ts';
import type { Generation, Publication, Recipe, Tables } from './generation.ts';
import { wordsQuery } from './lance.ts';
import { type MemoryOptions, openSnapshotMemory } from './snapshot-memory.ts';

/** `row` is the file's place in `fileVectors`. */
export type SnapshotFile = { row: number; language: string; lines: number; sizeBytes: number };

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
  /** Mean of each file's chunk vectors. */
  readonly fileVectors: FileVectors;
  readonly pathWords: PathWordStatistics;
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

/**
 * Opens the generation's published version and checks it: all file rows are read, what candidates come from is tried.
 * Throws when the data is not what the publication says.
 */
export async function openSnapshot(
  codebase: string,
  generation: Generation,
  publication: Publication,
  memoryOptions: MemoryOptions,
): Promise<Snapshot> {
  const { database, number, meta } = generation;
  const [files, chunks, symbols] = await Promise.all([
    database.openTable('files', undefined, { version: publication.filesVersion }),
    database.openTable('chunks', undefined, { version: publication.chunksVersion }),
    database.openTable('symbols', undefined, { version: publication.symbolsVersion }),
  ]);
  const list = await listFiles(files, publication, meta.recipe.dimensions);
  // A filter makes it read every data file: a count alone comes from the manifest.
  const symbolRows = await symbols.countRows('line > 0');
  const found = { files: list.byPath.size, chunks: await chunks.countRows(), symbols: symbolRows };
  for (const table of ['files', 'chunks', 'symbols'] as const) {
    if (found[table] !== publication[table]) {
      throw new Error(`corrupt: ${found[table]} rows of ${table} where ${publication[table]} were published`);
    }
  }
  const memory =
    found.chunks === 0
      ? undefined
      : await openSnapshotMemory(codebase, generation, publication, chunks, list.states, memoryOptions);
  if (found.chunks > 0 && memory === undefined) await tryBothSearches(chunks, meta.recipe);
  const version = `${codebase}@g${number}.${publication.sequence}`;
  return new Snapshot(
    { codebase, version, recipe: meta.recipe },
    publication,
    { files, chunks, symbols },
    list,
    memory,
  );
}

/** Rows taken in before others get their turn: a few milliseconds' work. */
const rowsAtOnce = 1000;

type FileList = {
  byPath: Map<string, SnapshotFile>;
  vectors: FileVectors;
  states: Map<string, PublishedFile>;
  pathWords: PathWordStatistics;
};

async function listFiles(files: Table, { files: rows }: Publication, dimensions: number): Promise<FileList> {
  const byPath = new Map<string, SnapshotFile>();
  const vectors = new FileVectors(dimensions, rows);
  const states = new Map<string, PublishedFile>();
  const names = ['path', 'language', 'lines', 'size_bytes', 'vector', 'hash', 'read_at_ms', 'chunks'];
  for await (const batch of files.query().where("skipped = ''").select(names)) {
    const [path, language, lines, size, vector, hash, readAt, chunks] = names.map((name) => batch.getChild(name));
    for (let i = 0; i < batch.numRows; i++) {
      const row = byPath.size;
      if (row % rowsAtOnce === rowsAtOnce - 1) await pause();
      const mean = vector?.get(i) as { toArray(): Float32Array } | null | undefined;
      if (mean !== null && mean !== undefined) vectors.set(row, mean.toArray());
      byPath.set(String(path?.get(i)), {
        row,
        language: String(language?.get(i)),
        lines: Number(lines?.get(i)),
        sizeBytes: Number(size?.get(i)),
      });
      states.set(String(path?.get(i)), {
        ...fileState(String(hash?.get(i)), Number(readAt?.get(i))),
        chunks: Number(chunks?.get(i)),
      });
    }
  }
  return { byPath, vectors, states, pathWords: await PathWordStatistics.gather(byPath.keys()) };
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
