import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Cursor } from './cursor.ts';
import { Engine } from './engine.ts';
import type { GrammarName } from './grammars.ts';

const samples: [GrammarName, string][] = [
  ['go', 'go'],
  ['typescript', 'ts'],
  ['haskell', 'hs'],
  ['kotlin', 'kt'],
];

test.each(samples)('walks a %s tree as the library’s own cursor does', async (name, extension) => {
  const text = `${readFileSync(join(import.meta.dirname, 'golden', `sample.${extension}.txt`), 'utf8')}\n// größe 😀\n`;
  const engine = await Engine.create();
  const { parser } = await engine.load(name);
  const tree = parser.parse(text);
  if (tree === null) throw new Error('no tree');
  const expected: number[][] = [];
  const theirs = tree.walk();
  const note = (): void => {
    expected.push([theirs.nodeTypeId, theirs.currentFieldId, theirs.startIndex, theirs.endIndex]);
  };
  const nextOf = (cursor: { nextSibling(): boolean; parent(): boolean }): boolean => {
    while (!cursor.nextSibling()) if (!cursor.parent()) return false;
    return true;
  };
  const adapter = { nextSibling: () => theirs.gotoNextSibling(), parent: () => theirs.gotoParent() };
  do note();
  while (theirs.gotoFirstChild() || nextOf(adapter));
  theirs.delete();

  const { cursor } = engine;
  const seen: number[][] = [];
  cursor.open(tree);
  do seen.push([cursor.typeId(), cursor.fieldId(), cursor.start(), cursor.end()]);
  while (cursor.firstChild() || nextOf(cursor));
  cursor.close();
  tree.delete();
  engine.dispose();
  expect(seen.length).toBeGreaterThan(100);
  expect(seen).toEqual(expected);
});

test('refuses a module that lacks a function, naming it', () => {
  expect(() => new Cursor({})).toThrow('web-tree-sitter has no _ts_tree_root_node_wasm: another version is installed');
});
