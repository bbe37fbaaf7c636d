/** Decides which definition a use of a name means when several have it: the one that most speaks for, if it leads clearly. */
import { posix } from 'node:path';
import { isTestPath } from '../search/penalties.ts';
import { bestOfUse, fileFit, type Prepared, prepare, type Use, type UsingFile, useFit } from './evidence.ts';
import { type Definition, dataKinds } from './facts.ts';
import { familyOf } from './families.ts';
import type { FileImports } from './file-imports.ts';

/** `likely`: what can be seen speaks for it and for no other; `possible`: nothing speaks against it. */
export type Confidence = 'likely' | 'possible';

/** The definitions that a use may mean, best first, all as good; empty when none fits. */
export type Resolution = { definitions: readonly Definition[]; confidence: Confidence };

/** Scores within this of the best are as good. */
const margin = 0.6;
const likelyFrom = 2;
const impossible = -5;

type Identified = { prepared: Prepared; identity: string; family: string };
type Candidate = Identified & { base: number };

/** Tells for uses of one name which of its definitions they mean. */
export class Resolver {
  readonly #definitions: readonly Identified[];

  constructor(definitions: readonly Definition[]) {
    this.#definitions = definitions
      .filter(({ kind }) => !dataKinds.has(kind))
      .map((one) => ({ prepared: prepare(one), identity: identityOf(one), family: familyOf(one.language) }));
  }

  /** The same for the uses in one file. */
  inFile(path: string, language: string, imports: FileImports): FileResolver {
    const family = familyOf(language);
    const folders = posix.dirname(path).split('/');
    const file = { path, language, folders, isTest: isTestPath(path), imports };
    const candidates = this.#definitions
      .filter((one) => one.family === family)
      .map((one) => ({ ...one, base: fileFit(file, one.prepared) }))
      // Nothing that a line may show makes up for less.
      .filter(({ base }) => base > impossible - bestOfUse);
    return new FileResolver(file, candidates);
  }
}

/** Tells for uses in one file which definitions they mean. */
export class FileResolver {
  readonly #file: UsingFile;
  readonly #candidates: readonly Candidate[];
  readonly #known = new Map<string, Resolution>();

  constructor(file: UsingFile, candidates: readonly Candidate[]) {
    this.#file = file;
    this.#candidates = candidates;
  }

  resolve(use: Use): Resolution {
    const { kind, receiver, scope } = use;
    const key = `${kind} ${receiver.on} ${receiver.on === 'name' ? receiver.name : ''} ${scope}`;
    const known = this.#known.get(key) ?? this.#decide(use);
    this.#known.set(key, known);
    return known;
  }

  #decide(use: Use): Resolution {
    const scored = this.#candidates
      .map((one) => ({ ...one, score: one.base + useFit(use, one.prepared, this.#file) }))
      .filter(({ score }) => score > impossible)
      .sort((a, b) => b.score - a.score);
    const [best] = scored;
    if (best === undefined) return { definitions: [], confidence: 'possible' };
    const top = scored.filter(({ score }) => score > best.score - margin);
    const isOne = top.every(({ identity }) => identity === best.identity);
    const isOnly = scored.every(({ identity }) => identity === best.identity);
    const isTelling = isOnly && best.score > -1 && best.prepared.isDistinctive;
    return {
      definitions: top.map(({ prepared }) => prepared.definition),
      confidence: isOne && (best.score >= likelyFrom || isTelling) ? 'likely' : 'possible',
    };
  }
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
