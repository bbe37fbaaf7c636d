/** Decides who is taken to call a tool, and which codebases that caller may know of. */

/** Who makes a request. One object stands for a caller as long as its credential is valid, so that views can be kept by it. */
export type Caller = {
  /** As logs tell it: a token's file name, an OpenID subject. */
  readonly name: string;
  /** Codebases that exist for this caller. */
  readonly codebases: 'all' | ReadonlySet<string>;
};

/** Whoever calls where nobody is asked for a credential: stdio, and HTTP without authentication. */
export const anonymous: Caller = { name: 'anonymous', codebases: 'all' };

/** The operator, which shows the internal token: it makes sure that the server answers, whatever clients have to show. */
export const operatorCaller: Caller = { name: 'codesage-operator', codebases: 'all' };

/** True where this codebase exists for the caller. */
export function maySee({ codebases }: Caller, codebase: string): boolean {
  return codebases === 'all' || codebases.has(codebase);
}
