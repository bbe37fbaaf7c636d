/** Decides which function each site belongs to, which of a file's functions call each other, and how their time grows. */
import type { SymbolDefinition } from '../syntax/types.ts';
import { callKind } from './call-kinds.ts';
import type { FunctionProfile } from './port.ts';
import type { Site } from './profile-walk.ts';

/** A function with what stands in it itself: what functions inside of it hold is theirs. */
export type FunctionSites = {
  name: string;
  shortName: string;
  startLine: number;
  endLine: number;
  complexity: number;
  sites: Site[];
};

/** The functions of a file in file order, and the outer level last, where it has any site. */
export function functionsOf(
  symbols: readonly SymbolDefinition[],
  sites: readonly Site[],
  lines: number,
): FunctionSites[] {
  const functions: FunctionSites[] = symbols
    .filter(
      ({ kind, complexity }) =>
        (kind === 'function' || kind === 'method' || kind === 'test') && complexity !== undefined,
    )
    .map(({ name, parent, startLine, endLine, complexity = 1 }) => ({
      name: parent === undefined ? name : `${parent}.${name}`,
      shortName: name,
      startLine,
      endLine,
      complexity,
      sites: [],
    }));
  const outer: FunctionSites = { name: '', shortName: '', startLine: 1, endLine: lines, complexity: 1, sites: [] };
  const owners = ownersByLine(functions, lines);
  for (const site of sites) (owners[site.line] ?? outer).sites.push(site);
  return outer.sites.length > 0 ? [...functions, outer] : functions;
}

/** The innermost function at each line; of two that begin on one, the later. */
function ownersByLine(functions: readonly FunctionSites[], lines: number): (FunctionSites | undefined)[] {
  const owners: (FunctionSites | undefined)[] = new Array(lines + 2);
  const outerFirst = [...functions].sort((a, b) => a.startLine - b.startLine || b.endLine - a.endLine);
  for (const one of outerFirst) for (let line = one.startLine; line <= one.endLine; line++) owners[line] = one;
  return owners;
}

/** How time grows with n: n to a power, times log n where something is sorted. */
export type Growth = { power: number; hasLog: boolean };

/** Works out growth over the calls of one file's functions. */
export class Growths {
  readonly #byName = new Map<string, FunctionSites | 'several'>();
  readonly #known = new Map<FunctionSites, Growth>();
  readonly #running = new Set<FunctionSites>();
  /** Functions that come back to themselves by way of others or directly. */
  readonly recursive = new Set<FunctionSites>();

  constructor(functions: readonly FunctionSites[]) {
    for (const one of functions) this.#byName.set(one.shortName, this.#byName.has(one.shortName) ? 'several' : one);
    for (const one of functions) this.of(one);
  }

  of(one: FunctionSites): Growth {
    const known = this.#known.get(one);
    if (known !== undefined) return known;
    this.#running.add(one);
    let best: Growth = { power: 0, hasLog: false };
    for (const site of one.sites) best = larger(best, this.#ofSite(site));
    this.#running.delete(one);
    this.#known.set(one, best);
    return best;
  }

  #ofSite(site: Site): Growth {
    const { kind, loops, text, name } = site;
    if (kind !== 'call') return { power: loops.length, hasLog: false };
    if (callKind(text, name) === 'sort') return { power: loops.length + 1, hasLog: true };
    const callee = this.calleeOf(site);
    if (callee === undefined) return { power: loops.length, hasLog: false };
    if (this.#running.has(callee)) {
      this.recursive.add(callee);
      return { power: loops.length, hasLog: false };
    }
    const inner = this.of(callee);
    return { power: loops.length + inner.power, hasLog: inner.hasLog };
  }

  /** The function of this file that a call means, if its name leaves no doubt. */
  calleeOf({ kind, text, name }: Site): FunctionSites | undefined {
    if (kind !== 'call') return undefined;
    const isOwn = text === name || /^(?:this|self|cls|Self|static|@)[.:]+[\w$?!#]+$|^\$this->\w+$/.test(text);
    const found = isOwn ? this.#byName.get(name) : undefined;
    return found === 'several' ? undefined : found;
  }
}

function larger(a: Growth, b: Growth): Growth {
  if (a.power !== b.power) return a.power > b.power ? a : b;
  return a.hasLog ? a : b;
}

/** `O(n² log n)`, in plain characters. */
export function growthText({ power, hasLog }: Growth): string {
  if (power === 0) return 'O(1)';
  const base = power === 1 ? 'n' : `n^${power}`;
  return hasLog ? `O(${base} log n)` : `O(${base})`;
}

/** The figures of one function. */
export function profileOf(one: FunctionSites, growths: Growths): FunctionProfile {
  const { name, startLine, endLine, complexity, sites } = one;
  const calls = sites.filter(({ kind }) => kind === 'call');
  const loops = sites.filter(({ kind }) => kind === 'loop');
  return {
    name,
    startLine,
    endLine,
    complexity,
    nesting: sites.reduce((most, { kind, nesting }) => (kind === 'call' ? most : Math.max(most, nesting)), 0),
    loops: loops.length,
    loopDepth: loops.reduce((most, site) => Math.max(most, site.loops.length), 0),
    calls: calls.length,
    callsInLoops: calls.filter((site) => site.loops.length > 0).length,
    isRecursive: growths.recursive.has(one),
    growth: growthText(growths.of(one)),
  };
}
