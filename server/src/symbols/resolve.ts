/**
 * Decides which definition a use of a name means when several have it. No types are known, so this weighs what can be
 * seen: the same file, what the file imports, the package, what stands before the name, and who may see whom.
 */
import { posix } from 'node:path';
import { identifierParts } from '../chunking/words.ts';
import { isTestPath } from '../search/penalties.ts';
import type { ReferenceKind } from '../syntax/types.ts';
import { type Definition, dataKinds, typeKinds } from './facts.ts';
import { enforcesPrivacy, familyOf, hasImplicitReceiver, isGlobal, sharesDirectory } from './families.ts';
import type { FileImports } from './file-imports.ts';
import type { Reach } from './import-reach.ts';
import type { Receiver } from './line-context.ts';
import { isStandardModule } from './origin.ts';

/** `likely`: what can be seen speaks for it and for no other; `possible`: nothing speaks against it. */
export type Confidence = 'likely' | 'possible';

/** One use of a name, with what is known around it. */
export type Use = {
  path: string;
  language: string;
  kind: ReferenceKind;
  receiver: Receiver;
  /** Containers of the innermost definition around the use, joined by dots, that definition's own name last. */
  scope: string;
};

/** The definitions that a use may mean, best first, all as good; empty when none fits. */
export type Resolution = { definitions: readonly Definition[]; confidence: Confidence };

/** Scores within this of the best are as good. */
const margin = 1;
const likelyFrom = 2;
const impossible = -5;

/** The definitions that one use means. */
export function resolveUse(use: Use, definitions: readonly Definition[], imports: FileImports): Resolution {
  const family = familyOf(use.language);
  const scored = definitions
    .filter(({ language, kind }) => familyOf(language) === family && !dataKinds.has(kind))
    .map((definition) => ({ definition, score: score(use, definition, imports) }))
    .filter((one) => one.score > impossible)
    .sort((a, b) => b.score - a.score);
  const [best] = scored;
  if (best === undefined) return { definitions: [], confidence: 'possible' };
  const top = scored.filter((one) => one.score > best.score - margin).map(({ definition }) => definition);
  const isOne = new Set(top.map(identityOf)).size === 1;
  const isOnly = new Set(scored.map(({ definition }) => identityOf(definition))).size === 1;
  const isTelling = isOnly && best.score > -1 && isDistinctive(best.definition);
  const confidence = isOne && (best.score >= likelyFrom || isTelling) ? 'likely' : 'possible';
  return { definitions: top, confidence };
}

/**
 * What makes two definitions the same thing to those who use it: overloads, a declaration in a header and its body,
 * a Go function with one body a platform.
 */
export function identityOf({ codebase, path, language, parent, name, exported }: Definition): string {
  const family = familyOf(language);
  const place = family === 'c' && exported !== false ? '' : family === 'go' ? posix.dirname(path) : path;
  const container = family === 'c' ? (parent.split('.').at(-1) ?? '') : parent;
  return [codebase, family, place, container, name].join('\n');
}

/** A method of one common word may as well be that of a type from elsewhere; `rejectPod` hardly is. */
function isDistinctive(definition: Definition): boolean {
  return !isMember(definition) || identifierParts(definition.name).length > 1;
}

function score(use: Use, definition: Definition, imports: FileImports): number {
  const reach = imports.reach(definition.path);
  return (
    visibility(use, definition, reach) +
    kindFit(use, definition) +
    receiverFit(use, definition, reach, imports) +
    nearness(use.path, definition.path)
  );
}

function isMember({ kind, parent }: Definition): boolean {
  return parent !== '' && (kind === 'method' || kind === 'field' || kind === 'member');
}

function visibility(use: Use, definition: Definition, reach: Reach): number {
  const { path, exported, language } = definition;
  if (use.path === path) return 5;
  const sameDirectory = posix.dirname(use.path) === posix.dirname(path);
  const neighbours = sameDirectory && sharesDirectory(language);
  let value = neighbours ? 4 : reach * 2;
  // What the file does not import it can hardly use, except for members of what it was handed.
  if (!neighbours && reach === 0 && !isGlobal(language))
    value = isMember(definition) ? 0 : familyOf(language) === 'c' ? 0 : -2;
  if (exported === false && !neighbours) value -= enforcesPrivacy(language) ? 8 : 2;
  if (isTestPath(path) && !isTestPath(use.path)) value -= 4;
  return value;
}

function kindFit({ kind }: Use, definition: Definition): number {
  const isType = typeKinds.has(definition.kind);
  if (kind === 'type') return isType ? 1 : definition.kind === 'module' ? -2 : -6;
  if (kind === 'import') return definition.parent === '' ? 1 : -4;
  if (kind === 'other') return 0;
  if (definition.kind === 'function' || definition.kind === 'method' || definition.kind === 'macro') return 1;
  if (isType) return definition.kind === 'interface' || definition.kind === 'trait' ? -2 : 0.5;
  return definition.kind === 'module' || definition.kind === 'table' ? -4 : -1;
}

function receiverFit(use: Use, definition: Definition, reach: Reach, imports: FileImports): number {
  const { receiver, kind } = use;
  if (kind === 'import') return foreignness(use, definition, imports, definition.name);
  if (receiver.on === 'unknown') return 0;
  const member = isMember(definition);
  const inside = member && sharesContainer(use.scope, definition.parent);
  if (receiver.on === 'none') {
    const foreign = member ? 0 : foreignness(use, definition, imports, definition.name);
    return foreign === 0 ? unqualified(use, definition, member, inside) : foreign;
  }
  if (receiver.on === 'self') return member ? (inside ? 4 : 0.5) : -5;
  if (receiver.on === 'expression') return member ? 1 : -5;
  const container = definition.parent.split('.').at(-1) ?? '';
  const foreign = container === receiver.name ? 0 : foreignness(use, definition, imports, receiver.name);
  return foreign === 0 ? qualified(receiver.name, definition, member, reach) : foreign;
}

/**
 * Below 0 when the word that a use stands on was imported from elsewhere: `strings.Split` is no method of ours. A file
 * that only hands on what others define can be in between, unless the module is the language's own.
 */
function foreignness(use: Use, definition: Definition, { bound, reachOf }: FileImports, word: string): number {
  const source = bound.get(word);
  if (source === undefined || use.path === definition.path || reachOf(source, definition.path) > 0) return 0;
  return familyOf(use.language) === 'go' || isStandardModule(source.module, use.language) ? -8 : -3;
}

function unqualified({ kind, language }: Use, definition: Definition, member: boolean, inside: boolean): number {
  if (!member) return 1;
  if (kind === 'type') return 0;
  if (inside && hasImplicitReceiver(language)) return 3;
  // Enum members and constants may be imported by themselves; a method cannot be called without an object.
  return definition.kind === 'method' ? (hasImplicitReceiver(language) ? -2 : -6) : -3;
}

/** `word.name`: the word is a type, an object of it, or the module that defines the name. */
function qualified(word: string, definition: Definition, member: boolean, reach: Reach): number {
  const container = definition.parent.split('.').at(-1) ?? '';
  if (container !== '' && container === word) return 4;
  const [lower, holder] = [word.toLowerCase().replaceAll('_', ''), container.toLowerCase().replaceAll('_', '')];
  if (member) return holder.length > 2 && (lower.endsWith(holder) || holder.endsWith(lower)) ? 2 : 0.5;
  const stem = posix
    .basename(definition.path)
    .replace(/\.[^.]*$/, '')
    .toLowerCase();
  const folder = posix.basename(posix.dirname(definition.path)).toLowerCase();
  if ([stem, folder, holder].some((place) => place.replace(/[_-]/g, '') === lower)) return 3;
  // An alias of an import, perhaps.
  return reach > 0 ? 0 : -6;
}

/** True when the scope of a use is inside the container of a definition. */
function sharesContainer(scope: string, container: string): boolean {
  return scope === container || scope.startsWith(`${container}.`);
}

/** 0 to 0.9: the share of directories that both have in common. */
function nearness(a: string, b: string): number {
  const left = posix.dirname(a).split('/');
  const right = posix.dirname(b).split('/');
  let shared = 0;
  while (shared < left.length && shared < right.length && left[shared] === right[shared]) shared++;
  return (0.9 * shared) / Math.max(left.length, right.length);
}
