/** Decides which commits a list has, and where it goes on. */
import { CodeSageError } from '../errors.ts';
import { factsFormat, parseCommits, withCounts } from './commit-facts.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { gitFailed } from './git-view.ts';
import { factsOf, type OpenHistory, shallowNotice } from './open-history.ts';
import { type HistoricPath, historicPath, pathspec } from './path-argument.ts';
import type { CommitsAnswer, CommitsRequest } from './port.ts';
import { gitTime } from './times.ts';

const listingSeconds = 15;
const listedBytes = 16 << 20;
/** Pages are counted from the first commit, so that late ones cost as much as all before them. */
export const mostSkipped = 1_000_000;
/** A file's former names are only known to git as it goes, so each page walks from the start. */
const mostFollowed = 5000;

/** What selects commits by their facts, as options of git. */
export function selection(
  { author, since, until }: Pick<CommitsRequest, 'author' | 'since' | 'until'>,
  nowMs: number,
): string[] {
  return [
    ...(author === undefined ? [] : [`--author=${author}`, '--fixed-strings', '--regexp-ignore-case']),
    ...(since === undefined ? [] : [`--since=${gitTime(since, 'since', nowMs)}`]),
    ...(until === undefined ? [] : [`--until=${gitTime(until, 'until', nowMs)}`]),
  ];
}

/** The page of commits that was asked for. */
export async function listCommits(
  history: OpenHistory,
  request: CommitsRequest,
  nowMs: number,
): Promise<CommitsAnswer> {
  const { view, commits } = history;
  const { ref, excludeRef, path, author, since, until, limit } = request;
  const question = [ref, excludeRef, path, request.followRenames, author, since, until];
  const cursor = request.cursor === undefined ? undefined : readCursor(request.cursor, question);
  const start = cursor === undefined ? await commits.resolve(ref ?? 'HEAD') : await continued(history, cursor.start);
  const skip = cursor?.skip ?? 0;
  const without = excludeRef === undefined ? [] : [`^${await commits.resolve(excludeRef)}`];
  const place = path === undefined ? undefined : await historicPath(history, start, path);
  const follows = request.followRenames && place?.kind === 'file';
  if (skip > (follows ? mostFollowed : mostSkipped)) throw tooFar();
  const range = [start, ...without, '--', ...pathspec(history, place?.path)];
  const args = ['log', ...factsFormat, ...selection(request, nowMs), ...pageOptions(follows, skip, limit)];
  const output = await view.read([...args, '--end-of-options', ...range], {
    what: 'Listing commits',
    seconds: listingSeconds,
    maxBytes: listedBytes,
  });
  if (output.code !== 0 && !output.isCut) throw gitFailed('Listing commits');
  const found = parseCommits(output.bytes, view.shallow).slice(follows ? skip : 0);
  const page = found.slice(0, limit);
  if (page.length === 0 && output.isCut) throw tooSlow();
  const goesOn = found.length > limit || output.isCut;
  const counted = await withCounts(view, page, history.shown);
  return {
    ...factsOf(history, start),
    commits: counted.map((commit, index) => ({
      ...commit,
      cursor: writeCursor({ start, skip: skip + index + 1 }, question),
    })),
    hasMore: goesOn,
    ...noticeOf(history, place, { isEmpty: page.length === 0, isLast: !goesOn }),
  };
}

function pageOptions(follows: boolean, skip: number, limit: number): string[] {
  if (!follows) return [`--skip=${skip}`, `--max-count=${limit + 1}`];
  // With --follow git would count commits that it does not print.
  return ['--follow', '-M', '-l400', `--max-count=${skip + limit + 1}`];
}

/** @throws CodeSageError when the commit that a list began with is no longer the codebase's. */
export async function continued({ commits }: OpenHistory, start: string): Promise<string> {
  if (await commits.belongs(start)) return start;
  throw new CodeSageError(
    'GitRefNotFound',
    'The history was rewritten since the first page: the commit that it began with is no longer in it.',
    'Ask again without cursor.',
  );
}

function tooFar(): CodeSageError {
  return new CodeSageError(
    'InvalidArgument',
    'There is more than can be paged through.',
    'Narrow the list with until, since, author or path.',
  );
}

function tooSlow(): CodeSageError {
  return new CodeSageError(
    'TimedOut',
    `No commit was found within ${listingSeconds} seconds.`,
    'Narrow the list with since, or leave out path or author; with a path, follow_renames=false is faster.',
  );
}

type PageFacts = { isEmpty: boolean; isLast: boolean };

function noticeOf(history: OpenHistory, place: HistoricPath | undefined, { isEmpty, isLast }: PageFacts) {
  const sentences = [
    place?.kind === 'submodule' ? `${place.path} is a submodule: its own commits are in its own repository.` : '',
    isEmpty ? nothing(history, place) : '',
    isLast ? (shallowNotice(history) ?? '') : '',
  ].filter((sentence) => sentence !== '');
  return sentences.length === 0 ? {} : { notice: sentences.join(' ') };
}

function nothing({ view }: OpenHistory, place: HistoricPath | undefined): string {
  if (place?.kind === 'absent') {
    const globs = /[*?]/.test(place.path) ? ' path is one file or directory, not a glob.' : '';
    return `No commit changes ${place.path}, and the newest one does not have it.${globs}`;
  }
  if (view.repository.prefix !== '' && place === undefined)
    return "No commit fits. The codebase's directory lies in a repository; only commits that change it are listed.";
  return 'No commit fits.';
}
