/** Decides how a file's definitions nest: by what each one's lines are inside of. */
import type { Definition } from './facts.ts';
import { qualifiedName } from './facts.ts';
import type { OutlineNode } from './port.ts';

/**
 * The definitions of one file as a tree, in file order. A definition belongs to the nearest one before it that spans it
 * and is among its containers, else to the nearest that is named as its container (a Go method and its type).
 */
export function nest(definitions: readonly Definition[]): OutlineNode[] {
  const top: OutlineNode[] = [];
  const open: OutlineNode[] = [];
  for (const definition of [...definitions].sort((a, b) => a.ordinal - b.ordinal)) {
    const node: OutlineNode = { definition, children: [] };
    while (open.length > 0 && !holds((open.at(-1) as OutlineNode).definition, definition)) open.pop();
    (open.at(-1)?.children ?? top).push(node);
    open.push(node);
  }
  return top;
}

function holds(outer: Definition, inner: Definition): boolean {
  const isAround = outer.startLine <= inner.startLine && inner.endLine <= outer.endLine;
  const path = qualifiedName(outer);
  return isAround && (inner.parent === path || inner.parent.startsWith(`${path}.`));
}
