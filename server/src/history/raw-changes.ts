/** Decides how git's raw list of changed files is read. */
import type { Turns } from '../turns.ts';

export type RawChange = {
  oldMode: string;
  newMode: string;
  oldId: string;
  newId: string;
  /** A, C, D, M, R, T; the others do not occur between two commits. */
  status: string;
  /** The newer name; the only one where it was not renamed. */
  path: string;
  oldPath: string;
};

/** Parts of git's output that end with NUL, one by one; what is behind the last NUL was cut. */
export function* fieldsIn(bytes: Buffer): Generator<string, undefined> {
  for (let begin = 0; ; ) {
    const end = bytes.indexOf(0, begin);
    if (end < 0) return undefined;
    yield bytes.toString('utf8', begin, end);
    begin = end + 1;
  }
}

/** One commit and what it changes, as `diff-tree --stdin --always` prints it. */
export type CommitChanges = { id: string; changes: RawChange[] };

const entryForm = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])\d*$/;
const idForm = /^[0-9a-f]{40,64}$/;

/**
 * Reads `--raw -z --no-abbrev` of one or more commits, or of none: what is in front of the first id belongs to a commit
 * with the id ''. An entry that was cut in the middle is left out.
 */
export async function parseRawChanges(bytes: Buffer, turns: Turns): Promise<CommitChanges[]> {
  const commits: CommitChanges[] = [];
  const fields = fieldsIn(bytes);
  for (let next = fields.next(); next.done !== true; next = fields.next()) {
    if (turns.isOver()) await turns.rest();
    const field = next.value.replace(/^\n+/, '');
    const entry = entryForm.exec(field);
    if (entry === null) {
      if (idForm.test(field)) commits.push({ id: field, changes: [] });
      continue;
    }
    const [, oldMode = '', newMode = '', oldId = '', newId = '', status = ''] = entry;
    const oldPath = fields.next().value;
    const path = status === 'R' || status === 'C' ? fields.next().value : oldPath;
    if (oldPath === undefined || path === undefined) break;
    if (commits.length === 0) commits.push({ id: '', changes: [] });
    commits.at(-1)?.changes.push({ oldMode, newMode, oldId, newId, status, path, oldPath });
  }
  return commits;
}
