/** Decides how much of an answer fits: clients cut tool output at about 25,000 tokens, so answers stay near 20,000. */

/** Characters of one answer. Code averages about three characters a token, and JSON escapes add some. */
export const answerBudget = 60_000;

/** What fits of a list. `kept` has at least one item if the list had any, so that a caller always gets on. */
export type Fitted<T> = { kept: T[]; left: number };

/** Keeps the longest prefix of `items` whose JSON stays within `budget` characters. */
export function fitList<T>(items: readonly T[], budget = answerBudget): Fitted<T> {
  let used = 0;
  let count = 0;
  for (const item of items) {
    used += JSON.stringify(item).length + 1;
    if (used > budget && count > 0) break;
    count += 1;
  }
  return { kept: items.slice(0, count), left: items.length - count };
}

/** Keeps the longest prefix of whole lines within `budget` characters; a first line that is longer is cut. */
export function fitLines(lines: readonly string[], budget = answerBudget): Fitted<string> & { cutLine: boolean } {
  const { kept, left } = fitList(lines, budget);
  const [first] = kept;
  if (kept.length !== 1 || first === undefined || first.length <= budget) return { kept, left, cutLine: false };
  return { kept: [first.slice(0, budget)], left, cutLine: true };
}
