/** Decides which definitions a caller means who names a symbol and perhaps the file that defines it. */
import { CodeSageError } from '../errors.ts';
import type { Definition } from './facts.ts';
import { identityOf } from './resolve.ts';
import { bestFitting, type SymbolName } from './symbol-name.ts';

/** What narrows a name down: the file that defines it, and a line in the definition. */
export type TargetChoice = { definitionPath?: string; definitionLine?: number };

/** `identities` is undefined when every definition of the name is meant. */
export type Targets = { definitions: Definition[]; identities: ReadonlySet<string> | undefined };

/**
 * Chooses among the definitions of a name, best first.
 * @throws CodeSageError `InvalidArgument` when none of them is in the file that was named.
 */
export function chooseTargets(definitions: readonly Definition[], wanted: SymbolName, choice: TargetChoice): Targets {
  const isQualified = wanted.qualifiers.length > 0;
  const { definitionPath, definitionLine } = choice;
  if (!isQualified && definitionPath === undefined) return { definitions: [...definitions], identities: undefined };
  let chosen = bestFitting(definitions, wanted);
  if (definitionPath !== undefined) {
    chosen = chosen.filter((one) => isFile(one, definitionPath));
    if (chosen.length === 0 && definitions.length > 0) throw notThere(definitions, definitionPath, wanted);
  }
  if (definitionLine !== undefined) {
    const onLine = chosen.filter(({ startLine, endLine }) => startLine <= definitionLine && definitionLine <= endLine);
    if (onLine.length > 0) chosen = onLine;
  }
  return { definitions: chosen, identities: new Set(chosen.map(identityOf)) };
}

function isFile({ codebase, path }: Definition, wanted: string): boolean {
  const clean = wanted.replace(/^\.?\//, '');
  return clean === path || clean === `${codebase}/${path}` || wanted.endsWith(`/${path}`);
}

function notThere(definitions: readonly Definition[], path: string, { name }: SymbolName): CodeSageError {
  const places = definitions.slice(0, 5).map((one) => `${one.codebase}/${one.path}:${one.startLine}`);
  return new CodeSageError(
    'InvalidArgument',
    `${path} does not define ${name}.`,
    `It is defined in: ${places.join(', ')}.`,
  );
}
