/** Decides where a symbol is used: every use of its name, each with the definition that it most likely means. */
import { isTestPath } from '../search/penalties.ts';
import { type ReferenceKind, referenceKinds } from '../syntax/types.ts';
import { flatMapInTurns, type Turns } from '../turns.ts';
import { compareText, sortDefinitions } from './definition-order.ts';
import { type Definition, dataKinds, qualifiedName, type Reference } from './facts.ts';
import { familyOf } from './families.ts';
import { type FileImports, importsOfFiles, noImports } from './file-imports.ts';
import { type InScope, inScope } from './file-scope.ts';
import { fileKey, nearNames, textsOf } from './find-definitions.ts';
import { receiverOf } from './line-context.ts';
import { codeLinesWith, type FindFiles, linesWith, type NamedLines } from './mentions.ts';
import type { FindReferencesAnswer, FindReferencesRequest, FoundFile, FoundUse } from './port.ts';
import { type RenamedWords, usesByWords, wordsFor } from './renames.ts';
import { type Confidence, identityOf, Resolver } from './resolve.ts';
import type { SymbolStore } from './store.ts';
import { parseSymbolName, type SymbolName } from './symbol-name.ts';
import { chooseTargets } from './targets.ts';

/** Above so many files, what stands around each use is looked at only where it is shown. */
const maxFilesWithScopes = 300;
/** Names in more files than this are found by syntax only, without what stands around them. */
const maxFilesRead = 2000;
const listedDefinitions = 20;
const maxUseText = 300;

/** One line that uses the name. */
type Site = {
  codebase: string;
  path: string;
  language: string;
  line: number;
  kind: ReferenceKind;
  enclosing: number;
  text: string | undefined;
  /** How the file calls what it imports under another word. */
  word?: string | undefined;
};

type Resolved = Site & { confidence: Confidence; meant: readonly Definition[] };

/** What one codebase has on a name. */
type Findings = { store: SymbolStore; name: string; definitions: Definition[]; sites: Site[] };

const kindOrder: readonly ReferenceKind[] = ['call', 'type', 'other', 'import'];

/** Answers `findReferences` over the stores of the codebases asked for. */
export async function findReferences(
  stores: readonly SymbolStore[],
  request: FindReferencesRequest,
  findFiles: FindFiles,
  turns: Turns,
): Promise<Omit<FindReferencesAnswer, 'tookMs'>> {
  const wanted = parseSymbolName(request.name);
  const accepts = inScope(request);
  const findings = await Promise.all(
    stores.map((store) => collect(store, wanted, request.kinds, accepts, findFiles, turns)),
  );
  const definitions = sortDefinitions(
    findings.flatMap((one) => one.definitions),
    wanted,
  );
  const targets = chooseTargets(definitions, wanted, request);
  const resolved = (await Promise.all(findings.map((one) => resolveAll(one, turns)))).flat();
  const kept = await flatMapInTurns(resolved, turns, (use) =>
    mayMean(use, targets.identities, definitions) ? [use] : [],
  );
  const listed = (targets.identities === undefined ? definitions : targets.definitions).slice(0, listedDefinitions);
  if (turns.isOver()) await turns.rest();
  const ordered = orderUses(kept, listed);
  const isUnknown = listed.length === 0 && kept.length === 0;
  const page = ordered.slice(request.offset, request.offset + request.limit);
  return {
    definitions: listed,
    definitionsTotal: targets.identities === undefined ? definitions.length : targets.definitions.length,
    files: await toFiles(stores, findings, page, listed, targets.identities),
    totalUses: ordered.length,
    totalFiles: new Set(ordered.map(fileKey)).size,
    elsewhere: resolved.length - kept.length,
    nearNames: isUnknown ? await nearNames(stores, wanted, definitions, turns) : [],
  };
}

async function collect(
  store: SymbolStore,
  { name }: SymbolName,
  kinds: readonly ReferenceKind[],
  accepts: InScope,
  findFiles: FindFiles,
  turns: Turns,
): Promise<Findings> {
  const [all, allReferences] = await Promise.all([store.definitionsNamed([name]), store.referencesTo([name])]);
  const code = all.filter(({ kind }) => !dataKinds.has(kind));
  const definitions = code.length > 0 ? code : all;
  const references = await flatMapInTurns(allReferences, turns, (one) => (accepts(one) ? [one] : []));
  const families = new Set([...definitions, ...references].map(({ language }) => familyOf(language)));
  const mayMention = (path: string): boolean => {
    const language = languageOf(store, path);
    return families.has(familyOf(language)) && accepts({ path, language });
  };
  const wanted = new Set(kinds.length > 0 ? kinds : referenceKinds);
  const used = references.filter(({ kind }) => wanted.has(kind));
  const found = wanted.has('other') ? await findFiles(store.codebase, name) : [];
  const mentioning = await flatMapInTurns(found, turns, (path) => (mayMention(path) ? [path] : []));
  const words = await wordsFor(store, [name], references);
  const renamed = await usesByWords(store, words);
  used.push(...renamed.filter(({ kind }) => wanted.has(kind)));
  const paths = [...new Set([...mentioning, ...used.map(({ path }) => path)])];
  const texts = paths.length > maxFilesRead ? new Map<string, string>() : await store.texts(paths);
  const lines = new Map(
    await flatMapInTurns(texts, turns, ([path, text]) => [
      [path, linesWith(text, name, languageOf(store, path))] as const,
    ]),
  );
  const taken = takenLines([...references, ...renamed], definitions);
  const mentions = await flatMapInTurns(mentioning, turns, (path) => {
    const text = texts.get(path) ?? '';
    const byWord = spokenWords(words, path).flatMap((word) =>
      mentionSites(store, word, path, text, taken).map((site) => ({ ...site, word })),
    );
    return [...mentionSites(store, name, path, text, taken), ...byWord];
  });
  if (turns.isOver()) await turns.rest();
  return { store, name, definitions, sites: [...mergeSites(used, lines, texts), ...mentions] };
}

function languageOf(store: SymbolStore, path: string): string {
  return store.file(path)?.language ?? '';
}

/** The words of a file for the name. What is thrown away is called `_`, too. */
function spokenWords(words: RenamedWords, path: string): string[] {
  return [...(words.get(path)?.keys() ?? [])].filter((word) => word !== '_');
}

/** One site a line: what is called there says more than what is imported. */
function mergeSites(references: readonly Reference[], lines: NamedLines, texts: ReadonlyMap<string, string>): Site[] {
  const byLine = new Map<string, Site>();
  for (const { codebase, path, language, kind, word, sites } of references) {
    const named = word === undefined ? lines.get(path) : linesWith(texts.get(path) ?? '', word, language);
    for (const { line, enclosing } of sites) {
      const key = `${path}\n${line}`;
      const known = byLine.get(key);
      if (known !== undefined && kindOrder.indexOf(known.kind) <= kindOrder.indexOf(kind)) continue;
      byLine.set(key, { codebase, path, language, line, kind, enclosing, text: named?.get(line), word });
    }
  }
  return [...byLine.values()];
}

/** Lines whose use is recorded, or that define the name: `path`, a line feed, and the number. */
function takenLines(references: readonly Reference[], definitions: readonly Definition[]): Set<string> {
  const taken = new Set(definitions.map(({ path, nameLine }) => `${path}\n${nameLine}`));
  for (const { path, sites } of references) for (const { line } of sites) taken.add(`${path}\n${line}`);
  return taken;
}

/** Lines of a file that hold the name in code and are neither a recorded use nor a definition of it. */
function mentionSites(
  store: SymbolStore,
  name: string,
  path: string,
  text: string,
  taken: ReadonlySet<string>,
): Site[] {
  const language = languageOf(store, path);
  const left = [...linesWith(text, name, language)].filter(([line]) => !taken.has(`${path}\n${line}`));
  if (left.length === 0) return [];
  const inCode = codeLinesWith(text, name, language);
  return left
    .filter(([line]) => inCode.has(line))
    .map(([line, shown]) => ({
      codebase: store.codebase,
      path,
      language,
      line,
      kind: 'other',
      enclosing: -1,
      text: shown,
    }));
}

async function resolveAll({ store, name, definitions, sites }: Findings, turns: Turns): Promise<Resolved[]> {
  const paths = [...new Set(sites.map(({ path }) => path))];
  const isAmbiguous = new Set(definitions.map(identityOf)).size > 1;
  // Which of several definitions is meant, imports tell best. Of one, they tell what it is called, and what is none of it.
  const isTold = definitions.length > 0 && (isAmbiguous || paths.length <= maxFilesRead);
  const imports = isTold ? await importsOfFiles(store, paths, definitions, turns) : new Map<string, FileImports>();
  const scopes = isAmbiguous && paths.length <= maxFilesWithScopes ? await definitionsByFile(store, paths) : undefined;
  const resolver = new Resolver(definitions);
  return flatMapInTurns(
    Map.groupBy(sites, ({ path }) => path),
    turns,
    ([path, list]) => {
      const file = resolver.inFile(path, list[0]?.language ?? '', imports.get(path) ?? noImports);
      const inFile = scopes?.get(path);
      return list.map((site) => {
        const around = enclosingOf(inFile, site);
        const scope = around === undefined ? '' : qualifiedName(around);
        const { definitions: meant, confidence } = file.resolve({
          kind: site.kind,
          receiver: receiverOf(site, site.word ?? name, around),
          scope,
          word: site.word,
          line: site.kind === 'import' ? site.line : undefined,
        });
        return { ...site, confidence, meant };
      });
    },
  );
}

async function definitionsByFile(store: SymbolStore, paths: readonly string[]): Promise<Map<string, Definition[]>> {
  return Map.groupBy(await store.definitionsIn(paths), ({ path }) => path);
}

/** The innermost definition around a site; for those found by text, by lines. */
function enclosingOf(
  definitions: readonly Definition[] | undefined,
  { enclosing, line }: Site,
): Definition | undefined {
  if (definitions === undefined) return undefined;
  // All of a file, in their order: each stands at its ordinal.
  if (enclosing >= 0) return definitions[enclosing];
  let inner: Definition | undefined;
  for (const one of definitions) {
    if (one.startLine > line || one.endLine < line) continue;
    if (inner === undefined || one.endLine - one.startLine <= inner.endLine - inner.startLine) inner = one;
  }
  return inner;
}

/** False for uses that surely mean something else: another of the definitions, or a thing of that name from elsewhere. */
function mayMean(
  { meant }: Resolved,
  identities: ReadonlySet<string> | undefined,
  definitions: readonly Definition[],
): boolean {
  if (identities !== undefined) return meant.some((one) => identities.has(identityOf(one)));
  return meant.length > 0 || definitions.length === 0;
}

/** Likely before possible, sources before tests, the definition's own file and directory first; lines in order. */
function orderUses(uses: readonly Resolved[], definitions: readonly Definition[]): Resolved[] {
  const home = definitions[0];
  const rank = (use: Resolved): number =>
    (isTestPath(use.path) ? 4 : 0) +
    (use.confidence === 'likely' ? 0 : 8) +
    (home !== undefined && use.path === home.path ? 0 : 1);
  const ranks = new Map<string, number>();
  const keyed = uses.map((use) => {
    const key = fileKey(use);
    ranks.set(key, Math.min(ranks.get(key) ?? Number.POSITIVE_INFINITY, rank(use)));
    return { use, key };
  });
  const files = [...ranks].sort(([x, a], [y, b]) => a - b || compareText(x, y));
  const places = new Map(files.map(([key], index) => [key, index]));
  return keyed
    .map(({ use, key }) => ({ use, place: places.get(key) ?? 0 }))
    .sort((a, b) => a.place - b.place || a.use.line - b.use.line)
    .map(({ use }) => use);
}

async function toFiles(
  stores: readonly SymbolStore[],
  findings: readonly Findings[],
  page: readonly Resolved[],
  listed: readonly Definition[],
  identities: ReadonlySet<string> | undefined,
): Promise<FoundFile[]> {
  const around = new Map<string, Definition[]>();
  for (const { store } of findings) {
    const paths = page.filter(({ codebase }) => codebase === store.codebase).map(({ path }) => path);
    for (const [path, list] of await definitionsByFile(store, paths))
      around.set(fileKey({ codebase: store.codebase, path }), list);
  }
  const texts = await textsOf(
    stores,
    page.filter(({ text }) => text === undefined),
  );
  const indexes = new Map(listed.map((definition, index) => [identityOf(definition), index] as const).reverse());
  return [...Map.groupBy(page, fileKey)].map(([key, uses]) => {
    const { codebase, path, language } = uses[0] as Resolved;
    return { codebase, path, language, isTest: isTestPath(path), uses: uses.map((use) => toUse(use, key)) };
  });

  function toUse(use: Resolved, key: string): FoundUse {
    const meant = use.meant.find((one) => identities === undefined || identities.has(identityOf(one)));
    const index = use.confidence === 'likely' && meant !== undefined ? indexes.get(identityOf(meant)) : undefined;
    return {
      line: use.line,
      text: (use.text ?? texts.get(key)?.[use.line - 1] ?? '').trim().slice(0, maxUseText),
      kind: use.kind,
      enclosing: enclosingOf(around.get(key), use),
      confidence: use.confidence,
      ...(index !== undefined && { definition: index }),
    };
  }
}
