/** Decides how a file is profiled without being run: its symbols, one walk over its tree, and what both say about time. */
import { SyntaxParser } from '../syntax/parser.ts';
import { concernsOf } from './concerns.ts';
import { functionsOf, Growths, profileOf } from './functions.ts';
import { type NodeKinds, nodeKinds } from './grammar-kinds.ts';
import type { FileProfile } from './port.ts';
import { ProfileWalk } from './profile-walk.ts';

let shared: SyntaxParser | undefined;

/** Profiles one file, in the thread that calls. Never rejects for what the file holds: `problem` says what was in the way. */
export async function profileFile(path: string, text: string): Promise<FileProfile> {
  shared ??= new SyntaxParser();
  const lines = text.split('\n').length;
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const { language, symbols, problem } = await shared.parse(path, plain);
  const nothing = { language, lines, functions: [], concerns: [] };
  if (problem !== undefined) return { ...nothing, problem };
  let kinds: NodeKinds | undefined;
  const visited = await shared.visit(path, plain, (tree) => {
    kinds = nodeKinds[tree.grammar];
    return kinds === undefined ? [] : new ProfileWalk(tree, kinds).run();
  });
  if ('problem' in visited) return { ...nothing, problem: visited.problem };
  if (visited.found === undefined) return { ...nothing, problem: 'TooManyNodes' };
  if (kinds === undefined) return { ...nothing, problem: 'NoFunctions' };
  const functions = functionsOf(symbols, visited.found, lines);
  const growths = new Growths(functions);
  return {
    language,
    lines,
    functions: functions.map((one) => profileOf(one, growths)),
    concerns: concernsOf(functions, growths, kinds, plain),
  };
}
