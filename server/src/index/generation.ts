/**
 * Decides what is on disk for one codebase: numbered generations, each a LanceDB database with `files`, `chunks`,
 * `symbols` and `meta`. The one row of `meta` says how the generation was made and, once published, which version of each table
 * readers see. Writing that row is the moment of publication: there is no other place that says what is current.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection, Table } from '@lancedb/lancedb';
import { z } from 'zod';
import { indexFormatVersion } from '../contract.ts';
import { CodeSageError } from '../errors.ts';
import { freshSession, openDatabase, replaceSingleRow } from './lance.ts';
import { chunksSchema, filesSchema, symbolsSchema } from './tables.ts';

/** How vectors and chunks were made; any difference means that they must be made again. */
const recipeSchema = z.object({
  embedding: z.string(),
  dimensions: z.number().int(),
  chunker: z.string(),
  chunkLimit: z.number().int(),
});
export type Recipe = z.infer<typeof recipeSchema>;

const publicationSchema = z.object({
  sequence: z.number().int(),
  filesVersion: z.number().int(),
  chunksVersion: z.number().int(),
  symbolsVersion: z.number().int(),
  revision: z.string().optional(),
  /** What decided which files take part; another value asks for a new scan. */
  rules: z.string(),
  files: z.number().int(),
  chunks: z.number().int(),
  /** Rows of the `symbols` table. */
  symbols: z.number().int(),
  /** What the generation was when it was first published: its size on disk and its chunks. */
  fresh: z.object({ bytes: z.number(), chunks: z.number().int() }),
  skipped: z.record(z.string(), z.number()),
  indexedAt: z.iso.datetime(),
});
export type Publication = z.infer<typeof publicationSchema>;

/**
 * `reindex` is the token that this generation was made for. `id` tells it from any other that ever had its number, as one
 * does that is made after somebody deleted the data; generations of earlier servers have none.
 */
const metaSchema = z.object({
  format: z.literal(indexFormatVersion),
  id: z.string().optional(),
  recipe: recipeSchema,
  reindex: z.string(),
  publication: publicationSchema.optional(),
});
export type GenerationMeta = z.infer<typeof metaSchema>;
const formatSchema = z.object({ format: z.number().int() });

export type Tables = { files: Table; chunks: Table; symbols: Table };

/** An open generation with its writing handles, which always see the newest version. */
export type Generation = {
  number: number;
  directory: string;
  database: Connection;
  files: Table;
  chunks: Table;
  symbols: Table;
  metaTable: Table;
  meta: GenerationMeta;
  /** Newest version of each table when it was opened. */
  newest: { files: number; chunks: number; symbols: number };
};

const generationName = /^g(\d+)$/;
/** Where LanceDB keeps the table `meta`. */
const metaFolder = 'meta.lance';

export function generationDirectory(codebaseDirectory: string, number: number): string {
  return join(codebaseDirectory, `g${number}`);
}

/** Numbers of the generations on disk, newest first. */
export async function listGenerations(codebaseDirectory: string): Promise<number[]> {
  if (!existsSync(codebaseDirectory)) return [];
  const numbers = (await readdir(codebaseDirectory)).flatMap((name) => {
    const match = generationName.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
  return numbers.sort((a, b) => b - a);
}

/**
 * Opens a generation. Returns undefined for one that was never finished being made or has an older format: both are
 * made again beside whatever serves.
 * @throws CodeSageError `IndexFormatUnsupported` for one that a newer server made; whatever LanceDB throws for a broken one.
 */
export async function openGeneration(codebaseDirectory: string, number: number): Promise<Generation | undefined> {
  const directory = generationDirectory(codebaseDirectory, number);
  const database = await openDatabase(directory);
  const names = await database.tableNames();
  // `meta` is made last.
  if (!names.includes('meta')) return undefined;
  const metaTable = await database.openTable('meta');
  const meta = parseMeta(await metaTable.query().limit(1).toArray(), directory);
  if (meta === undefined) return undefined;
  const [files, chunks, symbols] = await Promise.all([
    database.openTable('files'),
    database.openTable('chunks'),
    database.openTable('symbols'),
  ]);
  const newest = await versionsOf({ files, chunks, symbols });
  return { number, directory, database, files, chunks, symbols, metaTable, meta, newest };
}

/** What readers need of a generation. */
export type ReadableGeneration = Pick<Generation, 'number' | 'directory' | 'database' | 'meta'>;

/**
 * What the meta row of a generation says now, for who only reads it. Undefined for one that was never finished being made.
 * @throws CodeSageError `IndexFormatUnsupported` for one of another format; whatever LanceDB throws for a broken one.
 */
export async function readMeta(codebaseDirectory: string, number: number): Promise<GenerationMeta | undefined> {
  const directory = generationDirectory(codebaseDirectory, number);
  // Opening a database makes its directory.
  if (!existsSync(join(directory, metaFolder))) return undefined;
  const database = await openDatabase(directory, freshSession());
  try {
    const table = await database.openTable('meta');
    try {
      return parseMetaToRead(await table.query().limit(1).toArray(), directory);
    } finally {
      table.close();
    }
  } finally {
    database.close();
  }
}

/** Changes whenever a generation is made, published or deleted; costs two looks into directories. */
export async function publicationMark(codebaseDirectory: string): Promise<string> {
  const numbers = await listGenerations(codebaseDirectory);
  const manifests = numbers.map((number) =>
    readdir(join(generationDirectory(codebaseDirectory, number), metaFolder, '_versions')).catch(() => []),
  );
  return JSON.stringify([numbers, await Promise.all(manifests)]);
}

/** The newest version of each table. */
export async function versionsOf({ files, chunks, symbols }: Tables): Promise<Generation['newest']> {
  return { files: await files.version(), chunks: await chunks.version(), symbols: await symbols.version() };
}

/** A generation's meta row, whatever its format. */
function formatOf(rows: unknown[]): { format: number; json: unknown } {
  const { value } = z.object({ value: z.string() }).parse(rows[0]);
  const json: unknown = JSON.parse(value);
  return { format: formatSchema.parse(json).format, json };
}

/** For who keeps the index: what is older is made anew. */
function parseMeta(rows: unknown[], directory: string): GenerationMeta | undefined {
  const { format, json } = formatOf(rows);
  if (format > indexFormatVersion) {
    throw new CodeSageError(
      'IndexFormatUnsupported',
      `The index in ${directory} has format ${format}; this server reads format ${indexFormatVersion}.`,
      'Run the server version that made it or a newer one, or delete that directory to index again.',
    );
  }
  return format < indexFormatVersion ? undefined : metaSchema.parse(json);
}

/** For who only reads it: what is of another format can be mended by nobody here. */
function parseMetaToRead(rows: unknown[], directory: string): GenerationMeta {
  const { format, json } = formatOf(rows);
  if (format === indexFormatVersion) return metaSchema.parse(json);
  throw new CodeSageError(
    'IndexFormatUnsupported',
    `The index in ${directory} has format ${format}; this server reads format ${indexFormatVersion}.`,
    format > indexFormatVersion
      ? 'The indexer is newer than this server: update this one to the same version.'
      : 'The indexer is older than this server: update it to the same version; it then makes the index anew.',
  );
}

/** Makes an empty generation. */
export async function createGeneration(
  codebaseDirectory: string,
  number: number,
  recipe: Recipe,
  reindex: string,
): Promise<Generation> {
  const directory = generationDirectory(codebaseDirectory, number);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const database = await openDatabase(directory);
  const files = await database.createEmptyTable('files', filesSchema(recipe.dimensions));
  const chunks = await database.createEmptyTable('chunks', chunksSchema(recipe.dimensions));
  const symbols = await database.createEmptyTable('symbols', symbolsSchema);
  const id = randomBytes(4).toString('hex');
  const meta: GenerationMeta = { format: indexFormatVersion, id, recipe, reindex };
  const metaTable = await database.createTable('meta', [{ value: JSON.stringify(meta) }]);
  const newest = await versionsOf({ files, chunks, symbols });
  return { number, directory, database, files, chunks, symbols, metaTable, meta, newest };
}

/** Writes the generation's meta row: the commit point of a publication. */
export async function writeMeta(generation: Generation, meta: GenerationMeta): Promise<void> {
  await replaceSingleRow(generation.metaTable, { value: JSON.stringify(meta) });
  generation.meta = meta;
}

/** True when the tables have versions that are not published: an earlier run did not end. */
export function isAheadOfPublication(generation: Generation): boolean {
  return (
    generation.newest.files !== generation.meta.publication?.filesVersion ||
    generation.newest.chunks !== generation.meta.publication.chunksVersion ||
    generation.newest.symbols !== generation.meta.publication.symbolsVersion
  );
}

export function closeGeneration(generation: Generation): void {
  for (const table of [generation.files, generation.chunks, generation.symbols, generation.metaTable]) table.close();
  generation.database.close();
}

export function sameRecipe(a: Recipe, b: Recipe): boolean {
  return (
    a.embedding === b.embedding &&
    a.dimensions === b.dimensions &&
    a.chunker === b.chunker &&
    a.chunkLimit === b.chunkLimit
  );
}
