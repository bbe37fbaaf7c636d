/** Decides what a rule may look at around a node: its children by field or type, and the text; the walk stands still meanwhile. */
import { type Cursor, errorTypeId } from './cursor.ts';
import type { SymbolKind } from './types.ts';

/** A node's place (UTF-16 offsets, end excluded) and type. */
export type Span = { start: number; end: number; type: string };

/** Names of a grammar's node types and the ids of its fields. */
export type GrammarNames = { types: readonly string[]; fields: ReadonlyMap<string, number> };

/** Most children of one node that a look goes through: names stand at the front. */
const maxChildren = 64;

const maxTextRead = 8_192;

/** A view of the node that a walk stands on; every look returns to that node. */
export class Peek {
  readonly text: string;
  readonly #cursor: Cursor;
  readonly #names: GrammarNames;
  /** The kind of the innermost definition around the node; absent at the outer level. */
  scopeKind: SymbolKind | undefined;
  /** Its name; empty at the outer level. */
  scopeName = '';
  /** Start of the declaration around the node that belongs to it (`export const`); -1 without one. */
  wrapperStart = -1;
  /** Type of the node's parent; empty for the root. */
  parentType = '';

  constructor(text: string, cursor: Cursor, names: GrammarNames) {
    this.text = text;
    this.#cursor = cursor;
    this.#names = names;
  }

  /** The node itself. */
  here(): Span {
    const id = this.#cursor.typeId();
    const type = id === errorTypeId ? 'ERROR' : (this.#names.types[id] ?? '');
    return { start: this.#cursor.start(), end: this.#cursor.end(), type };
  }

  /** The node reached by following the fields one after the other. */
  field(...path: string[]): Span | undefined {
    let entered = 0;
    let found: Span | undefined;
    for (const name of path) {
      if (!this.#enterField(name)) break;
      entered++;
      if (entered === path.length) found = this.here();
    }
    this.#leave(entered);
    return found;
  }

  /** All children with this field. */
  fields(name: string): Span[] {
    const id = this.#names.fields.get(name);
    return id === undefined ? [] : this.#children((): boolean => this.#cursor.fieldId() === id);
  }

  /** The first child of one of these types. */
  child(...types: string[]): Span | undefined {
    return this.#children((): boolean => types.includes(this.here().type), 1)[0];
  }

  /** All children of one of these types. */
  childrenOf(...types: string[]): Span[] {
    return this.#children((): boolean => types.includes(this.here().type));
  }

  /** The first child, named or not. */
  first(): Span | undefined {
    return this.#children((): boolean => true, 1)[0];
  }

  /** Looks from the first child of one of these types as if the walk stood there. */
  in<T>(types: string[], look: () => T): T | undefined {
    if (!this.#cursor.firstChild()) return undefined;
    let result: T | undefined;
    let seen = 0;
    do {
      if (types.includes(this.here().type)) {
        result = look();
        break;
      }
    } while (++seen < maxChildren && this.#cursor.nextSibling());
    this.#cursor.parent();
    return result;
  }

  /** Goes down as long as there is a child with this field, or the only way on is through one of the `through` types. */
  deepest(field: string, through: ReadonlySet<string>): { span: Span; passed: string[] } {
    const passed: string[] = [];
    let span = this.here();
    while (passed.length < maxChildren) {
      if (!this.#enterField(field) && !(through.has(span.type) && this.#enterNamed(through))) break;
      span = this.here();
      passed.push(span.type);
    }
    this.#leave(passed.length);
    return { span, passed };
  }

  /** A node's text, cut at a length that no pattern can be made slow with. */
  textOf(span: Span): string {
    return this.text.slice(span.start, Math.min(span.end, span.start + maxTextRead));
  }

  #children(wanted: () => boolean, limit = maxChildren): Span[] {
    const found: Span[] = [];
    if (!this.#cursor.firstChild()) return found;
    let seen = 0;
    do {
      if (wanted()) found.push(this.here());
    } while (found.length < limit && ++seen < maxChildren && this.#cursor.nextSibling());
    this.#cursor.parent();
    return found;
  }

  #enterField(name: string): boolean {
    const id = this.#names.fields.get(name);
    if (id === undefined || !this.#cursor.firstChild()) return false;
    let seen = 0;
    do {
      if (this.#cursor.fieldId() === id) return true;
    } while (++seen < maxChildren && this.#cursor.nextSibling());
    this.#cursor.parent();
    return false;
  }

  /** Enters the first child that is one of the types or ends a name. */
  #enterNamed(through: ReadonlySet<string>): boolean {
    if (!this.#cursor.firstChild()) return false;
    do {
      const type = this.here().type;
      if (through.has(type) || type.endsWith('identifier') || type.endsWith('declarator')) return true;
    } while (this.#cursor.nextSibling());
    this.#cursor.parent();
    return false;
  }

  #leave(levels: number): void {
    for (let i = 0; i < levels; i++) this.#cursor.parent();
  }
}
