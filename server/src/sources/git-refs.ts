/** Decides which commit a configured ref means, from what the remote lists. */

export const fullCommit = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
export const shortCommit = /^[0-9a-f]{7,64}$/;

/** What `git ls-remote` prints: hash by name. */
export function parseRemoteRefs(output: string): Map<string, string> {
  const refs = new Map<string, string>();
  for (const line of output.split('\n')) {
    const [hash, name] = line.split('\t');
    if (hash !== undefined && name !== undefined && fullCommit.test(hash)) refs.set(name.trim(), hash);
  }
  return refs;
}

/** Arguments of `git ls-remote` that are enough to find the ref. */
export function refPatterns(ref: string | undefined): string[] {
  if (ref === undefined || ref === 'HEAD') return ['HEAD'];
  if (ref.startsWith('refs/')) return [ref, `${ref}^{}`];
  return [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/tags/${ref}^{}`];
}

/** The commit and full name of the ref: a branch before a tag, and what an annotated tag points to; undefined when there is none. */
export function findRef(
  refs: ReadonlyMap<string, string>,
  ref: string | undefined,
): { name: string; commit: string } | undefined {
  const names =
    ref === undefined || ref === 'HEAD'
      ? ['HEAD']
      : ref.startsWith('refs/')
        ? [ref]
        : [`refs/heads/${ref}`, `refs/tags/${ref}`];
  for (const name of names) {
    const commit = refs.get(`${name}^{}`) ?? refs.get(name);
    if (commit !== undefined) return { name, commit };
  }
  return undefined;
}
