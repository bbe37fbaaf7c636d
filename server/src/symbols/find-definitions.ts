/** Decides which definitions a name finds, in which order, and what to offer when it finds none. */
import { flatMapInTurns, type Turns } from '../turns.ts';
import { compareText, sortDefinitions } from './definition-order.ts';
import { type Definition, qualifiedName } from './facts.ts';
import { inScope } from './file-scope.ts';
import { NearNames } from './near-names.ts';
import type { FindDefinitionsAnswer, FindDefinitionsRequest, FoundDefinition } from './port.ts';
import type { SymbolStore } from './store.ts';
import { bestFitting, parseSymbolName, type SymbolName, storedNames } from './symbol-name.ts';

/** More definitions than this of one codebase are not looked at: the name says too little. */
const maxRows = 5000;
const listedNames = 8;
const listedLeftOut = 3;

/** Answers `findDefinitions` over the stores of the codebases asked for. */
export async function findDefinitions(
  stores: readonly SymbolStore[],
  request: FindDefinitionsRequest,
  turns: Turns,
): Promise<Omit<FindDefinitionsAnswer, 'tookMs'>> {
  const wanted = parseSymbolName(request.name);
  const lists = await Promise.all(stores.map((store) => candidates(store, wanted, request)));
  const accepts = inScope(request);
  const inside = await flatMapInTurns(lists.flat(), turns, (one) => (accepts(one) ? [one] : []));
  const fitting = fittingDefinitions(inside, wanted, request);
  const sorted = sortDefinitions(fitting, wanted);
  const leftOut = sorted.length > 0 ? [] : withoutFilters(lists.flat(), wanted, request);
  const page = sorted.slice(request.offset, request.offset + request.limit);
  return {
    found:
      request.bodyLines > 0
        ? await withTexts(stores, page, request.bodyLines)
        : page.map((definition) => ({ definition })),
    total: sorted.length,
    more: lists.some((list) => list.length >= maxRows),
    leftOut: leftOut.slice(0, listedLeftOut),
    nearNames: sorted.length + leftOut.length > 0 ? [] : await nearNames(stores, wanted, lists.flat(), turns),
  };
}

async function candidates(
  store: SymbolStore,
  wanted: SymbolName,
  request: FindDefinitionsRequest,
): Promise<Definition[]> {
  const { match, caseSensitive } = request;
  if (match === 'exact' && caseSensitive) return store.definitionsNamed(storedNames(wanted));
  const lists = await Promise.all(storedNames(wanted).map((name) => store.definitionsLike(name, match, maxRows)));
  return lists.flat();
}

/** Those within the scope, of the kinds and with the qualifiers wanted. Pure. */
export function fittingDefinitions(
  definitions: readonly Definition[],
  wanted: SymbolName,
  request: Pick<
    FindDefinitionsRequest,
    'kinds' | 'caseSensitive' | 'match' | 'pathGlobs' | 'languages' | 'includeTests' | 'codebases'
  >,
): Definition[] {
  const kinds = new Set(request.kinds);
  const accepted = definitions.filter(
    (definition) =>
      (kinds.size === 0 || kinds.has(definition.kind)) &&
      (!request.caseSensitive || hasCase(definition.name, wanted, request.match)),
  );
  return bestFitting(accepted, wanted);
}

/** What the name finds anywhere, of any kind. */
function withoutFilters(
  definitions: readonly Definition[],
  wanted: SymbolName,
  request: FindDefinitionsRequest,
): Definition[] {
  const everything = { kinds: [], pathGlobs: [], languages: [], includeTests: true };
  return sortDefinitions(fittingDefinitions(definitions, wanted, { ...request, ...everything }), wanted);
}

function hasCase(name: string, wanted: SymbolName, match: FindDefinitionsRequest['match']): boolean {
  return storedNames(wanted).some((text) =>
    match === 'exact' ? name === text : match === 'prefix' ? name.startsWith(text) : name.includes(text),
  );
}

/** Names that do exist: those of the same name in other containers, else names like it. */
export async function nearNames(
  stores: readonly SymbolStore[],
  wanted: SymbolName,
  sameName: readonly Definition[],
  turns: Turns,
): Promise<string[]> {
  const elsewhere = new Set(sortDefinitions(sameName, { ...wanted, qualifiers: [] }).map(qualifiedName));
  if (elsewhere.size > 0) return [...elsewhere].slice(0, listedNames);
  const near = new NearNames(wanted.name, listedNames);
  for (const store of stores) {
    for await (const names of store.definedNames()) {
      for (const name of names) {
        if (turns.isOver()) await turns.rest();
        near.add(name);
      }
    }
  }
  return near.list();
}

async function withTexts(
  stores: readonly SymbolStore[],
  page: readonly Definition[],
  bodyLines: number,
): Promise<FoundDefinition[]> {
  const texts = await textsOf(stores, page);
  return page.map((definition) => {
    const lines = texts.get(fileKey(definition));
    if (lines === undefined) return { definition };
    const from =
      (definition.docLine > 0 ? Math.min(definition.docLine, definition.startLine) : definition.startLine) - 1;
    const to = Math.min(definition.endLine, from + bodyLines);
    return { definition, text: lines.slice(from, to).join('\n'), textTruncated: to < definition.endLine };
  });
}

/** What names a file among several codebases. */
export function fileKey({ codebase, path }: { codebase: string; path: string }): string {
  return `${codebase}/${path}`;
}

/** The lines of the files that hold the given places, by `fileKey`. */
export async function textsOf(
  stores: readonly SymbolStore[],
  places: readonly { codebase: string; path: string }[],
): Promise<Map<string, string[]>> {
  const lines = new Map<string, string[]>();
  for (const store of stores) {
    const paths = [...new Set(places.filter(({ codebase }) => codebase === store.codebase).map(({ path }) => path))];
    if (paths.length === 0) continue;
    for (const [path, text] of await store.texts(paths.sort(compareText)))
      lines.set(fileKey({ codebase: store.codebase, path }), text.split(/\r?\n/));
  }
  return lines;
}
