/** Decides which of a few commits have a text in their message or in the lines that they change. */
import { contentsOf, isSubmodule, privateKeysAmong } from './blobs.ts';
import { compareOptions } from './commit-facts.ts';
import { gitFailed } from './git-view.ts';
import type { OpenHistory } from './open-history.ts';
import { pathspec } from './path-argument.ts';
import type { CommitSearchRequest } from './port.ts';
import { type CommitChanges, parseRawChanges, type RawChange } from './raw-changes.ts';

/** What was found of one commit. */
export type Found = { id: string; inMessage: boolean; files: string[]; moreFiles: number };
export type Search = {
  history: OpenHistory;
  request: CommitSearchRequest;
  /** Path in the codebase to which changed lines are narrowed. */
  path: string | undefined;
};

/** Files of a commit that are named. */
const mostFiles = 20;
/** Files of one commit that are looked into for keys; others are not told of. */
const mostChecked = 60;
const changesBytes = 32 << 20;

/**
 * Searches these commits, as many as there is time for.
 * @returns what was found by id, and how many of the first were searched
 */
export async function searchPiece(
  search: Search,
  ids: readonly string[],
  seconds: number,
): Promise<{ found: Map<string, Found>; searched: number }> {
  const { searchIn } = search.request;
  const messages =
    searchIn === 'changes' ? { ids: new Set<string>(), isWhole: true } : await inMessages(search, ids, seconds);
  if (!messages.isWhole) return { found: new Map(), searched: 0 };
  const changes = searchIn === 'messages' ? undefined : await inChanges(search, ids, seconds);
  const files = changes === undefined ? new Map<string, string[]>() : await shownFiles(search, changes.commits);
  const found = new Map<string, Found>();
  for (const id of ids) {
    const names = files.get(id) ?? [];
    const inMessage = messages.ids.has(id);
    if (!inMessage && names.length === 0) continue;
    found.set(id, {
      id,
      inMessage,
      files: names.slice(0, mostFiles),
      moreFiles: Math.max(0, names.length - mostFiles),
    });
  }
  return { found, searched: changes?.searched ?? ids.length };
}

function patternOptions({ regex, caseSensitive }: CommitSearchRequest): string[] {
  return [regex ? '--extended-regexp' : '--fixed-strings', ...(caseSensitive ? [] : ['--regexp-ignore-case'])];
}

async function inMessages({ history, request }: Search, ids: readonly string[], seconds: number) {
  const args = ['log', '--no-walk=unsorted', '--stdin', '--format=%H', '--encoding=UTF-8', `--grep=${request.query}`];
  const { bytes, code, stoppedBy } = await history.view.read([...args, ...patternOptions(request)], {
    what: 'Searching messages',
    input: ids.join('\n'),
    seconds,
    mayRunOut: true,
  });
  if (code !== 0 && stoppedBy === undefined) throw gitFailed('Searching messages');
  return { ids: new Set(bytes.toString('latin1').split('\n')), isWhole: stoppedBy === undefined };
}

async function inChanges({ history, request }: Search, ids: readonly string[], seconds: number) {
  const { view } = history;
  // What the first commits that are here change is not known: they would seem to have made every file.
  const known = ids.filter((id) => !view.shallow.has(id));
  // Merges have no changes of their own to git here; what they bring is in the commits that they join.
  const comparing = compareOptions.filter((option) => !option.startsWith('--diff-merges'));
  const args = ['diff-tree', '--stdin', '--always', '-z', '--raw', '--no-abbrev', ...comparing];
  const pickaxe = request.regex ? `-G${request.query}` : `-S${request.query}`;
  const scope = pathspec(history, undefined);
  const output = await view.read(
    [...args, pickaxe, ...patternOptions(request), ...(scope.length > 0 ? ['--', ...scope] : [])],
    {
      what: 'Searching changes',
      input: known.map((id) => `${id}\n`).join(''),
      seconds,
      maxBytes: changesBytes,
      mayRunOut: true,
    },
  );
  const commits = await parseRawChanges(output.bytes, history.shown.turns);
  if (output.code === 0) return { commits, searched: ids.length };
  if (output.stoppedBy === undefined) throw gitFailed('Searching changes');
  // The last one may be in the middle.
  commits.pop();
  const last = commits.at(-1)?.id;
  return { commits, searched: last === undefined ? 0 : ids.indexOf(last) + 1 };
}

/** Names of the files by commit that may be shown: what is in the others is not told, not even that it is there. */
async function shownFiles(
  { history, path }: Search,
  commits: readonly CommitChanges[],
): Promise<Map<string, string[]>> {
  const { view, shown, codebase } = history;
  const isWanted = (one: string) => path === undefined || one === path || one.startsWith(`${path}/`);
  const candidates: { id: string; changes: RawChange[] }[] = [];
  for (const { id, changes } of commits) {
    if (changes.length === 0) continue;
    const { shown: visible } = await shown.select(changes, view.repository.prefix);
    const wanted = visible.filter((one) => (isWanted(one.path) || isWanted(one.oldPath)) && !isSubmodule(one));
    if (wanted.length > 0) candidates.push({ id, changes: wanted.slice(0, mostChecked) });
  }
  const contents = candidates.flatMap(({ changes }) => changes.flatMap(contentsOf));
  const keys = await privateKeysAmong(view, contents, codebase.source.maxFileSizeBytes, shown.turns);
  return new Map(
    candidates.map(({ id, changes }) => {
      const readable = changes.filter((change) => !contentsOf(change).some((one) => keys.has(one)));
      return [id, readable.map((change) => change.path)];
    }),
  );
}
