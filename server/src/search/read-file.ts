/**
 * Decides whether a file of a codebase may be read, and reads it: as it was published, so that its lines are those that
 * searches tell of; from the codebase's directory only what the index leaves out. Nothing outside that is ever opened.
 */
import { constants, existsSync, lstatSync, realpathSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { languageOf } from '../chunking/languages.ts';
import type { SourceConfig } from '../contract.ts';
import type { FileText } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import { countLines } from '../index/index-file.ts';
import type { Snapshot } from '../index/snapshot.ts';
import { createGlobFilter, isPathFiltered } from '../sources/path-filter.ts';
import { isSecretPath, isSecretText } from '../sources/secret-rules.ts';
import { decodeText } from '../sources/text-encoding.ts';
import type { BoundedCache } from './bounded-cache.ts';
import { readPublishedFile } from './snapshot-texts.ts';

/** `origin` tells when the text is out of date: the published version it is from, or time and size of the file. */
export type CachedFile = { file: FileText; origin: string };

export type ReadableCodebase = {
  /** Where its files are; they may be absent, as on a replica that only searches. */
  root: string;
  source: SourceConfig;
  snapshot: Snapshot | undefined;
};

/** A path as people write it, as a clean relative one. @throws CodeSageError `PathNotAllowed` when it leaves the codebase. */
export function relativePath(path: string): string {
  const clean = normalize(path.replaceAll('\\', '/')).replace(/^\.\//, '').replace(/\/+$/, '');
  if (
    clean === '..' ||
    clean.startsWith('../') ||
    isAbsolute(clean) ||
    clean.includes('\0') ||
    clean === '.' ||
    clean === ''
  ) {
    throw notAllowed(path, 'it does not name a file inside the codebase');
  }
  return clean;
}

function notAllowed(path: string, why: string): CodeSageError {
  return new CodeSageError(
    'PathNotAllowed',
    `${path} cannot be read: ${why}.`,
    'Use a path from a search result or from the list of files.',
  );
}

function notFound(path: string, codebase: string): CodeSageError {
  return new CodeSageError(
    'FileNotFound',
    `There is no file ${path} in "${codebase}".`,
    'Use a path from a search result.',
  );
}

/**
 * Reads one file of a codebase.
 * @throws CodeSageError `FileNotFound`, `PathNotAllowed` (outside, secret, ignored), `InvalidArgument` (binary, too large).
 */
export async function readCodebaseFile(
  { root, source, snapshot }: ReadableCodebase,
  path: string,
  cache: BoundedCache<CachedFile>,
): Promise<FileText> {
  const relative = relativePath(path);
  if (isSecretPath(relative)) throw notAllowed(relative, 'files of this kind hold credentials');
  const filter = createGlobFilter([], source.exclude);
  // Also of published files: rules may have changed since. Whether an ignored file is there is not told.
  if (isPathFiltered(root, relative, filter)) throw notAllowed(relative, 'it is ignored or excluded');
  if (snapshot?.files.has(relative)) {
    const file = await snapshot.use((held) => readPublished(held, relative, cache));
    if (file !== undefined) return file;
  }
  if (!existsSync(root)) throw notFound(relative, source.name);
  const real = resolveInside(root, relative, source.name);
  const inside = real.path
    .slice(real.root.length + 1)
    .split(sep)
    .join('/');
  // The name that a link leads to counts as much as the link's own.
  if (isSecretPath(inside)) throw notAllowed(relative, 'files of this kind hold credentials');
  if (isPathFiltered(real.root, inside, filter)) throw notAllowed(relative, 'it is ignored or excluded');
  return readChecked(real.path, relative, source, cache);
}

async function readPublished(
  snapshot: Snapshot,
  path: string,
  cache: BoundedCache<CachedFile>,
): Promise<FileText | undefined> {
  const { codebase, version } = snapshot;
  return cached(cache, codebase, path, version, async () => {
    const found = await readPublishedFile(snapshot, path);
    if (found === undefined) return undefined;
    const { text, language, lines, sizeBytes } = found;
    return { codebase, path, language, text, totalLines: lines, sizeBytes };
  });
}

/** The file from the cache if it is there and not out of date, else as `read` gives it. */
async function cached<T extends FileText | undefined>(
  cache: BoundedCache<CachedFile>,
  codebase: string,
  path: string,
  origin: string,
  read: () => Promise<T>,
): Promise<T | FileText> {
  const key = `${codebase}\n${path}`;
  const startedAt = performance.now();
  const known = cache.get(key);
  if (known?.origin === origin) {
    cache.timed('hit', performance.now() - startedAt);
    return known.file;
  }
  if (known !== undefined) cache.invalidate(key);
  const file = await read();
  if (file !== undefined) cache.set(key, { file, origin });
  cache.timed('miss', performance.now() - startedAt);
  return file;
}

function resolveInside(root: string, relative: string, codebase: string): { root: string; path: string } {
  const realRoot = realPathOf(root);
  if (realRoot === undefined) throw notFound(relative, codebase);
  const path = realPathOf(join(realRoot, relative));
  if (path?.startsWith(realRoot + sep)) return { root: realRoot, path };
  if (path === undefined && !leadsThroughLink(realRoot, relative)) throw notFound(relative, codebase);
  throw notAllowed(relative, 'a link leads out of the codebase, or to nothing');
}

/** The path with all links followed; undefined where nothing is. */
function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Whether a path to nothing leaves the codebase before it ends there: what is outside, and what is not, is nobody's business. */
function leadsThroughLink(realRoot: string, relative: string): boolean {
  let at = realRoot;
  for (const name of relative.split('/')) {
    const next = realPathOf(join(at, name));
    if (next === undefined) return isLink(join(at, name));
    if (!next.startsWith(realRoot + sep)) return true;
    at = next;
  }
  return false;
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    // Nothing is there, or nothing can be: the name may be too long for any file.
    return false;
  }
}

async function readChecked(
  real: string,
  relative: string,
  source: SourceConfig,
  cache: BoundedCache<CachedFile>,
): Promise<FileText> {
  // No link is followed and no pipe waited for, whatever took the file's place since it was resolved.
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => {
    throw notFound(relative, source.name);
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw notAllowed(relative, 'it is not a regular file');
    if (stats.size > source.maxFileSizeBytes) {
      throw new CodeSageError(
        'InvalidArgument',
        `${relative} has ${stats.size} bytes; files over ${source.maxFileSizeBytes} are not read.`,
        'Such files are not indexed either; if this one matters, raise maxFileSize of the source.',
      );
    }
    return await cached(cache, source.name, relative, `${stats.mtimeMs}/${stats.size}`, async () =>
      textOf(await handle.readFile(), relative, source.name),
    );
  } finally {
    await handle.close();
  }
}

function textOf(bytes: Buffer, path: string, codebase: string): FileText {
  const text = decodeText(bytes);
  if (text === undefined)
    throw new CodeSageError('InvalidArgument', `${path} is a binary file.`, 'Only text files can be read.');
  const language = languageOf(path);
  if (isSecretText(text)) throw notAllowed(path, 'it holds credentials');
  return { codebase, path, language, text, totalLines: countLines(text), sizeBytes: bytes.byteLength };
}
