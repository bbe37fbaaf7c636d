/** Decides what a function depends on: what it calls, which types it names, which imports bring them in, who calls it. */
import { CodeSageError } from '../errors.ts';
import { isTestPath } from '../search/penalties.ts';
import type { Turns } from '../turns.ts';
import { callersOf } from './call-graph.ts';
import { sortDefinitions } from './definition-order.ts';
import { callableKinds, type Definition, dataKinds, type Import, qualifiedName, type Reference } from './facts.ts';
import { boundWords, type FileImports, fileImports, goModulesIn } from './file-imports.ts';
import { type GoModule, ImportReach } from './import-reach.ts';
import { receiverOf } from './line-context.ts';
import { type Origin, originOf } from './origin.ts';
import type { Dependency, FunctionAnswer, FunctionRequest } from './port.ts';
import { renamedWords, underTheirNames } from './renames.ts';
import { type FileResolver, identityOf, Resolver } from './resolve.ts';
import type { SymbolStore } from './store.ts';
import { bestFitting, parseSymbolName } from './symbol-name.ts';
import { stepOf } from './trace.ts';

const listedCandidates = 5;
const namesInError = 30;

type FileFacts = {
  imports: readonly Import[];
  /** Origin of each import, in the order of `imports`. */
  origins: readonly Origin[];
  lines: readonly string[];
  definitions: readonly Definition[];
  goModules: readonly GoModule[];
};

/** Answers `functionDependencies` for a file of the store's codebase. */
export async function functionDependencies(
  store: SymbolStore,
  path: string,
  request: Pick<FunctionRequest, 'name' | 'line' | 'includeTests' | 'limit'>,
  turns: Turns,
): Promise<Omit<FunctionAnswer, 'tookMs'>> {
  const definitions = await store.definitionsIn([path]);
  const { definition, others } = chooseFunction(definitions, path, request);
  const facts = await readFile(store, path, definitions, turns);
  const inside = await referencesInside(store, definition, definitions);
  const references = underTheirNames(inside, renamedWords(facts.imports), new Map([[path, facts.lines]]));
  const dependencies = await resolveAll(store, references, facts, turns);
  const accepts = (file: { path: string }) => request.includeTests || !isTestPath(file.path);
  const calls = (await callersOf(store, [definition], accepts, turns)).filter(({ isWeak }) => !isWeak);
  const callers = calls.map((call) =>
    stepOf(call, call.caller, 1, new Set(call.callees.map(identityOf)).size - 1, false),
  );
  return {
    definition,
    others,
    dependencies,
    imports: neededImports(facts, references, dependencies),
    callers: callers.slice(0, request.limit),
    callersTruncated: callers.length > request.limit,
  };
}

/**
 * The function that is meant, by name or by a line inside of it.
 * @throws CodeSageError `InvalidArgument` naming the functions that the file has.
 */
export function chooseFunction(
  definitions: readonly Definition[],
  path: string,
  { name, line }: Pick<FunctionRequest, 'name' | 'line'>,
): { definition: Definition; others: Definition[] } {
  const callable = definitions.filter(
    ({ kind }) => callableKinds.has(kind) || kind === 'interface' || kind === 'trait',
  );
  if (name === undefined && line === undefined) throw noSuchFunction(callable, path, name, line);
  const wanted = name === undefined ? undefined : parseSymbolName(name);
  const named =
    wanted === undefined
      ? callable
      : bestFitting(
          callable.filter((one) => one.name === wanted.name),
          wanted,
        );
  const around = line === undefined ? named : named.filter((one) => one.startLine <= line && line <= one.endLine);
  const [definition, ...others] =
    wanted === undefined
      ? [...around].sort((a, b) => a.endLine - a.startLine - (b.endLine - b.startLine))
      : sortDefinitions(around, wanted);
  if (definition === undefined) throw noSuchFunction(callable, path, name, line);
  return { definition, others: wanted === undefined ? [] : others };
}

function noSuchFunction(
  callable: readonly Definition[],
  path: string,
  name: string | undefined,
  line: number | undefined,
): CodeSageError {
  const what = [name === undefined ? '' : ` named ${name}`, line === undefined ? '' : ` around line ${line}`].join('');
  const names = callable.map((one) => `${qualifiedName(one)} (line ${one.startLine})`);
  const more = names.length > namesInError ? `, and ${names.length - namesInError} more` : '';
  const remedy =
    names.length === 0
      ? 'The file has no functions that are known; see get_file_structure.'
      : `It has: ${names.slice(0, namesInError).join(', ')}${more}.`;
  const problem =
    what === '' ? `Say which function of ${path}, by name or by line.` : `${path} has no function${what}.`;
  return new CodeSageError('InvalidArgument', problem, remedy);
}

async function readFile(
  store: SymbolStore,
  path: string,
  definitions: readonly Definition[],
  turns: Turns,
): Promise<FileFacts> {
  const modules = [...store.paths()].filter((one) => one === 'go.mod' || one.endsWith('/go.mod'));
  const [imports, texts] = await Promise.all([store.importsIn([path]), store.texts([path, ...modules])]);
  const goModules = goModulesIn(texts);
  const reach = await ImportReach.inTurns(store.paths(), goModules, turns);
  const own = goModules.map(({ module }) => module);
  const origins = imports.map((one) => {
    const reached = [...reach.of(one).values()];
    return originOf(one, { reach: reached.includes(2) ? 2 : reached.length > 0 ? 1 : 0, goModules: own });
  });
  return { imports, origins, lines: (texts.get(path) ?? '').split(/\r?\n/), definitions, goModules };
}

/** The uses that stand inside of the definition, or of those inside of it. */
async function referencesInside(
  store: SymbolStore,
  { path, startLine, endLine, ordinal }: Definition,
  definitions: readonly Definition[],
): Promise<Reference[]> {
  const inside = new Set(
    definitions
      .filter((one) => one.startLine >= startLine && one.endLine <= endLine && one.ordinal >= ordinal)
      .map((one) => one.ordinal),
  );
  return (await store.referencesIn([path]))
    .filter(({ kind }) => kind !== 'import')
    .map((one) => ({ ...one, sites: one.sites.filter(({ enclosing }) => inside.has(enclosing)) }))
    .filter(({ sites }) => sites.length > 0);
}

async function resolveAll(
  store: SymbolStore,
  references: readonly Reference[],
  facts: FileFacts,
  turns: Turns,
): Promise<Dependency[]> {
  const all = (await store.definitionsNamed([...new Set(references.map(({ name }) => name))])).filter(
    ({ kind }) => !dataKinds.has(kind),
  );
  const byName = Map.groupBy(all, ({ name }) => name);
  const targets = all.map(({ path }) => path);
  const imports = fileImports(facts.imports, new ImportReach(targets, facts.goModules));
  const found = new Map<string, Dependency>();
  for (const reference of references) {
    if (turns.isOver()) await turns.rest();
    const resolver = new Resolver(byName.get(reference.name) ?? []);
    const file = resolver.inFile(reference.path, reference.language, imports);
    for (const site of reference.sites) {
      const one = resolveSite(reference, site, file, imports, facts);
      const [best] = one.definitions;
      const identity = best === undefined ? '' : identityOf(best);
      const key = [one.kind, one.name, one.origin, one.module ?? '', identity].join('\n');
      const known = found.get(key);
      if (known === undefined) found.set(key, one);
      else known.lines = [...new Set([...known.lines, ...one.lines])].sort((a, b) => a - b);
    }
  }
  return [...found.values()].sort((a, b) => (a.lines[0] ?? 0) - (b.lines[0] ?? 0));
}

function resolveSite(
  { language, name, word, kind }: Reference,
  { line, enclosing }: Reference['sites'][number],
  file: FileResolver,
  imports: FileImports,
  facts: FileFacts,
): Dependency {
  const around = facts.definitions.find(({ ordinal }) => ordinal === enclosing);
  const receiver = receiverOf({ text: facts.lines[line - 1], kind, language }, word ?? name, around);
  const scope = around === undefined ? '' : qualifiedName(around);
  const resolution = file.resolve({ kind, receiver, scope, word });
  const { confidence } = resolution;
  const definitions = resolution.isWeak ? [] : resolution.definitions;
  const source = imports.bound.get(receiver.on === 'name' ? receiver.name : (word ?? name));
  const [best] = definitions;
  // A package of the same workspace looks like somebody else's until one of its files turns out to be meant.
  const isOwn = best !== undefined && (source === undefined || imports.reachOf(source, best.path) > 0);
  const imported = source === undefined ? undefined : facts.origins[facts.imports.indexOf(source)];
  const origin = isOwn ? 'internal' : (imported ?? 'unknown');
  return {
    name,
    kind: kind === 'import' ? 'other' : kind,
    lines: [line],
    origin,
    ...(source !== undefined && { module: source.module }),
    definitions: origin === 'internal' ? definitions.slice(0, listedCandidates) : [],
    confidence,
  };
}

/** Imports that bind a word the function uses, or that lead to a file it depends on. */
function neededImports(
  { imports, origins, lines, goModules }: FileFacts,
  references: readonly Reference[],
  dependencies: readonly Dependency[],
): FunctionAnswer['imports'] {
  const modules = new Set(dependencies.flatMap(({ module }) => module ?? []));
  const used = references.flatMap(({ sites }) => sites.map(({ line }) => lines[line - 1] ?? '')).join('\n');
  const words = new Set(used.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []);
  const targets = dependencies.flatMap(({ definitions }) => definitions.slice(0, 1)).map(({ path }) => path);
  const reach = new ImportReach(targets, goModules);
  return imports.flatMap((one, index) => {
    const bound = [...boundWords([one]).keys()];
    const isNeeded =
      modules.has(one.module) ||
      bound.some((word) => words.has(word)) ||
      (bound.length === 0 && reach.of(one).size > 0);
    const { module, names, line } = one;
    return isNeeded ? [{ module, names: [...names], line, origin: origins[index] ?? 'unknown' }] : [];
  });
}
