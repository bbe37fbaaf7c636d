/** Decides which file or directory of a commit a caller means, and that its history may be shown. */
import { normalize } from 'node:path';
import { CodeSageError } from '../errors.ts';
import type { SkipReason } from '../sources/file-rules.ts';
import type { OpenHistory } from './open-history.ts';
import { fieldsIn } from './raw-changes.ts';

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
  // A backslash divides names on some systems and is part of them on others.
  const forms = [...new Set([path, path.replaceAll('\\', '/')])].map((form) => cleaned(form, path));
  let last: HistoricPath | undefined;
  for (const form of forms) {
    last = form === '' ? undefined : await found(history, commit, form);
    if (last?.kind !== 'absent') break;
  }
  if (last === undefined) return undefined;
  const { shown } = history;
  const reason = last.kind === 'directory' ? shown.reasonAgainstDirectory(last.path) : shown.reasonAgainst(last.path);
  if (reason !== undefined) throw notAllowed(path, whyNot(reason));
  return last;
}

function cleaned(form: string, path: string): string {
  const clean = normalize(form).replace(/^\.\//, '').replace(/\/+$/, '');
  if (clean === '..' || clean.startsWith('../') || form.startsWith('/') || clean.includes('\0'))
    throw notAllowed(path, 'it is not inside the codebase');
  return clean === '.' ? '' : clean;
}

/** Answers write "codebase/path"; a codebase may have a directory of its own name, too. */
async function found(history: OpenHistory, commit: string, path: string): Promise<HistoricPath | undefined> {
  const { name } = history.codebase;
  const isNamed = path === name || path.startsWith(`${name}/`);
  const relative = isNamed && (await kindOf(history, commit, name)) === 'absent' ? path.slice(name.length + 1) : path;
  return relative === '' ? undefined : { path: relative, kind: await kindOf(history, commit, relative) };
}

async function kindOf(history: OpenHistory, commit: string, path: string): Promise<HistoricPath['kind']> {
  const args = ['ls-tree', '-z', '--full-tree', '--end-of-options', commit, '--', ...pathspec(history, path)];
  const { bytes } = await history.view.read(args, { what: 'Looking up a path' });
  const type = /^\d{6} (\w+) /.exec(fieldsIn(bytes).next().value ?? '')?.[1];
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
