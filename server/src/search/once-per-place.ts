/** Decides that no lines are told twice: of a line that is cut into several chunks, only the best stays. */
import type { Ranked } from './rank.ts';

/**
 * The first `topK` places, each by its best chunk.
 * @param ranked the best chunks of all, as many as asked for
 */
export function oncePerPlace(ranked: (topK: number) => readonly Ranked[], topK: number): Ranked[] {
  // Hardly ever are there two of one place: then the first answer is all that is needed.
  for (let asked = topK; ; asked *= 2) {
    const found = ranked(asked);
    const places = firstOfEach(found);
    if (places.length >= topK || found.length < asked) return places.slice(0, topK);
  }
}

function firstOfEach(ranked: readonly Ranked[]): Ranked[] {
  const seen = new Set<string>();
  return ranked.filter(({ candidate: { codebase, path, startLine, endLine } }) => {
    const place = `${codebase}\n${path}\n${startLine}\n${endLine}`;
    if (seen.has(place)) return false;
    seen.add(place);
    return true;
  });
}
