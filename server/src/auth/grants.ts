/** Decides which codebases a client may see by its name: all where nothing is granted to anybody, else what its own grant names. */
import type { AuthSettings } from '../contract.ts';
import type { Caller } from './caller.ts';

const everything = '*';

/** The codebases of the client of this name. Once there is any grant, a client without one sees nothing. */
export function grantedTo(name: string, grants: AuthSettings['grants']): Caller['codebases'] {
  if (grants.length === 0) return 'all';
  const codebases = grants.find((grant) => grant.name === name)?.codebases ?? [];
  return codebases.includes(everything) ? 'all' : new Set(codebases);
}

/** The codebases that scopes name with the prefix in front; none where no scope has it. */
export function grantedByScopes(scopes: ReadonlySet<string>, prefix: string): Caller['codebases'] {
  const codebases = [...scopes].filter((scope) => scope.startsWith(prefix)).map((scope) => scope.slice(prefix.length));
  return codebases.includes(everything) ? 'all' : new Set(codebases.filter((name) => name !== ''));
}
