/** Decides which definition a node stands in. */
import type { SymbolDefinition, SymbolKind } from './types.ts';

export type Scope = {
  /** Depth in the tree of the node that opened it. */
  depth: number;
  kind: SymbolKind;
  name: string;
  /** Names of all containers down to this one, joined by dots. */
  path: string;
  /** Index of its symbol; that of the next outer one when it has none of its own, -1 when there is none. */
  symbol: number;
  /** True inside of a function's body, however deep. */
  inFunction: boolean;
  /** The definition whose complexity the decisions inside count for. */
  counted: SymbolDefinition | undefined;
  /** Index of the last symbol defined directly inside. */
  lastChild: number;
};

/** The definitions around the current node, outermost first. */
export class ScopeStack {
  readonly #stack: Scope[] = [];
  #top: Scope | undefined;
  /** Index of the last symbol at the outer level. */
  #lastAtOuter = -1;

  top(): Scope | undefined {
    return this.#top;
  }

  size(): number {
    return this.#stack.length;
  }

  /** Index of the innermost symbol; -1 at the outer level. */
  symbol(): number {
    return this.#top === undefined ? -1 : this.#top.symbol;
  }

  push(scope: Scope): void {
    this.#stack.push(scope);
    this.#top = scope;
  }

  /** Ends every scope whose node is at this depth or deeper. */
  leave(depth: number): void {
    while (this.#top !== undefined && this.#top.depth >= depth) {
      this.#stack.pop();
      this.#top = this.#stack.at(-1);
    }
  }

  /** Counts a decision point for the innermost function. */
  decide(): void {
    const counted = this.#top?.counted;
    if (counted?.complexity !== undefined) counted.complexity++;
  }

  lastChild(): number {
    return this.#top === undefined ? this.#lastAtOuter : this.#top.lastChild;
  }

  setLastChild(index: number): void {
    if (this.#top === undefined) this.#lastAtOuter = index;
    else this.#top.lastChild = index;
  }
}
