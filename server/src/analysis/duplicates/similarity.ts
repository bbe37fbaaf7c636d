/**
 * Decides how similar two stretches of code are: 2·matched / (tokens of both), where a token that is the same counts 1, and
 * one that was only renamed counts less. Renaming one name into one other everywhere is what copying does, so it counts
 * more than names that differ anyhow (type-2 clones; Baker's parameterized matching, 1995).
 */
import type { Region, Run } from './extend.ts';
import { kindOf, tokenKinds } from './tokens.ts';

/** What a pair of tokens of the same shape and different text counts for. */
export const renamedWeights = { consistent: 0.6, once: 0.4, inconsistent: 0.2, literal: 0.3 } as const;

/** Cells of one gap's alignment; larger gaps do not come from the extension. */
const maxCells = 1 << 14;

/** 0 to 1. Linear in the region's length: the runs are counted, the gaps between them aligned exactly. */
export function similarityOf(values: Int32Array, { a, aEnd, b, bEnd, runs }: Region): number {
  const tokens = aEnd - a + (bEnd - b);
  if (tokens === 0) return 0;
  let matched = inRuns(values, runs);
  let [atA, atB] = [a, b];
  for (const run of runs) {
    matched += inGap(values, atA, run.a, atB, run.b);
    atA = run.a + run.length;
    atB = run.b + run.length;
  }
  matched += inGap(values, atA, aEnd, atB, bEnd);
  return (2 * matched) / tokens;
}

/** Names that stand for each other most often, both ways. */
type Partners = Map<number, Map<number, number>>;

function count(partners: Partners, from: number, to: number): void {
  const counts = partners.get(from);
  if (counts === undefined) partners.set(from, new Map([[to, 1]]));
  else counts.set(to, (counts.get(to) ?? 0) + 1);
}

function favourites(partners: Partners): Map<number, number> {
  const best = new Map<number, number>();
  for (const [from, counts] of partners) {
    let most = 0;
    for (const [to, times] of counts) {
      if (times > most) {
        most = times;
        best.set(from, to);
      }
    }
  }
  return best;
}

function inRuns(values: Int32Array, runs: readonly Run[]): number {
  let matched = 0;
  const renamed: [number, number][] = [];
  const ahead: Partners = new Map();
  const back: Partners = new Map();
  for (const { a, b, length } of runs) {
    for (let i = 0; i < length; i++) {
      const left = values[a + i] as number;
      const right = values[b + i] as number;
      if (left === right) matched += 1;
      else if (kindOf(left) === tokenKinds.literal) matched += renamedWeights.literal;
      if (kindOf(left) !== tokenKinds.name) continue;
      count(ahead, left, right);
      count(back, right, left);
      if (left !== right) renamed.push([left, right]);
    }
  }
  const [to, from] = [favourites(ahead), favourites(back)];
  for (const [left, right] of renamed) {
    const isConsistent = to.get(left) === right && from.get(right) === left;
    // What stands once is always consistent: that says little.
    const isOnce = (ahead.get(left)?.get(right) ?? 0) < 2;
    matched += renamedWeights[isConsistent ? (isOnce ? 'once' : 'consistent') : 'inconsistent'];
  }
  return matched;
}

/** Longest common subsequence of the tokens between two runs. */
function inGap(values: Int32Array, a: number, aEnd: number, b: number, bEnd: number): number {
  const [rows, columns] = [aEnd - a, bEnd - b];
  if (rows <= 0 || columns <= 0 || rows * columns > maxCells) return 0;
  let above = new Uint16Array(columns + 1);
  let current = new Uint16Array(columns + 1);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      current[j + 1] =
        values[a + i] === values[b + j]
          ? (above[j] as number) + 1
          : Math.max(above[j + 1] as number, current[j] as number);
    }
    [above, current] = [current, above];
  }
  return above[columns] as number;
}
