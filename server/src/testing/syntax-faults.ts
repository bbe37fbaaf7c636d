/** Decides for tests whether code parses: where its tree has errors, or tokens that the parser had to make up. */
import { Engine } from '../syntax/engine.ts';
import { readerOf } from '../syntax/language.ts';

let shared: Promise<Engine> | undefined;

/** One line for each fault; none for correct code. Rejects for a language without a grammar. */
export async function syntaxFaults(path: string, code: string): Promise<string[]> {
  const reader = readerOf(path, code);
  if (!('grammar' in reader)) throw new Error(`there is no grammar for ${path}`);
  shared ??= Engine.create();
  const { parser } = await (await shared).load(reader.grammar);
  const tree = parser.parse(code);
  if (tree === null) throw new Error(`${path} was not parsed`);
  const faults: string[] = [];
  const cursor = tree.rootNode;
  const pending = [cursor];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.isError || node.isMissing)
      faults.push(`${node.startPosition.row + 1}: ${node.text.slice(0, 80) || node.type}`);
    if (node.hasError) for (const child of node.children) if (child !== null) pending.push(child);
  }
  tree.delete();
  return faults;
}
