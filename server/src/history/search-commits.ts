/** Decides how commits are searched: newest first, piece by piece, until enough are found or the time is over. */
import { CodeSageError } from '../errors.ts';
import { Candidates } from './candidates.ts';
import { readCommits } from './commit-facts.ts';
import { readCursor, writeCursor } from './cursor.ts';
import type { GitView } from './git-view.ts';
import { continued, selection } from './list-commits.ts';
import { factsOf, type OpenHistory, shallowNotice } from './open-history.ts';
import { historicPath, pathspec } from './path-argument.ts';
import { checkPattern } from './pattern-limits.ts';
import type { CommitMatch, CommitSearchAnswer, CommitSearchRequest } from './port.ts';
import { toPosix } from './posix-pattern.ts';
import { type Found, type Search, searchPiece } from './search-piece.ts';

/** Commits that one git searches: few at first, so that what is found at once is answered at once. */
const firstPiece = 32;
const largestPiece = 1024;
/** A piece that took longer is followed by smaller ones. */
const fairMs = 2000;
/** A search that got nowhere in its time gets this long for one commit, so that each call gets on. */
const graceSeconds = 3;
const leastSeconds = 0.2;
/** Kept for reading the facts of what was found. */
const reserveMs = 1000;

/**
 * Searches until the limit, the end of the history or the time is reached.
 * @param nowMs milliseconds since the epoch, for relative times
 * @param clock milliseconds from any moment, for the time that the search may take
 */
export async function searchCommits(
  history: OpenHistory,
  asked: CommitSearchRequest,
  nowMs: number,
  clock: () => number,
): Promise<CommitSearchAnswer> {
  const request = asked.regex ? { ...asked, query: toPosix(asked.query) } : asked;
  const deadline = clock() + Math.max(reserveMs, request.seconds * 1000 - reserveMs);
  if (request.regex) await tryPattern(history.view, request.query);
  const { ref, path, author, since, until, query, searchIn, regex, caseSensitive } = request;
  const question = [ref, path, author, since, until, query, searchIn, regex, caseSensitive];
  const cursor = request.cursor === undefined ? undefined : readCursor(request.cursor, question);
  const start =
    cursor === undefined ? await history.commits.resolve(ref ?? 'HEAD') : await continued(history, cursor.start);
  const place = path === undefined ? undefined : await historicPath(history, start, path);
  const skip = cursor?.skip ?? 0;
  const listed = [...selection(request, nowMs), `--skip=${skip}`, '--end-of-options', start, '--'];
  const seconds = Math.max(1, (deadline - clock()) / 1000);
  const candidates = new Candidates(history.view, [...listed, ...pathspec(history, place?.path)], seconds);
  try {
    const outcome = await search({ history, request, path: place?.path }, candidates, () => deadline - clock());
    const notices = [outcome.tooLarge, outcome.isEnd ? shallowNotice(history) : undefined].filter(
      (one) => one !== undefined,
    );
    return {
      ...factsOf(history, start),
      matches: await toMatches(history.view, outcome.found, (behind) =>
        writeCursor({ start, skip: skip + behind }, question),
      ),
      searched: outcome.searched,
      endedEarly: !outcome.isEnd && outcome.found.length < request.limit,
      ...(!outcome.isEnd && { nextCursor: writeCursor({ start, skip: skip + outcome.searched }, question) }),
      ...(notices.length > 0 && { notice: notices.join(' ') }),
    };
  } finally {
    candidates.close();
  }
}

/** Lets git compile the pattern, on no commit, so that a wrong one is told before any work. */
async function tryPattern(view: GitView, pattern: string): Promise<void> {
  checkPattern(pattern);
  const args = ['rev-list', '--stdin', '--extended-regexp', `--grep=${pattern}`];
  const { code, stderr } = await view.read(args, { what: 'Reading the pattern', seconds: 5, input: '' });
  if (code === 0) return;
  const said = stderr.replace(/^fatal: (?:command line, )?/, '').trim();
  throw new CodeSageError(
    'PatternInvalid',
    `The regular expression cannot be used: ${said.slice(0, 300)}.`,
    'Write a POSIX extended expression, or literal text with regex=false.',
  );
}

/** `behind`: commits searched up to this one, itself included. */
type Placed = Found & { behind: number };

/** `tooLarge` names commits that alone take more time or memory than there is. */
type Outcome = { found: Placed[]; searched: number; isEnd: boolean; tooLarge?: string };

async function search(what: Search, candidates: Candidates, msLeft: () => number): Promise<Outcome> {
  const { limit, searchIn } = what.request;
  const found: Placed[] = [];
  const tooLarge: string[] = [];
  let searched = 0;
  let size = searchIn === 'messages' ? largestPiece : firstPiece;
  while (found.length < limit && (msLeft() > 0 || searched === 0)) {
    const isLastChance = msLeft() <= 0;
    const piece = await candidates.peek(isLastChance ? 1 : size);
    if (piece.length === 0) break;
    const before = msLeft();
    const seconds = isLastChance ? graceSeconds : Math.max(leastSeconds, before / 1000);
    const result = await searchPiece(what, piece, seconds);
    const looked = firstThat(piece, result.searched, (id, index) => {
      const hit = result.found.get(id);
      if (hit !== undefined) found.push({ ...hit, behind: searched + index + 1 });
      return found.length === limit;
    });
    // Alone, with time to spare, it takes more than there is: the next call would not get past it either.
    const isTooLarge = looked === 0 && piece.length === 1 && (seconds >= graceSeconds || msLeft() > 0);
    if (isTooLarge) tooLarge.push(piece[0]?.slice(0, 12) ?? '');
    const used = isTooLarge ? 1 : looked;
    searched += used;
    candidates.drop(used);
    const isSlow = used < piece.length || before - msLeft() > fairMs;
    size = isSlow ? Math.max(1, size >> 2) : Math.min(largestPiece, size * 2);
  }
  // Whether there is a next one is known by looking.
  await candidates.peek(1);
  const isEnd = candidates.isEmpty && candidates.isWhole;
  const told = `Left out, as they change too much to be searched: ${tooLarge.join(', ')}.`;
  return { found, searched, isEnd, ...(tooLarge.length > 0 && { tooLarge: told }) };
}

/** How many of the first `count` were had when `isEnough` said so, or all of them. */
function firstThat(ids: readonly string[], count: number, isEnough: (id: string, index: number) => boolean): number {
  const at = ids.slice(0, count).findIndex(isEnough);
  return at < 0 ? count : at + 1;
}

async function toMatches(
  view: GitView,
  found: readonly Placed[],
  cursorAt: (behind: number) => string,
): Promise<CommitMatch[]> {
  const facts = await readCommits(
    view,
    found.map(({ id }) => id),
  );
  const byId = new Map(facts.map((one) => [one.id, one]));
  return found.flatMap(({ id, behind, ...hit }) => {
    const commit = byId.get(id);
    return commit === undefined ? [] : [{ ...commit, ...hit, cursor: cursorAt(behind) }];
  });
}
