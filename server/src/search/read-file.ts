/** Decides whether a file of a codebase may be read, and reads it; nothing outside the codebase's directory is ever opened. */
import { constants, realpathSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { languageOf } from '../chunking/languages.ts';
import type { SourceConfig } from '../contract.ts';
import type { FileText } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import { countLines } from '../index/index-file.ts';
import { isBinary, isSecretPath, skipReasonOfText } from '../sources/file-rules.ts';
import { createGlobFilter, isPathFiltered } from '../sources/path-filter.ts';
import type { BoundedCache } from './bounded-cache.ts';

export type CachedFile = { file: FileText; mtimeMs: number; sizeBytes: number };

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
  root: string,
  path: string,
  source: SourceConfig,
  cache: BoundedCache<CachedFile>,
): Promise<FileText> {
  const relative = relativePath(path);
  if (isSecretPath(relative)) throw notAllowed(relative, 'files of this kind hold credentials');
  const real = resolveInside(root, relative, source.name);
  const inside = real.path
    .slice(real.root.length + 1)
    .split(sep)
    .join('/');
  // The name that a link leads to counts as much as the link's own.
  if (isSecretPath(inside)) throw notAllowed(relative, 'files of this kind hold credentials');
  const filter = createGlobFilter([], source.exclude);
  if (isPathFiltered(real.root, inside, filter)) throw notAllowed(relative, 'it is ignored or excluded');
  return readChecked(real.path, relative, source, cache);
}

function resolveInside(root: string, relative: string, codebase: string): { root: string; path: string } {
  let realRoot: string;
  let path: string;
  try {
    realRoot = realpathSync(root);
    path = realpathSync(join(realRoot, relative));
  } catch {
    throw notFound(relative, codebase);
  }
  if (!path.startsWith(realRoot + sep)) throw notAllowed(relative, 'it leads out of the codebase');
  return { root: realRoot, path };
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
    const key = `${source.name}\n${relative}`;
    const cached = cache.get(key);
    if (cached?.mtimeMs === stats.mtimeMs && cached.sizeBytes === stats.size) return cached.file;
    if (cached !== undefined) cache.invalidate(key);
    const file = textOf(await handle.readFile(), relative, source.name);
    cache.set(key, { file, mtimeMs: stats.mtimeMs, sizeBytes: stats.size });
    return file;
  } finally {
    await handle.close();
  }
}

function textOf(bytes: Buffer, path: string, codebase: string): FileText {
  if (isBinary(bytes))
    throw new CodeSageError('InvalidArgument', `${path} is a binary file.`, 'Only text files can be read.');
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  const language = languageOf(path);
  if (skipReasonOfText(text, language) === 'secret') throw notAllowed(path, 'it holds a private key');
  return { codebase, path, language, text, totalLines: countLines(text), sizeBytes: bytes.byteLength };
}
