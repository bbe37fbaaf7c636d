/**
 * Decides what speaks for and against a definition being meant by a use of its name. No types are known, so this weighs
 * what can be seen: the same file, what the file imports, the package, what stands before the name, who may see whom.
 */
import { posix } from 'node:path';
import { identifierParts } from '../chunking/words.ts';
import { sharesBeginning } from '../search/path-words.ts';
import { isTestPath } from '../search/penalties.ts';
import type { ReferenceKind } from '../syntax/types.ts';
import { type Definition, type Import, typeKinds } from './facts.ts';
import {
  enforcesPrivacy,
  familyOf,
  hasImplicitReceiver,
  isGlobal,
  namesTypesByCase,
  sharesDirectory,
} from './families.ts';
import type { FileImports } from './file-imports.ts';
import type { Receiver } from './line-context.ts';
import { isStandardModule } from './origin.ts';

/** One use of a name, with what is known around it. */
export type Use = {
  kind: ReferenceKind;
  receiver: Receiver;
  /** Containers of the innermost definition around the use, joined by dots, that definition's own name last. */
  scope: string;
  /** How the file calls what it imports under another word. */
  word?: string | undefined;
  /** Imports: the line of the name. */
  line?: number | undefined;
};

/** Most that `useFit` can add. */
export const bestOfUse = 5;

/** What nothing makes up for. */
const never = -30;

/** A definition with all that is asked of it again and again. */
export type Prepared = {
  definition: Definition;
  family: string;
  directory: string;
  folders: readonly string[];
  /** Innermost container, and its words. */
  container: string;
  containerParts: readonly string[];
  /** Lower-case names of the module that it is in. */
  places: ReadonlySet<string>;
  isMember: boolean;
  /** A function inside of a function: nobody else's. */
  isLocal: boolean;
  isTest: boolean;
  isDistinctive: boolean;
};

/** A file that uses names. */
export type UsingFile = {
  path: string;
  language: string;
  directory: string;
  folders: readonly string[];
  isTest: boolean;
  imports: FileImports;
};

/** Takes apart once what is compared often. */
export function prepare(definition: Definition): Prepared {
  const { path, parent, kind, name, language } = definition;
  const directory = posix.dirname(path);
  const container = parent.split('.').at(-1) ?? '';
  const isMember = parent !== '' && (kind === 'method' || kind === 'field' || kind === 'member');
  const stem = posix.basename(path).replace(/\.[^.]*$/, '');
  return {
    definition,
    family: familyOf(language),
    directory,
    folders: directory.split('/'),
    container,
    containerParts: identifierParts(container),
    places: new Set([stem, posix.basename(directory), container].map(plainName)),
    isMember,
    isLocal: kind === 'function' && parent !== '' && hasLocalFunctions(definition),
    isTest: isTestPath(path),
    // A method of one common word may as well be that of a type from elsewhere; `rejectPod` hardly is.
    isDistinctive: !isMember || identifierParts(name).length > 1,
  };
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '');
}

/** In these families no namespace gives a function a container, only another function does. */
function hasLocalFunctions({ language, exported }: Definition): boolean {
  const family = familyOf(language);
  return family === 'python' || family === 'go' || (family === 'js' && exported === false);
}

/**
 * Whether more than imports and a common name speak for a definition. A method of one common word (`append`) may as well
 * be that of any other type, unless what it is called on looks like its own.
 */
export function isBacked({ receiver }: Use, one: Prepared): boolean {
  if (!one.isMember || one.isDistinctive || receiver.on === 'self' || receiver.on === 'none') return true;
  return receiver.on === 'name' && (receiver.name === one.container || likeness(receiver.name, one) > 0);
}

/** What a file's place and imports say, before any use in it is looked at. */
export function fileFit(file: UsingFile, one: Prepared): number {
  return visibility(file, one) + nearness(file.folders, one.folders);
}

/** What one use says. */
export function useFit(use: Use, one: Prepared, file: UsingFile): number {
  return kindFit(use.kind, one) + receiverFit(use, one, file);
}

function visibility(file: UsingFile, one: Prepared): number {
  const { path, exported, language } = one.definition;
  if (file.path === path) return 5;
  const neighbours = sharesDirectory(language) && file.directory === one.directory;
  const reach = file.imports.reach(path);
  let value = neighbours ? 4 : reach * 2;
  // What the file does not import it can hardly use, except for members of what it was handed.
  const needsImport = !one.isMember && one.family !== 'c' && !isGlobal(language);
  if (!neighbours && reach === 0) value = needsImport ? -2 : 0;
  if (exported === false && !neighbours) value -= enforcesPrivacy(language) ? 8 : 2;
  if (one.isTest && !file.isTest) value -= 4;
  if (one.isLocal) value -= 8;
  return value;
}

function kindFit(use: ReferenceKind, { definition: { kind, parent } }: Prepared): number {
  const isType = typeKinds.has(kind);
  if (use === 'type') return isType ? 1 : kind === 'module' ? -2 : -6;
  if (use === 'import') return parent === '' ? 1 : -4;
  if (use === 'other') return 0;
  if (kind === 'function' || kind === 'method' || kind === 'macro') return 1;
  if (isType) return kind === 'interface' || kind === 'trait' ? -2 : 0.5;
  return kind === 'module' || kind === 'table' ? -4 : -1;
}

function receiverFit({ receiver, kind, scope, word, line }: Use, one: Prepared, file: UsingFile): number {
  const { name, parent } = one.definition;
  if (kind === 'import') return importFit(file, one, name, line);
  if (word !== undefined) return renamedFit(file, one, word, receiver);
  if (receiver.on === 'unknown') return 0;
  if (receiver.on === 'expression') return one.isMember ? 1 : -5;
  const isInside = one.isMember && sharesContainer(scope, parent);
  if (receiver.on === 'self') return one.isMember ? (isInside ? 4 : 0.5) : -5;
  if (receiver.on === 'none') {
    const foreign = one.isMember ? 0 : foreignness(file, one, name);
    return foreign === 0 ? unqualified(kind, one, isInside) : foreign;
  }
  const foreign = one.container === receiver.name ? 0 : foreignness(file, one, receiver.name);
  return foreign === 0 ? qualified(receiver.name, one, file) : foreign;
}

/** In these families no file imports what it defines itself. */
function importsFromOthersOnly(language: string): boolean {
  const family = familyOf(language);
  return family === 'js' || family === 'python';
}

function importFit(file: UsingFile, one: Prepared, name: string, line: number | undefined): number {
  if (file.path === one.definition.path && importsFromOthersOnly(file.language)) return never;
  const source = line === undefined ? undefined : file.imports.taking(name, line);
  return foreignTo(source, file, one);
}

/** A use by the word that an import gives: it stands alone, and means what is imported. */
function renamedFit(file: UsingFile, one: Prepared, word: string, receiver: Receiver): number {
  if (receiver.on !== 'none' && receiver.on !== 'unknown') return never;
  if (one.isMember || (file.path === one.definition.path && importsFromOthersOnly(file.language))) return never;
  return 1 + foreignTo(file.imports.bound.get(word), file, one);
}

/**
 * Below 0 when the word that a use stands on was imported from elsewhere: `strings.Split` is no method of ours. A file
 * that only hands on what others define can be in between, unless the module is the language's own.
 */
function foreignness(file: UsingFile, one: Prepared, word: string): number {
  return foreignTo(file.imports.bound.get(word), file, one);
}

function foreignTo(
  source: Import | undefined,
  { path, language, imports }: UsingFile,
  { definition }: Prepared,
): number {
  if (source === undefined || path === definition.path || imports.reachOf(source, definition.path) > 0) return 0;
  return familyOf(language) === 'go' || isStandardModule(source.module, language) ? -12 : -3;
}

function unqualified(kind: ReferenceKind, { definition, isMember }: Prepared, isInside: boolean): number {
  if (!isMember) return 1;
  if (kind === 'type') return 0;
  const isImplicit = hasImplicitReceiver(definition.language);
  if (isInside && isImplicit) return 3;
  // Enum members and constants may be imported by themselves; a method cannot be called without an object.
  return definition.kind === 'method' ? (isImplicit ? -2 : -12) : -3;
}

/** `word.name`: the word is a type, an object of it, or the module that defines the name. */
function qualified(word: string, one: Prepared, { imports }: UsingFile): number {
  if (one.container !== '' && one.container === word) return bestOfUse - 1;
  if (one.isMember) return isOtherType(word, one) ? -4 : 0.5 + likeness(word, one);
  if (one.places.has(plainName(word))) return 3;
  const source = imports.bound.get(word);
  if (source !== undefined && isModule(source, word) && imports.reachOf(source, one.definition.path) > 0) return 3;
  if (imports.reach(one.definition.path) === 0) return -6;
  // A package may be called otherwise than its directory: yaml, of `go-yaml`.
  return !qualifiesByModule.has(one.family) || source !== undefined || isPartOfPlace(word, one, imports) ? 0 : -12;
}

/** In these families only a module stands before what is defined at a file's outer level, never an object. */
const qualifiesByModule: ReadonlySet<string> = new Set(['go', 'python', 'rust', 'js']);

function isPartOfPlace(word: string, one: Prepared, { bound, reachOf }: FileImports): boolean {
  const plain = plainName(word);
  if (plain.length < 2) return false;
  if ([...one.places].some((place) => place.includes(plain))) return true;
  const names = [...bound].filter(([, source]) => reachOf(source, one.definition.path) > 0);
  return names.some(([name]) => plainName(name).includes(plain));
}

/** Whether a word that an import binds is a module: in JavaScript the names that it takes are values. */
function isModule({ names, renames = [], language }: Import, word: string): boolean {
  return (
    familyOf(language) !== 'js' || names.length === 0 || renames.some(({ name, as }) => name === '' && as === word)
  );
}

/** `Math.max`, `console.log`: on a type, where a member of ours would be called on its own type. */
function isOtherType(word: string, { family }: Prepared): boolean {
  if (family === 'js' && jsGlobals.has(word)) return true;
  return namesTypesByCase(family) && /^[A-Z]/.test(word);
}

const jsGlobals = new Set([
  'console',
  'process',
  'window',
  'document',
  'globalThis',
  'module',
  'exports',
  'jest',
  'vi',
]);

/** 0 to 2.5: objects are mostly called after their types: `orderStore` or `orders` for an OrderStore. */
function likeness(word: string, { container, containerParts }: Prepared): number {
  if (containerParts.length === 0) return 0;
  if (word.toLowerCase() === container.toLowerCase()) return 2.5;
  const parts = partsOf(word);
  const shared = containerParts.filter((part) => parts.some((other) => sharesBeginning(part, other))).length;
  return (1.5 * shared) / Math.max(parts.length, containerParts.length);
}

const knownParts = new Map<string, readonly string[]>();
const mostKnownParts = 5000;

/** Parts of a word, remembered: few words stand before many calls. */
function partsOf(word: string): readonly string[] {
  const known = knownParts.get(word);
  if (known !== undefined) return known;
  if (knownParts.size >= mostKnownParts) knownParts.clear();
  const parts = identifierParts(word);
  knownParts.set(word, parts);
  return parts;
}

/** True when the scope of a use is inside the container of a definition. */
function sharesContainer(scope: string, container: string): boolean {
  return scope === container || scope.startsWith(`${container}.`);
}

/** 0 to 0.9: the share of directories that both have in common. */
function nearness(own: readonly string[], folders: readonly string[]): number {
  let shared = 0;
  while (shared < own.length && shared < folders.length && own[shared] === folders[shared]) shared++;
  return (0.9 * shared) / Math.max(own.length, folders.length);
}
