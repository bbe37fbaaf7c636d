/** Decides which clone pairs are one finding: copies of the same stretch, and nothing that a larger finding says already. */
import type { ClonePair, Place } from './regions.ts';

/** A place that is alike the others of its group. */
export type Occurrence = { file: number; startLine: number; endLine: number };
/** At least two places; `similarity` is the lowest of the pairs that were compared. */
export type CloneGroup = { occurrences: Occurrence[]; similarity: number; lines: number };

/** Two places of one file are the same when they share this part of what they cover together. */
const sameShare = 0.7;
/** Part of a place that findings before must cover to make it say nothing new. */
const coveredShare = 0.5;

/** What a copy among minor files, such as tests, counts for. */
const minorWeight = 0.25;

type Node = { file: number; startLine: number; endLine: number };

/** Joins pairs to groups, the most worth mending first. */
export function groupClones(
  pairs: readonly ClonePair[],
  isMinor: (file: number) => boolean = () => false,
): CloneGroup[] {
  const nodes = mergePlaces(pairs);
  const sets = new DisjointSets(nodes.list.length);
  for (const pair of pairs) sets.join(nodes.of(pair.first), nodes.of(pair.second));
  const members = new Map<number, Set<number>>();
  const lowest = new Map<number, number>();
  for (const pair of pairs) {
    const root = sets.find(nodes.of(pair.first));
    const known = members.get(root) ?? new Set();
    members.set(root, known.add(nodes.of(pair.first)).add(nodes.of(pair.second)));
    lowest.set(root, Math.min(lowest.get(root) ?? 1, pair.similarity));
  }
  const groups = [...members].flatMap(([root, ids]) => {
    const occurrences = apart([...ids].map((id) => nodes.list[id] as Node));
    if (occurrences.length < 2) return [];
    const lines = median(occurrences.map(({ startLine, endLine }) => endLine - startLine + 1));
    return [{ occurrences, similarity: lowest.get(root) ?? 0, lines }];
  });
  const value = (group: CloneGroup) =>
    worth(group) * (group.occurrences.every(({ file }) => isMinor(file)) ? minorWeight : 1);
  return withoutCovered(groups.sort((x, y) => value(y) - value(x) || compareFirst(x, y)));
}

/** Long findings first; each doubling of the copies counts as one copy more, and copies that differ count less. */
export function worth({ lines, occurrences, similarity }: CloneGroup): number {
  return lines * (1 + Math.log2(occurrences.length - 1)) * similarity ** 4;
}

function compareFirst(x: CloneGroup, y: CloneGroup): number {
  const [left, right] = [x.occurrences[0], y.occurrences[0]];
  if (left === undefined || right === undefined) return 0;
  return left.file - right.file || left.startLine - right.startLine;
}

function median(values: readonly number[]): number {
  return values.toSorted((x, y) => x - y)[Math.floor((values.length - 1) / 2)] ?? 0;
}

/** The distinct places of all pairs; such as differ by little are one. */
function mergePlaces(pairs: readonly ClonePair[]): { list: Node[]; of: (place: Place) => number } {
  const list: Node[] = [];
  const ids = new Map<Place, number>();
  const places = pairs.flatMap(({ first, second }) => [first, second]);
  // The longest first: it gives its lines to all that are nearly the same.
  places.sort(
    (x, y) => x.file - y.file || y.endLine - y.startLine - (x.endLine - x.startLine) || x.startLine - y.startLine,
  );
  let byLine = new Map<number, number[]>();
  let file = -1;
  for (const place of places) {
    if (place.file !== file) byLine = new Map();
    file = place.file;
    const near = new Set([place.startLine, place.endLine].flatMap((line) => byLine.get(line >> lineBits) ?? []));
    let id = [...near].find((other) => isSame(list[other] as Node, place)) ?? -1;
    if (id < 0) {
      id = list.push({ file, startLine: place.startLine, endLine: place.endLine }) - 1;
      for (let at = place.startLine >> lineBits; at <= place.endLine >> lineBits; at++) {
        const known = byLine.get(at);
        if (known === undefined) byLine.set(at, [id]);
        else known.push(id);
      }
    }
    ids.set(place, id);
  }
  return { list, of: (place) => ids.get(place) as number };
}

const lineBits = 5;

function overlap(x: Node, y: Node): number {
  return Math.max(0, Math.min(x.endLine, y.endLine) - Math.max(x.startLine, y.startLine) + 1);
}

const lengthOf = ({ startLine, endLine }: Node) => endLine - startLine + 1;

function isSame(x: Node, y: Node): boolean {
  const shared = overlap(x, y);
  return shared >= sameShare * (lengthOf(x) + lengthOf(y) - shared);
}

/** Of places that overlap, the longest. In order of file and line. */
function apart(nodes: readonly Node[]): Occurrence[] {
  const kept: Node[] = [];
  const byFile = new Map<number, Node[]>();
  for (const node of nodes.toSorted((x, y) => lengthOf(y) - lengthOf(x) || x.startLine - y.startLine)) {
    const others = byFile.get(node.file) ?? [];
    if (others.some((other) => overlap(node, other) > 0)) continue;
    others.push(node);
    byFile.set(node.file, others);
    kept.push(node);
  }
  return kept.sort((x, y) => x.file - y.file || x.startLine - y.startLine);
}

/** Leaves out groups all of whose places lie, for the most part, inside the places of groups before. */
function withoutCovered(groups: readonly CloneGroup[]): CloneGroup[] {
  const seen = new Map<number, Node[]>();
  return groups.filter(({ occurrences }) => {
    const fresh = occurrences.filter((one) => {
      const covered = (seen.get(one.file) ?? []).some((other) => overlap(one, other) >= coveredShare * lengthOf(one));
      return !covered;
    });
    if (fresh.length === 0) return false;
    for (const one of occurrences) {
      const known = seen.get(one.file);
      if (known === undefined) seen.set(one.file, [one]);
      else known.push(one);
    }
    return true;
  });
}

/** Sets that are joined two by two (union-find with path halving). */
class DisjointSets {
  readonly #parents: Int32Array;

  constructor(size: number) {
    this.#parents = Int32Array.from({ length: size }, (_, i) => i);
  }

  find(item: number): number {
    const parents = this.#parents;
    let at = item;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at] as number] as number;
      at = parents[at] as number;
    }
    return at;
  }

  join(x: number, y: number): void {
    const [left, right] = [this.find(x), this.find(y)];
    this.#parents[Math.max(left, right)] = Math.min(left, right);
  }
}
