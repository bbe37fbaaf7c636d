/** Decides what of a tree matters for time: loops, calls, waiting, copies, each with how many loops it stands in. */
import type { CompiledRules } from '../syntax/compile.ts';
import { errorTypeId } from '../syntax/cursor.ts';
import { LineIndex } from '../syntax/lines.ts';
import { tailIdentifier } from '../syntax/names.ts';
import type { OpenTree } from '../syntax/parser.ts';
import { Peek } from '../syntax/peek.ts';
import { isIterating } from './call-kinds.ts';
import type { NodeKinds } from './grammar-kinds.ts';

export type SiteKind = 'loop' | 'control' | 'call' | 'await' | 'assignment' | 'creation' | 'defer' | 'reduce';

/** A place in a file. `loops` are the lines of the loops around it, the outermost first; a loop's own is the last. */
export type Site = {
  kind: SiteKind;
  line: number;
  endLine: number;
  loops: readonly number[];
  /** Control structures around it and itself, within its function. */
  nesting: number;
  /** Its code, cut. Of a call: what is called. */
  text: string;
  /** Of a call: the name that the callee ends in. */
  name: string;
};

/** Most sites of a file; more is generated code. */
const maxSites = 20_000;
const maxText = 200;
const clockMask = 0xfff;
/** So many levels above a function that is handed over its call is looked for. */
const levelsToCall = 4;

const role = { none: 0, loop: 1, branch: 2, function: 3, lambda: 4, await: 5, assignment: 6, creation: 7, defer: 8 };

type Level = {
  loops: readonly number[];
  /** Loops since the last function began, named or not: what waits here waits each time. */
  awaitLoops: readonly number[];
  nesting: number;
  /** The name that is called, where the node is a call. */
  callee: string;
  isBranch: boolean;
  isElse: boolean;
  /** The node gives its function a name. */
  isNaming: boolean;
  /** Of a loop and its head: the level around it, where what it goes over is made, once. */
  aroundLoop: Level | undefined;
};

const outermost: Level = {
  loops: [],
  awaitLoops: [],
  nesting: 0,
  callee: '',
  isBranch: false,
  isElse: false,
  isNaming: false,
  aroundLoop: undefined,
};
/** Fields of a loop that are evaluated before its first round: what it goes over, and where it starts. */
const onceFields = ['right', 'value', 'collection', 'initializer', 'init'];
/** Nodes between a loop and these fields. */
const loopHeads = new Set(['range_clause', 'for_clause', 'for_in_clause']);
const namingNodes = new Set(
  'variable_declarator assignment_expression pair public_field_definition field_definition assignment short_var_declaration'.split(
    ' ',
  ),
);

export class ProfileWalk {
  readonly #tree: OpenTree;
  readonly #lines: LineIndex;
  readonly #peek: Peek;
  readonly #roles: Uint8Array;
  readonly #types: readonly string[];
  readonly #once: ReadonlySet<number>;
  readonly #levels: Level[] = [outermost];
  readonly #sites: Site[] = [];

  constructor(tree: OpenTree, kinds: NodeKinds) {
    this.#tree = tree;
    this.#lines = new LineIndex(tree.text);
    this.#peek = new Peek(tree.text, tree.cursor, tree.rules.names);
    this.#types = tree.rules.names.types;
    this.#roles = rolesOf(tree.rules, kinds);
    this.#once = new Set(onceFields.flatMap((name) => tree.rules.names.fields.get(name) ?? []));
  }

  /** All sites in file order; undefined when a limit was reached first. */
  run(): Site[] | undefined {
    const { cursor, limits } = this.#tree;
    let depth = 0;
    for (let nodes = 1; ; nodes++) {
      if (nodes > limits.maxNodes || this.#sites.length > maxSites) return undefined;
      if ((nodes & clockMask) === 0 && limits.now() > limits.deadline) return undefined;
      this.#levels[depth + 1] = this.#enter(depth);
      if (depth < limits.maxDepth && cursor.firstChild()) {
        depth++;
        continue;
      }
      while (!cursor.nextSibling()) {
        if (depth === 0 || !cursor.parent()) return this.#sites;
        depth--;
      }
    }
  }

  /** Records the node, and returns what holds inside of it. */
  #enter(depth: number): Level {
    const { cursor, rules } = this.#tree;
    const above = this.#levels[depth] as Level;
    const type = cursor.typeId();
    const before = this.#once.has(cursor.fieldId()) ? above.aroundLoop : undefined;
    const around = before ?? above;
    const isHead = before === undefined && loopHeads.has(this.#types[type] ?? '');
    const aroundLoop = isHead ? above.aroundLoop : undefined;
    const inside: Level = { ...around, callee: '', isBranch: false, isElse: false, isNaming: false, aroundLoop };
    if (type === errorTypeId) return inside;
    const call = rules.calls[type];
    if (call !== undefined) inside.callee = this.#call(call, around);
    switch (this.#roles[type]) {
      case role.loop:
        return this.#loop(inside, around);
      case role.branch:
        return this.#branch(inside, around, this.#types[type] ?? '');
      case role.function:
        return { ...inside, loops: [], awaitLoops: [], nesting: 0 };
      case role.lambda:
        return this.#lambda(inside, around, depth);
      case role.await:
        this.#add('await', around.awaitLoops, around.nesting);
        break;
      case role.assignment:
        this.#add('assignment', around.loops, around.nesting);
        break;
      case role.creation:
        this.#add('creation', around.loops, around.nesting);
        break;
      case role.defer:
        this.#add('defer', around.awaitLoops, around.nesting);
        break;
    }
    inside.isElse = /^(?:else|elif|else_clause|elsif)$/.test(this.#types[type] ?? '');
    inside.isNaming = namingNodes.has(this.#types[type] ?? '');
    return inside;
  }

  #loop(inside: Level, around: Level): Level {
    const line = this.#lines.lineOf(this.#tree.cursor.start());
    const nesting = around.nesting + 1;
    const loops = [...around.loops, line];
    this.#add('loop', loops, nesting);
    return { ...inside, loops, awaitLoops: [...around.awaitLoops, line], nesting, aroundLoop: around };
  }

  /** `else if` is no deeper than the `if` before it. */
  #branch(inside: Level, around: Level, type: string): Level {
    const isChained = /^if/.test(type) && (around.isElse || around.isBranch);
    const nesting = isChained ? around.nesting : around.nesting + 1;
    this.#add('control', around.loops, nesting);
    return { ...inside, nesting, isBranch: /^if/.test(type) };
  }

  /** A function that is run for each element is a loop; one that has a name runs when it is called. */
  #lambda(inside: Level, around: Level, depth: number): Level {
    if (around.isNaming) return { ...inside, loops: [], awaitLoops: [], nesting: 0 };
    const callee = this.#calleeAbove(depth);
    if (!isIterating(callee)) return { ...inside, awaitLoops: [] };
    const line = this.#lines.lineOf(this.#tree.cursor.start());
    const loops = [...around.loops, line];
    this.#add('loop', loops, around.nesting + 1);
    if (/^(?:reduce|inject|fold|Aggregate)$/.test(callee)) this.#add('reduce', loops, around.nesting + 1);
    // These calls wait for none of their functions.
    return { ...inside, loops, awaitLoops: [], nesting: around.nesting + 1 };
  }

  #calleeAbove(depth: number): string {
    for (let at = depth; at > Math.max(0, depth - levelsToCall); at--) {
      const { callee } = this.#levels[at] as Level;
      if (callee !== '') return callee;
    }
    return '';
  }

  /** Records a call; returns the name that is called. */
  #call(rule: NonNullable<CompiledRules['calls'][number]>, { loops, nesting }: Level): string {
    const span =
      'field' in rule ? this.#peek.field(rule.field) : 'first' in rule ? this.#peek.first() : rule.find(this.#peek);
    if (span === undefined) return '';
    const { text } = this.#tree;
    const name = tailIdentifier(text, span.start, span.end);
    // A field may name the method alone: what stands before it belongs to what is called.
    const start = Math.max(this.#tree.cursor.start(), span.end - maxText);
    const callee = text
      .slice(start, span.end)
      .replace(/\s+/g, '')
      .replace(/\?\./g, '.')
      .replace(/^new(?=[A-Z])/, '');
    const line = this.#lines.lineOf(span.start);
    this.#sites.push({ kind: 'call', line, endLine: line, loops, nesting, text: callee, name });
    return name;
  }

  #add(kind: SiteKind, loops: readonly number[], nesting: number): void {
    const { cursor, text } = this.#tree;
    const start = cursor.start();
    const end = cursor.end();
    const line = this.#lines.lineOf(start);
    const code = text.slice(start, Math.min(end, start + maxText));
    this.#sites.push({ kind, line, endLine: this.#lines.lastLineOf(start, end), loops, nesting, text: code, name: '' });
  }
}

function rolesOf({ names }: CompiledRules, kinds: NodeKinds): Uint8Array {
  const byName = new Map<string, number>();
  const lists: [readonly string[] | undefined, number][] = [
    [kinds.loops, role.loop],
    [kinds.branches, role.branch],
    [kinds.functions, role.function],
    [kinds.lambdas, role.lambda],
    [kinds.awaits, role.await],
    [kinds.assignments, role.assignment],
    [kinds.creations, role.creation],
    [kinds.defers, role.defer],
  ];
  for (const [types, value] of lists) for (const type of types ?? []) byName.set(type, value);
  return Uint8Array.from(names.types, (name) => byName.get(name) ?? role.none);
}
