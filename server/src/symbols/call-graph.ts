/** Decides what calls a definition and what it calls, one level of many definitions at a time. */
import { flatMapInTurns, type Turns } from '../turns.ts';
import { compareText } from './definition-order.ts';
import { callableKinds, type Definition, dataKinds, qualifiedName, type Reference } from './facts.ts';
import { type FileImports, importsOfFiles, noImports } from './file-imports.ts';
import type { InScope } from './file-scope.ts';
import { fileKey } from './find-definitions.ts';
import { receiverOf } from './line-context.ts';
import { renamedWords, underTheirNames, usesByWords, wordsFor } from './renames.ts';
import { type Confidence, type FileResolver, identityOf, Resolver } from './resolve.ts';
import type { SymbolStore } from './store.ts';

/** One call: from whom (undefined: the file's outer level), where, to what. */
export type Call = {
  caller: Definition | undefined;
  codebase: string;
  path: string;
  lines: number[];
  text: string;
  name: string;
  /** What it may mean, best first; empty when the codebase does not define the name. */
  callees: readonly Definition[];
  confidence: Confidence;
  /** Only a common name speaks for these callees. */
  isWeak: boolean;
};

/** Files whose lines are read to see on what a name is called; beyond, only imports and packages tell. */
const maxFilesRead = 400;
const maxText = 200;

/** What a level needs to know of the files that its calls stand in. */
type Surroundings = {
  definitions: Map<string, Definition[]>;
  lines: Map<string, string[]>;
  imports: Map<string, FileImports>;
};

/** The calls of one of `targets`, grouped by caller. */
export async function callersOf(
  store: SymbolStore,
  targets: readonly Definition[],
  accepts: InScope,
  turns: Turns,
): Promise<Call[]> {
  const names = [...new Set(targets.map(({ name }) => name))];
  const [plain, all] = await Promise.all([store.referencesTo(names), store.definitionsNamed(names)]);
  const references = [...plain, ...(await usesByWords(store, await wordsFor(store, names, plain.filter(accepts))))];
  const calls = references.filter((one) => one.kind !== 'import' && one.kind !== 'type' && accepts(one));
  const defined = Map.groupBy(codeOnly(all), ({ name }) => name);
  const around = await surroundings(store, calls, all, turns);
  const wanted = new Set(targets.map(identityOf));
  const resolved = await resolveCalls(calls, defined, around, turns);
  const meant = ({ callees }: Call) => callees.some((one) => wanted.has(identityOf(one)));
  return sortCalls(await flatMapInTurns(resolved, turns, (call) => (meant(call) ? [call] : [])));
}

/** The calls that stand inside of one of `callers`, definitions inside of them included. */
export async function calleesOf(store: SymbolStore, callers: readonly Definition[], turns: Turns): Promise<Call[]> {
  const paths = [...new Set(callers.map(({ path }) => path))];
  const [references, definitions] = await Promise.all([store.referencesIn(paths), store.definitionsIn(paths)]);
  const byPath = Map.groupBy(definitions, ({ path }) => path);
  const owner = ownersOf(callers, byPath);
  const inside = await flatMapInTurns(references, turns, (one) => {
    if (one.kind !== 'call') return [];
    const sites = one.sites.filter(({ enclosing }) => owner.has(`${one.path}\n${enclosing}`));
    return sites.length > 0 ? [{ ...one, sites }] : [];
  });
  const own = await ownNames(store, inside);
  const all = codeOnly(await store.definitionsNamed([...new Set(own.map(({ name }) => name))]));
  const around = await surroundings(store, own, all, turns, byPath);
  const named = Map.groupBy(all, ({ name }) => name);
  const calls = await resolveCalls(own, named, around, turns);
  const attributed = attribute(calls, owner);
  if (turns.isOver()) await turns.rest();
  return sortCalls(mergeByOwner(attributed));
}

/** The calls under the names that are defined, where files import them under other words. */
async function ownNames(store: SymbolStore, calls: readonly Reference[]): Promise<Reference[]> {
  const words = renamedWords(await store.importsIn([...new Set(calls.map(({ path }) => path))]));
  const renamed = calls.filter(({ path, name }) => words.get(path)?.has(name) === true).map(({ path }) => path);
  if (renamed.length === 0) return [...calls];
  const texts = await store.texts([...new Set(renamed)].sort(compareText).slice(0, maxFilesRead));
  return underTheirNames(calls, words, new Map([...texts].map(([path, text]) => [path, text.split(/\r?\n/)])));
}

/**
 * Gives each call to the caller that it stands in. What an inner function calls is told below that function where the
 * outer one calls it; else (a callback) it counts as the outer one's.
 */
function attribute(calls: readonly Call[], owners: ReadonlyMap<string, Definition>): Call[] {
  const owned = calls.map((call) => ({ call, owner: owners.get(`${call.path}\n${call.caller?.ordinal ?? -1}`) }));
  const called = new Set(owned.flatMap(({ call, owner }) => call.callees.map((callee) => edge(owner, callee))));
  const direct = owned.filter(
    ({ call: { caller }, owner }) => caller === undefined || isSame(caller, owner) || !called.has(edge(owner, caller)),
  );
  return direct.map(({ call, owner }) => ({ ...call, caller: owner ?? call.caller }));
}

function edge(owner: Definition | undefined, callee: Definition): string {
  return `${owner?.path ?? ''}\n${owner?.ordinal ?? -1}\n${identityOf(callee)}`;
}

function isSame(a: Definition, b: Definition | undefined): boolean {
  return a.path === b?.path && a.ordinal === b.ordinal;
}

function codeOnly(definitions: readonly Definition[]): Definition[] {
  return definitions.filter(
    ({ kind }) =>
      !dataKinds.has(kind) &&
      (callableKinds.has(kind) || kind === 'variable' || kind === 'constant' || kind === 'field'),
  );
}

/** By path and ordinal: the caller that a definition is, or stands in. */
function ownersOf(
  callers: readonly Definition[],
  byPath: ReadonlyMap<string, readonly Definition[]>,
): Map<string, Definition> {
  const owners = new Map<string, Definition>();
  for (const caller of callers) {
    for (const one of byPath.get(caller.path) ?? []) {
      const isInside =
        one.startLine >= caller.startLine && one.endLine <= caller.endLine && one.ordinal >= caller.ordinal;
      if (isInside) owners.set(`${one.path}\n${one.ordinal}`, caller);
    }
  }
  for (const caller of callers) owners.set(`${caller.path}\n${caller.ordinal}`, caller);
  return owners;
}

async function surroundings(
  store: SymbolStore,
  references: readonly Reference[],
  definitions: readonly Definition[],
  turns: Turns,
  known?: Map<string, Definition[]>,
): Promise<Surroundings> {
  const paths = [...new Set(references.map(({ path }) => path))].sort(compareText);
  const few = paths.slice(0, maxFilesRead);
  const [around, texts, imports] = await Promise.all([
    known ?? store.definitionsIn(paths).then((list) => Map.groupBy(list, ({ path }) => path)),
    store.texts(few),
    importsOfFiles(store, paths, definitions, turns),
  ]);
  return {
    definitions: around,
    lines: new Map(await flatMapInTurns(texts, turns, ([path, text]) => [[path, text.split(/\r?\n/)] as const])),
    imports,
  };
}

async function resolveCalls(
  references: readonly Reference[],
  defined: ReadonlyMap<string, readonly Definition[]>,
  around: Surroundings,
  turns: Turns,
): Promise<Call[]> {
  const resolvers = new Map(
    await flatMapInTurns(defined, turns, ([name, definitions]) => [[name, new Resolver(definitions)] as const]),
  );
  return flatMapInTurns(references, turns, (reference) => {
    const { path, language, name } = reference;
    const resolver = resolvers.get(name) ?? new Resolver([]);
    const file = resolver.inFile(path, language, around.imports.get(path) ?? noImports);
    return callsIn(reference, file, around.definitions.get(path) ?? [], around.lines.get(path) ?? []);
  });
}

/** The calls of one name in one file, those from one caller to one callee together. */
function callsIn(
  { codebase, path, language, name, word, kind, sites }: Reference,
  file: FileResolver,
  definitions: readonly Definition[],
  lines: readonly string[],
): Call[] {
  const merged = new Map<string, Call>();
  for (const { line, enclosing } of sites) {
    // All of a file, in their order: each stands at its ordinal.
    const caller = definitions[enclosing];
    const text = lines[line - 1];
    const receiver = receiverOf({ text, kind, language }, word ?? name, caller);
    const scope = caller === undefined ? '' : qualifiedName(caller);
    const { definitions: callees, confidence, isWeak } = file.resolve({ kind, receiver, scope, word });
    const key = `${enclosing}\n${callees[0] === undefined ? '' : identityOf(callees[0])}`;
    const known = merged.get(key);
    const shown = (text ?? '').trim().slice(0, maxText);
    if (known !== undefined) known.lines.push(line);
    else merged.set(key, { caller, codebase, path, lines: [line], text: shown, name, callees, confidence, isWeak });
  }
  return [...merged.values()];
}

/** Calls of the same from the same count once, with all their lines. */
function mergeByOwner(calls: readonly Call[]): Call[] {
  const merged = new Map<string, Call>();
  for (const call of calls) {
    const target = call.callees[0] === undefined ? call.name : identityOf(call.callees[0]);
    const key = `${fileKey(call)}\n${call.caller?.ordinal ?? -1}\n${target}`;
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { ...call, lines: [...call.lines] });
    else known.lines = [...known.lines, ...call.lines].sort((a, b) => a - b);
  }
  return [...merged.values()];
}

/** Likely before possible, then by place. */
function sortCalls(calls: readonly Call[]): Call[] {
  const rank = ({ confidence }: Call) => (confidence === 'likely' ? 0 : 1);
  return [...calls].sort(
    (a, b) => rank(a) - rank(b) || compareText(a.path, b.path) || (a.lines[0] ?? 0) - (b.lines[0] ?? 0),
  );
}
