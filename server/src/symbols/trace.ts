/** Decides how a call graph is walked: level by level, bounded, each definition unfolded once. */
import { isTestPath } from '../search/penalties.ts';
import type { Turns } from '../turns.ts';
import { type Call, calleesOf, callersOf } from './call-graph.ts';
import { compareText, sortDefinitions } from './definition-order.ts';
import { callableKinds, type Definition } from './facts.ts';
import { type InScope, inScope } from './file-scope.ts';
import { fileKey, nearNames } from './find-definitions.ts';
import type { TraceAnswer, TraceRequest, TraceStep } from './port.ts';
import { identityOf } from './resolve.ts';
import type { SymbolStore } from './store.ts';
import { parseSymbolName } from './symbol-name.ts';
import { chooseTargets } from './targets.ts';

/** A name that so many definitions share says nothing about which is called: such a step is not followed. */
const maxAlternatives = 4;
const listedRoots = 20;
const listedExternals = 100;
/** So many definitions of a level are unfolded further. */
const maxLevel = 200;

type Node = { key: string; step: TraceStep; children: Node[] };
type Level = { parent: Node | undefined; definition: Definition };

/** Answers `trace` over the stores of the codebases asked for. */
export async function trace(
  stores: readonly SymbolStore[],
  request: TraceRequest,
  turns: Turns,
): Promise<Omit<TraceAnswer, 'tookMs'>> {
  const wanted = parseSymbolName(request.name);
  const lists = await Promise.all(stores.map((store) => store.definitionsNamed([wanted.name])));
  const all = sortDefinitions(
    lists.flat().filter(({ kind }) => callableKinds.has(kind) || kind === 'variable' || kind === 'constant'),
    wanted,
  );
  const roots = chooseTargets(all, wanted, request).definitions;
  const walker = new Walker(stores, request, turns);
  await walker.run(roots);
  return {
    roots: roots.slice(0, listedRoots),
    rootsTotal: roots.length,
    steps: walker.steps(),
    truncated: walker.truncated,
    unclear: walker.unclear,
    external: walker.externals(),
    nearNames: roots.length > 0 ? [] : await nearNames(stores, wanted, all, turns),
  };
}

class Walker {
  readonly #stores: readonly SymbolStore[];
  readonly #request: TraceRequest;
  readonly #turns: Turns;
  readonly #accepts: InScope;
  readonly #unfolded = new Set<string>();
  readonly #top: Node[] = [];
  readonly #external = new Map<string, number>();
  #count = 0;
  truncated = false;
  unclear = 0;

  constructor(stores: readonly SymbolStore[], request: TraceRequest, turns: Turns) {
    this.#turns = turns;
    this.#stores = stores;
    this.#request = request;
    this.#accepts = inScope(request);
  }

  async run(roots: readonly Definition[]): Promise<void> {
    let level: Level[] = roots.map((definition) => ({ parent: undefined, definition }));
    for (const { definition } of level) this.#unfolded.add(identityOf(definition));
    // A level more costs as much as all before it, and would not be told.
    for (let depth = 1; depth <= this.#request.depth && level.length > 0 && !this.truncated; depth++) {
      const next: Level[] = [];
      for (const store of this.#stores) {
        const here = level.filter(({ definition }) => definition.codebase === store.codebase).slice(0, maxLevel);
        if (here.length > 0) next.push(...(await this.#unfold(store, here, depth)));
      }
      level = next;
    }
  }

  async #unfold(store: SymbolStore, level: readonly Level[], depth: number): Promise<Level[]> {
    const definitions = level.map(({ definition }) => definition);
    const calls =
      this.#request.direction === 'callers'
        ? await callersOf(store, definitions, this.#accepts, this.#turns)
        : await calleesOf(store, definitions, this.#turns);
    const parents = Map.groupBy(level, ({ definition }) => identityOf(definition));
    const next: Level[] = [];
    for (const call of calls) {
      if (this.#turns.isOver()) await this.#turns.rest();
      if (call.isWeak) {
        this.#leaveOut(call);
        continue;
      }
      for (const parent of this.#parentsOf(call, parents)) this.#add(call, parent.parent, depth, next);
    }
    return next;
  }

  /** The nodes that a call hangs under: each once, however many definitions of a node it may mean. */
  #parentsOf(call: Call, parents: ReadonlyMap<string, readonly Level[]>): Level[] {
    const known = this.#request.direction === 'callers' ? call.callees : call.caller === undefined ? [] : [call.caller];
    const found = known.flatMap((one) => parents.get(identityOf(one)) ?? []);
    return [...new Map(found.map((one) => [one.parent, one])).values()];
  }

  #add(call: Call, parent: Node | undefined, depth: number, next: Level[]): void {
    const isCallers = this.#request.direction === 'callers';
    const definition = isCallers ? call.caller : call.callees[0];
    if (!isCallers && definition === undefined) {
      this.#leaveOut(call);
      return;
    }
    if (!isCallers && definition !== undefined && !this.#accepts(definition)) return;
    if (this.#count >= this.#request.limit) {
      this.truncated = true;
      return;
    }
    const key = definition === undefined ? `file ${fileKey(call)}` : identityOf(definition);
    const alternatives = new Set(call.callees.map(identityOf)).size - 1;
    const isRepeated = definition !== undefined && this.#unfolded.has(key);
    const node: Node = { key, children: [], step: stepOf(call, definition, depth, alternatives, isRepeated) };
    (parent?.children ?? this.#top).push(node);
    this.#count++;
    const isClear = isCallers || alternatives < maxAlternatives;
    if (definition === undefined || isRepeated || !isClear || depth === this.#request.depth) return;
    this.#unfolded.add(key);
    next.push({ parent: node, definition });
  }

  /** What is as likely a library's is told apart, or counted. */
  #leaveOut({ name, lines }: Call): void {
    if (this.#request.direction === 'callers') this.unclear += lines.length;
    else this.#external.set(name, (this.#external.get(name) ?? 0) + lines.length);
  }

  /** The tree, line by line. */
  steps(): TraceStep[] {
    const list: TraceStep[] = [];
    const visit = (nodes: readonly Node[]): void => {
      for (const { step, children } of nodes) {
        list.push(step);
        visit(children);
      }
    };
    visit(this.#top);
    return list;
  }

  externals(): { name: string; count: number }[] {
    return [...this.#external]
      .map(([name, count]) => ({ name, count }))
      .sort((a, b) => b.count - a.count || compareText(a.name, b.name))
      .slice(0, listedExternals);
  }
}

/** A call as a step towards `definition`. */
export function stepOf(
  { codebase, path, lines, text, confidence }: Call,
  definition: Definition | undefined,
  depth: number,
  alternatives: number,
  isRepeated: boolean,
): TraceStep {
  const [line = 0, ...moreLines] = lines;
  const isTest = isTestPath(path);
  return { depth, definition, codebase, path, line, text, moreLines, confidence, alternatives, isRepeated, isTest };
}
