/** Decides which definition a use of a name means when several have it: the one that most speaks for, if it leads clearly. */
import { posix } from 'node:path';
import { isTestPath } from '../search/penalties.ts';
import { bestOfUse, fileFit, isBacked, type Prepared, prepare, type Use, type UsingFile, useFit } from './evidence.ts';
import { type Definition, dataKinds } from './facts.ts';
import { familyOf } from './families.ts';
import type { FileImports } from './file-imports.ts';

/** `likely`: what can be seen speaks for it and for no other; `possible`: nothing speaks against it. */
export type Confidence = 'likely' | 'possible';

/**
 * The definitions that a use may mean, best first, all as good; empty when none fits. `isWeak`: nothing but a common
 * name speaks for them, so that it is as likely one of a library (`get`, `split`).
 */
export type Resolution = { definitions: readonly Definition[]; confidence: Confidence; isWeak: boolean };

/** Scores within this of the best are as good. */
const margin = 0.6;
const likelyFrom = 3;
const impossible = -5;

type Candidate = { prepared: Prepared; identity: string; family: string };

/** Tells for uses of one name which of its definitions they mean. */
export class Resolver {
  readonly #candidates: readonly Candidate[];

  constructor(definitions: readonly Definition[]) {
    this.#candidates = definitions
      .filter(({ kind }) => !dataKinds.has(kind))
      .map((one) => ({ prepared: prepare(one), identity: identityOf(one), family: familyOf(one.language) }));
  }

  /** The same for the uses in one file. */
  inFile(path: string, language: string, imports: FileImports): FileResolver {
    const family = familyOf(language);
    const directory = posix.dirname(path);
    const file = { path, language, directory, folders: directory.split('/'), isTest: isTestPath(path), imports };
    const near: Candidate[] = [];
    const bases: number[] = [];
    for (const candidate of this.#candidates) {
      if (candidate.family !== family) continue;
      const base = fileFit(file, candidate.prepared);
      // Nothing that a line may show makes up for less.
      if (base <= impossible - bestOfUse) continue;
      near.push(candidate);
      bases.push(base);
    }
    return new FileResolver(file, near, bases);
  }
}

/** Tells for uses in one file which definitions they mean. */
export class FileResolver {
  readonly #file: UsingFile;
  readonly #candidates: readonly Candidate[];
  /** What the file says for each candidate. */
  readonly #bases: readonly number[];
  readonly #known = new Map<string, Resolution>();

  constructor(file: UsingFile, candidates: readonly Candidate[], bases: readonly number[]) {
    this.#file = file;
    this.#candidates = candidates;
    this.#bases = bases;
  }

  /** The definitions that a use means. Uses that look the same mean the same. */
  resolve(use: Use): Resolution {
    const { kind, receiver, scope, word = '', line = 0 } = use;
    const key = `${kind} ${receiver.on} ${receiver.on === 'name' ? receiver.name : ''} ${scope} ${word} ${line}`;
    const known = this.#known.get(key) ?? this.#decide(use);
    this.#known.set(key, known);
    return known;
  }

  #decide(use: Use): Resolution {
    const scores = this.#candidates.map(
      ({ prepared }, index) => (this.#bases[index] as number) + useFit(use, prepared, this.#file),
    );
    const best = Math.max(impossible, ...scores);
    if (best === impossible) return { definitions: [], confidence: 'possible', isWeak: false };
    const top = this.#above(scores, best - margin);
    const isOne = new Set(top.map(({ identity }) => identity)).size === 1;
    const isDistinctive = top.some(({ prepared }) => prepared.isDistinctive);
    const hasBacking = top.some(({ prepared }) => isBacked(use, prepared));
    const isTelling = isOne && isDistinctive && best > -1 && this.#isAlone(scores, top);
    return {
      definitions: top.map(({ prepared }) => prepared.definition),
      confidence: isOne && hasBacking && (best >= likelyFrom || isTelling) ? 'likely' : 'possible',
      isWeak: !isDistinctive && (best < likelyFrom || !hasBacking),
    };
  }

  /** Best first; in the order of the definitions where they are as good. */
  #above(scores: readonly number[], least: number): Candidate[] {
    const found = this.#candidates.map((candidate, index) => ({ candidate, score: scores[index] as number }));
    return found
      .filter(({ score }) => score > least)
      .sort((a, b) => b.score - a.score)
      .map(({ candidate }) => candidate);
  }

  /** True when nothing else is possible at all. */
  #isAlone(scores: readonly number[], top: readonly Candidate[]): boolean {
    return this.#candidates.every(
      ({ identity }, index) => (scores[index] as number) <= impossible || identity === top[0]?.identity,
    );
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
