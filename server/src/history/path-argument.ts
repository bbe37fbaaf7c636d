/** Decides which file or directory of a commit a caller means, and that its history may be shown. */
import { normalize } from 'node:path';
import { CodeSageError } from '../errors.ts';
import type { SkipReason } from '../sources/file-rules.ts';
import type { OpenHistory } from './open-history.ts';
import { fieldsOf } from './raw-changes.ts';

/** `path` is relative to the codebase. `absent`: the commit does not have it, though others may. */
export type HistoricPath = { path: string; kind: 'file' | 'directory' | 'submodule' | 'absent' };

/**
 * Understands a path as callers write it, with or without the codebase's name in front; undefined for the whole codebase.
 * @throws CodeSageError `PathNotAllowed` for what is outside of the codebase or never shown.
 */
export async function historicPath(
  history: OpenHistory,
  commit: string,
  path: string,
): Promise<HistoricPath | undefined> {
  const clean = normalize(path.replaceAll('\\', '/')).replace(/^\.\//, '').replace(/\/+$/, '');
  if (clean === '.' || clean === '') return undefined;
  if (clean === '..' || clean.startsWith('../') || clean.startsWith('/') || clean.includes('\0'))
    throw notAllowed(path, 'it is not inside the codebase');
  const { name } = history.codebase;
  // Answers write "codebase/path"; a codebase may have a directory of its own name, too.
  const isNamed = clean === name || clean.startsWith(`${name}/`);
  const relative = isNamed && (await kindOf(history, commit, name)) === 'absent' ? clean.slice(name.length + 1) : clean;
  if (relative === '') return undefined;
  const kind = await kindOf(history, commit, relative);
  const reason =
    kind === 'directory' ? history.shown.reasonAgainstDirectory(relative) : history.shown.reasonAgainst(relative);
  if (reason !== undefined) throw notAllowed(path, whyNot(reason));
  return { path: relative, kind };
}

async function kindOf(history: OpenHistory, commit: string, path: string): Promise<HistoricPath['kind']> {
  const args = ['ls-tree', '-z', '--full-tree', '--end-of-options', commit, '--', ...pathspec(history, path)];
  const { bytes } = await history.view.read(args, { what: 'Looking up a path' });
  const type = /^\d{6} (\w+) /.exec(fieldsOf(bytes)[0] ?? '')?.[1];
  if (type === undefined) return 'absent';
  return type === 'tree' ? 'directory' : type === 'commit' ? 'submodule' : 'file';
}

/** The path as git knows it: below the codebase's place in the repository. Nothing for a whole repository. */
export function pathspec({ view }: OpenHistory, path: string | undefined): string[] {
  const whole = [view.repository.prefix, path ?? ''].filter((part) => part !== '').join('/');
  return whole === '' ? [] : [whole];
}

function notAllowed(path: string, why: string): CodeSageError {
  return new CodeSageError(
    'PathNotAllowed',
    `The history of ${path.slice(0, 300)} is not shown: ${why}.`,
    'Use a path inside the codebase, as list_files or a search result gives it.',
  );
}

function whyNot(reason: SkipReason): string {
  return reason === 'secret' ? 'files of this kind hold credentials' : 'it is ignored or excluded';
}
