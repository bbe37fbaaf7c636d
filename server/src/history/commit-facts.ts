/** Decides what is told of a commit, and how git is asked for it. */
import type { GitView } from './git-view.ts';
import type { ChangeCounts, CommitFacts } from './port.ts';
import { fieldsIn, parseRawChanges } from './raw-changes.ts';
import { countOf, type ShownPaths } from './shown-paths.ts';

const fields = ['%H', '%h', '%P', '%an', '%aI', '%cI', '%s', '%b'] as const;

/** Options by which `git log` prints what `parseCommits` reads. */
export const factsFormat = [`--format=tformat:${fields.join('%x00')}`, '-z', '--encoding=UTF-8', '--no-color'] as const;

const longestSubject = 300;
const longestBody = 2000;
const longestAuthor = 200;

/** Reads commits out of the output of `git log`; one that was cut in the middle is not among them. */
export function parseCommits(bytes: Buffer, shallow: ReadonlySet<string>): CommitFacts[] {
  const texts = [...fieldsIn(bytes)];
  const commits: CommitFacts[] = [];
  for (let at = 0; at + fields.length <= texts.length; at += fields.length) {
    const [id = '', shortId = '', parents = '', author = '', authored = '', date = '', subject = '', body = ''] =
      texts.slice(at, at + fields.length);
    const text = body.trim();
    commits.push({
      id,
      shortId,
      parents: parents === '' ? [] : parents.split(' '),
      author: author.slice(0, longestAuthor),
      date,
      ...(authored.slice(0, 10) !== date.slice(0, 10) && { authored }),
      subject: subject.slice(0, longestSubject),
      body: text.slice(0, longestBody),
      bodyIsCut: text.length > longestBody || subject.length > longestSubject,
      isHistoryEnd: shallow.has(id),
    });
  }
  return commits;
}

/** Facts of these commits, in their order. */
export async function readCommits(view: GitView, ids: readonly string[]): Promise<CommitFacts[]> {
  if (ids.length === 0) return [];
  const { bytes } = await view.read(['log', '--no-walk=unsorted', '--stdin', ...factsFormat], {
    what: 'Reading commits',
    input: ids.join('\n'),
    maxBytes: 16 << 20,
  });
  return parseCommits(bytes, view.shallow);
}

/** How two sides are compared wherever files are counted or listed: renames are found, merges stand against their first parent. */
export const compareOptions = [
  '-r',
  '--root',
  '--diff-merges=first-parent',
  '-M',
  '-l400',
  '--ignore-submodules=none',
] as const;

const countingSeconds = 8;
const countedBytes = 32 << 20;

/** Adds to each commit how many files it changes. Those for which there is no time stay without. */
export async function withCounts(
  view: GitView,
  commits: readonly CommitFacts[],
  shown: ShownPaths,
): Promise<CommitFacts[]> {
  const { prefix } = view.repository;
  const known = commits.filter(({ isHistoryEnd }) => !isHistoryEnd);
  if (known.length === 0) return [...commits];
  const scope = prefix === '' ? [] : ['--', prefix];
  const args = ['diff-tree', '--stdin', '--always', '-z', '--raw', '--no-abbrev', ...compareOptions, ...scope];
  const { bytes, isCut, code } = await view.read(args, {
    what: 'Counting changed files',
    input: `${known.map(({ id }) => id).join('\n')}\n`,
    seconds: countingSeconds,
    maxBytes: countedBytes,
  });
  const parsed = await parseRawChanges(bytes, shown.turns);
  // The last one may be in the middle.
  if (isCut || code !== 0) parsed.pop();
  const counts = new Map<string, ChangeCounts>();
  for (const { id, changes } of parsed) {
    const { shown: files, leftOut } = await shown.select(changes, prefix);
    const of = (...statuses: string[]) => files.filter(({ status }) => statuses.includes(status)).length;
    counts.set(id, {
      added: of('A', 'C'),
      changed: of('M', 'T'),
      deleted: of('D'),
      renamed: of('R'),
      leftOut: countOf(leftOut),
    });
  }
  return commits.map((commit) => {
    const changes = counts.get(commit.id);
    return changes === undefined ? commit : { ...commit, changes };
  });
}
