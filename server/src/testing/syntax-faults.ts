/** Decides for tests whether code parses, and whether two codes have the same shape. */
import type { Tree } from 'web-tree-sitter';
import { Engine } from '../syntax/engine.ts';
import { readerOf } from '../syntax/language.ts';

let shared: Promise<Engine> | undefined;

async function parsed<T>(path: string, code: string, look: (tree: Tree) => T): Promise<T> {
  const reader = readerOf(path, code);
  if (!('grammar' in reader)) throw new Error(`there is no grammar for ${path}`);
  shared ??= Engine.create();
  const { parser } = await (await shared).load(reader.grammar);
  const tree = parser.parse(code);
  if (tree === null) throw new Error(`${path} was not parsed`);
  try {
    return look(tree);
  } finally {
    tree.delete();
  }
}

/** One line for each error and for each token that the parser had to make up; none for correct code. Rejects for a language without a grammar. */
export function syntaxFaults(path: string, code: string): Promise<string[]> {
  return parsed(path, code, ({ rootNode }) => {
    const faults: string[] = [];
    const pending = [rootNode];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (node.isError || node.isMissing)
        faults.push(`${node.startPosition.row + 1}: ${node.text.slice(0, 80) || node.type}`);
      if (node.hasError) for (const child of node.children) if (child !== null) pending.push(child);
    }
    return faults;
  });
}

/** The types of all nodes as they nest: what code is, whatever its names and texts are. */
export function syntaxShape(path: string, code: string): Promise<string> {
  return parsed(path, code, ({ rootNode }) => rootNode.toString());
}
