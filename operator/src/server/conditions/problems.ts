/** Decides which problems the server pod told, and to which source each belongs. */
import type { CodebaseStatus, Problem, ProblemCode } from '@codesage/server/contract';
import type { Observed } from '../observed.ts';

export type ToldProblem = { code: ProblemCode; message: string; codebase?: string };

/** Problems of getting at a source's files. All others are about the index. */
const sourceCodes: ReadonlySet<ProblemCode> = new Set([
  'GitUnreachable',
  'GitAuthenticationFailed',
  'GitRefNotFound',
  'GitFailed',
  'PathNotFound',
]);

export function isSourceProblem({ code }: { code: ProblemCode }): boolean {
  return sourceCodes.has(code);
}

/** Statuses of the sources that the spec names, as the server told them; a source it does not know yet is pending. */
export function codebasesOf({ admin, server }: Observed): CodebaseStatus[] {
  if (admin.state !== 'answered') return [];
  return server.spec.sources.map(
    ({ name }) =>
      admin.status.codebases.find((codebase) => codebase.name === name) ?? {
        name,
        state: 'Pending',
        files: 0,
        chunks: 0,
        skipped: {},
      },
  );
}

/** All problems, of the index first. */
export function problemsOf(observed: Observed): ToldProblem[] {
  if (observed.admin.state !== 'answered') return [];
  const told = ({ code, message }: Problem, codebase?: string): ToldProblem => ({
    code,
    message,
    ...(codebase !== undefined && { codebase }),
  });
  const { index } = observed.admin.status;
  return [
    ...(index.problem ? [told(index.problem)] : []),
    ...codebasesOf(observed).flatMap(({ name, problem }) => (problem ? [told(problem, name)] : [])),
  ];
}

/** `source a: …`, or the message alone. */
export function describeProblem({ codebase, message }: ToldProblem): string {
  return codebase === undefined ? message : `source ${codebase}: ${message}`;
}
