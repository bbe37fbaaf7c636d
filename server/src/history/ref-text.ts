/** Decides what a caller's name for a commit may be: a branch, tag or id with steps back behind it, and nothing else of git's language. */

export type ParsedRef = {
  /** What the steps begin at. `id`: digits that may also be a name. */
  base: { kind: 'head' } | { kind: 'id'; digits: string } | { kind: 'name'; name: string };
  /** `~2`, `^`, `^2~1`: parents to go to; '' for none. */
  steps: string;
};

const steps = /(?:~\d{0,6}|\^\d{0,2}){0,20}$/;
/** Characters and sequences that no name of a ref has (git-check-ref-format), which are those that git gives a meaning. */
const never = /\p{Cc}|[ ~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)/u;
const mostLetters = 250;

/** Understands the text; undefined for what is no such name, as `--all`, `@{-1}`, `:/text`, `HEAD:file` or `a..b`. */
export function parseRef(text: string): ParsedRef | undefined {
  const behind = steps.exec(text)?.[0] ?? '';
  const base = text.slice(0, text.length - behind.length);
  if (base === 'HEAD' || base === '@') return { base: { kind: 'head' }, steps: behind };
  if (/^[0-9a-f]{4,64}$/i.test(base)) return { base: { kind: 'id', digits: base.toLowerCase() }, steps: behind };
  if (base === '' || base.length > mostLetters || never.test(base) || /^[-/.]|[/.]$/.test(base)) return undefined;
  return { base: { kind: 'name', name: base }, steps: behind };
}

/** Full names that a short one may mean, in git's order of preference for what people call branches and tags. */
export function fullNames(name: string): string[] {
  if (name.startsWith('refs/')) return [name];
  return [`refs/heads/${name}`, `refs/tags/${name}`, `refs/remotes/${name}`, `refs/remotes/origin/${name}`];
}

/** Refs that count as a repository's history: not the stash, notes, pull requests or what tools keep for themselves. */
export const knownRefs = ['refs/heads', 'refs/tags', 'refs/remotes'] as const;

/** True for names below one of these. */
export function isKnownRef(name: string): boolean {
  return knownRefs.some((folder) => name.startsWith(`${folder}/`));
}
