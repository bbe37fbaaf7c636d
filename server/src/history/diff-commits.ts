/** Decides what a comparison of two commits shows, in which order, and where it goes on. */
import { CodeSageError } from '../errors.ts';
import { compileGlobs } from '../sources/path-filter.ts';
import { flatMapInTurns } from '../turns.ts';
import { contentsOf, isSubmodule, privateKeysAmong } from './blobs.ts';
import { compareOptions, readCommits, withCounts } from './commit-facts.ts';
import { countLines } from './count-lines.ts';
import { gitFailed } from './git-view.ts';
import { factsOf, type OpenHistory, shallowNotice } from './open-history.ts';
import { readPatch } from './patch.ts';
import { pathspec } from './path-argument.ts';
import type { CommitFacts, DiffAnswer, DiffRequest, FileDiff, FileStatus } from './port.ts';
import { parseRawChanges, type RawChange } from './raw-changes.ts';
import { deepen } from './resolve-commit.ts';
import { countOf, type LeftOut } from './shown-paths.ts';

const comparingSeconds = 15;
const comparedBytes = 64 << 20;

/** `from` is absent where everything is new. */
type Sides = { from: string | undefined; to: string; commit?: CommitFacts };

/** What differs, as far as it fits. */
export async function diffCommits(history: OpenHistory, request: DiffRequest): Promise<DiffAnswer> {
  const sides = await sidesOf(history, request);
  const { shown, leftOut } = await changesBetween(history, sides);
  refuseForeign(history, sides, shown.length + countOf(leftOut));
  const fits = request.pathGlobs.length === 0 ? () => true : compileGlobs(request.pathGlobs);
  const changes = await flatMapInTurns(shown, history.shown.turns, (one) =>
    fits(one.path) || fits(one.oldPath) ? [one] : [],
  );
  const page = await showPage(history, sides, changes, request);
  for (const [reason, count] of Object.entries(page.leftOut))
    leftOut[reason as keyof LeftOut] = (leftOut[reason as keyof LeftOut] ?? 0) + count;
  const notice = sides.commit?.isHistoryEnd === true ? ended(history) : page.notice;
  return {
    ...factsOf(history, sides.to),
    ...(sides.from !== undefined && { from: sides.from }),
    to: sides.to,
    ...(sides.commit !== undefined && { commit: sides.commit }),
    files: page.files,
    totalFiles: changes.length,
    leftOut,
    ...(page.nextFile !== undefined && { nextFile: page.nextFile }),
    ...(notice !== undefined && { notice }),
  };
}

/** Of a repository that is larger than the codebase, commits that change nothing of it are none of its own: not even their messages are shown. */
function refuseForeign({ view, codebase }: OpenHistory, { commit }: Sides, files: number): void {
  if (commit === undefined || commit.isHistoryEnd || files > 0 || view.repository.prefix === '') return;
  throw new CodeSageError(
    'GitRefNotFound',
    `Commit ${commit.shortId} changes nothing in "${codebase.name}".`,
    'Use a commit that list_commits shows.',
  );
}

function ended(history: OpenHistory): string {
  return `History that is here begins with this commit, so what it changed is not known. ${deepen(history.codebase.source.git)}`;
}

async function sidesOf(history: OpenHistory, request: DiffRequest): Promise<Sides> {
  const { commits, view } = history;
  const { commit, from, to } = request;
  if ((commit === undefined) === (from === undefined)) {
    throw new CodeSageError(
      'InvalidArgument',
      commit === undefined ? 'Nothing says what to compare.' : 'commit and from exclude each other.',
      'Write commit for what one commit changes, or from (and to) for the difference of two.',
    );
  }
  if (commit !== undefined) {
    const id = await commits.resolve(commit);
    const [facts] = await withCounts(view, await readCommits(view, [id]), history.shown);
    if (facts === undefined) throw gitFailed('Reading the commit');
    return { from: facts.parents[0], to: id, commit: facts };
  }
  const older = await commits.resolve(from ?? '');
  const newer = await commits.resolve(to ?? 'HEAD');
  return { from: request.fromMergeBase ? await mergeBase(history, older, newer) : older, to: newer };
}

async function mergeBase(history: OpenHistory, older: string, newer: string): Promise<string> {
  const args = ['merge-base', '--end-of-options', older, newer];
  const { bytes, code } = await history.view.read(args, { what: 'Finding the last common commit' });
  const base = bytes.toString('latin1').trim();
  if (code === 0 && base !== '') return base;
  throw new CodeSageError(
    'GitRefNotFound',
    'The two commits have no common one.',
    shallowNotice(history) ?? 'Compare them directly, with from_merge_base=false.',
  );
}

async function changesBetween(history: OpenHistory, { from, to, commit }: Sides) {
  // Compared with nothing, the first commit that is here would seem to have made every file.
  if (commit?.isHistoryEnd === true) return { shown: [], leftOut: {} };
  const { view, shown } = history;
  const scope = pathspec(history, undefined);
  const args = ['diff-tree', '-z', '--raw', '--no-abbrev', ...compareOptions, '--end-of-options'];
  const output = await view.read([...args, from ?? view.emptyTree, to, '--', ...scope], {
    what: 'Comparing commits',
    seconds: comparingSeconds,
    maxBytes: comparedBytes,
  });
  if (output.stoppedBy !== undefined) {
    throw new CodeSageError(
      'TimedOut',
      'The two commits differ in too much to be compared.',
      'Compare commits that are nearer to each other.',
    );
  }
  if (output.code !== 0) throw gitFailed('Comparing commits');
  const changes = (await parseRawChanges(output.bytes, shown.turns)).flatMap((one) => one.changes);
  return shown.select(changes, view.repository.prefix);
}

type Page = { files: FileDiff[]; leftOut: LeftOut; nextFile?: number; notice?: string };

/** Files that are looked into for keys together: an answer is often full after some. */
const checkedAtOnce = 25;

/** Patches are made one by one until the answer is full; a first one that does not fit is cut. */
async function showPage(
  history: OpenHistory,
  sides: Sides,
  changes: readonly RawChange[],
  request: DiffRequest,
): Promise<Page> {
  const { fileOffset, limit, lineOffset } = request;
  const wanted = changes.slice(fileOffset, fileOffset + (lineOffset > 0 ? 1 : limit));
  if (wanted.length === 0 && changes.length > 0) throw behindLast(changes.length, fileOffset);
  const files: FileDiff[] = [];
  const leftOut: LeftOut = {};
  const maxBytes = history.codebase.source.maxFileSizeBytes;
  let keys: ReadonlySet<string> = new Set();
  const counts = request.statOnly ? await countLines(history, sides, history.view.emptyTree) : undefined;
  let left = request.budget;
  let at = fileOffset;
  for (const [index, change] of wanted.entries()) {
    if (index % checkedAtOnce === 0) {
      const next = wanted.slice(index, index + checkedAtOnce).flatMap(contentsOf);
      keys = await privateKeysAmong(history.view, next, maxBytes, history.shown.turns);
    }
    if (contentsOf(change).some((id) => keys.has(id))) {
      leftOut.secret = (leftOut.secret ?? 0) + 1;
      at++;
      continue;
    }
    const room = lineOffset > 0 ? left : Math.min(left, files.length === 0 ? left : mostOfOne(request.budget));
    const file = request.statOnly
      ? { ...described(change), ...counts?.get(change.path), index: at }
      : { ...(await withPatch(history, change, request, room)), index: at };
    const size = JSON.stringify(file).length + 1;
    if (files.length > 0 && (size > left || (file.nextLine !== undefined && room < mostOfOne(request.budget)))) break;
    files.push(file);
    left -= size;
    at++;
    if (left <= 0) break;
  }
  return { files, leftOut, ...(at < changes.length && { nextFile: at }) };
}

/** A long patch leaves room for others, unless it stands first. */
function mostOfOne(budget: number): number {
  return Math.ceil(budget / 3);
}

function behindLast(total: number, offset: number): CodeSageError {
  return new CodeSageError(
    'InvalidArgument',
    `${total} files differ; file_offset ${offset} is behind the last one.`,
    'Write a smaller file_offset.',
  );
}

const statuses: Readonly<Record<string, FileStatus>> = {
  A: 'added',
  D: 'deleted',
  R: 'renamed',
  C: 'added',
  T: 'typeChanged',
};

function described(change: RawChange): Omit<FileDiff, 'index'> {
  const { path, oldPath, oldMode, newMode } = change;
  const old = oldMode === '000000' ? {} : { old: oldMode };
  const now = newMode === '000000' ? {} : { new: newMode };
  const isUsual = (mode: string) => mode === '000000' || mode === '100644';
  const isWorthTelling = !isUsual(oldMode) || !isUsual(newMode);
  return {
    path,
    ...(oldPath !== path && { oldPath }),
    status: statuses[change.status] ?? 'modified',
    ...(isWorthTelling && oldMode !== newMode && { modes: { ...old, ...now } }),
    ...(isSubmodule(change) && { without: 'submodule' as const }),
  };
}

async function withPatch(
  { view }: OpenHistory,
  change: RawChange,
  request: DiffRequest,
  room: number,
): Promise<Omit<FileDiff, 'index'>> {
  const file = described(change);
  if (isSubmodule(change)) {
    const line = (sign: string, mode: string, id: string) =>
      mode === '160000' ? [`${sign}Subproject commit ${id}`] : [];
    const lines = [...line('-', change.oldMode, change.oldId), ...line('+', change.newMode, change.newId)];
    return { ...file, patch: lines.join('\n') };
  }
  if (change.oldId === change.newId) return { ...file, added: 0, deleted: 0 };
  const { isBinary, added, deleted, lines, isCut } = await readPatch(view, change, request);
  if (isBinary) return { ...file, without: 'binary' };
  const fitting = fitPatch(lines.slice(request.lineOffset), room);
  const next = request.lineOffset + fitting.length;
  return {
    ...file,
    added,
    deleted,
    patch: fitting.join('\n'),
    ...((next < lines.length || isCut) && fitting.length > 0 && { nextLine: next }),
  };
}

const longestLine = 2000;

/** Lines up to `room` characters, at least one; those of minified files are cut. */
function fitPatch(lines: readonly string[], room: number): string[] {
  const fitting: string[] = [];
  let used = 300;
  for (const line of lines) {
    const shown = line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
    used += JSON.stringify(shown).length;
    if (used > room && fitting.length > 0) break;
    fitting.push(shown);
  }
  return fitting;
}
