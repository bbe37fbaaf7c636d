/** Decides how good a list of files is: NDCG and recall over the first ten. */

const depth = 10;

/**
 * Normalised discounted cumulative gain of the first ten (Järvelin & Kekäläinen 2002), each relevant file worth 1.
 * 1: all relevant files stand first; 0: none is there.
 */
export function ndcg10(found: readonly string[], relevant: readonly string[]): number {
  const wanted = new Set(relevant);
  const gainAt = (place: number) => 1 / Math.log2(place + 2);
  let gain = 0;
  for (const [place, path] of found.slice(0, depth).entries()) if (wanted.has(path)) gain += gainAt(place);
  let ideal = 0;
  for (let place = 0; place < Math.min(depth, wanted.size); place++) ideal += gainAt(place);
  return ideal === 0 ? 0 : gain / ideal;
}

/** Share of the relevant files among the first ten. */
export function recall10(found: readonly string[], relevant: readonly string[]): number {
  const wanted = new Set(relevant);
  if (wanted.size === 0) return 0;
  return found.slice(0, depth).filter((path) => wanted.has(path)).length / wanted.size;
}

/** The arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
