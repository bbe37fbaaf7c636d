/** Decides how git's raw list of changed files is read. */

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

/** Parts of git's output that end with NUL. */
export function fieldsOf(bytes: Buffer): string[] {
  const fields = bytes.toString('utf8').split('\0');
  // What is behind the last NUL was cut.
  fields.pop();
  return fields;
}

/** One commit and what it changes, as `diff-tree --stdin --always` prints it. */
export type CommitChanges = { id: string; changes: RawChange[] };

/**
 * Reads `--raw -z --no-abbrev` of one or more commits. Fields that are in front of the first id, or where there are no
 * ids, belong to a commit with the id ''.
 */
export function parseRawChanges(fields: readonly string[]): CommitChanges[] {
  const commits: CommitChanges[] = [];
  let at = 0;
  while (at < fields.length) {
    const field = (fields[at++] ?? '').replace(/^\n+/, '');
    const entry = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])\d*$/.exec(field);
    if (entry === null) {
      if (/^[0-9a-f]{40,64}$/.test(field)) commits.push({ id: field, changes: [] });
      continue;
    }
    const [, oldMode = '', newMode = '', oldId = '', newId = '', status = ''] = entry;
    const isPair = status === 'R' || status === 'C';
    const oldPath = fields[at++];
    const path = isPair ? fields[at++] : oldPath;
    // Cut in the middle of an entry.
    if (oldPath === undefined || path === undefined) break;
    if (commits.length === 0) commits.push({ id: '', changes: [] });
    commits.at(-1)?.changes.push({ oldMode, newMode, oldId, newId, status, path, oldPath });
  }
  return commits;
}
