/** Decides how duplicate code is found among many files: tokens, fingerprints, clone pairs, groups. */
import { fingerprint } from './fingerprints.ts';
import { type CloneGroup, groupClones } from './groups.ts';
import { CloneFinder, type CloneLimits } from './regions.ts';
import type { TokenStore } from './tokens.ts';

export type FoundClones = {
  groups: CloneGroup[];
  /** False: a bound was reached, so there may be more. */
  complete: boolean;
};

/**
 * Finds groups of alike code. The time grows with the tokens, not with the pairs of files: only places that share a
 * fingerprint are compared, and of fingerprints that are everywhere only neighbours.
 */
export function findClones(store: TokenStore, limits: CloneLimits): FoundClones {
  const finder = new CloneFinder(store, limits);
  const pairs = finder.run(fingerprint(store));
  return { groups: groupClones(pairs), complete: !finder.cut };
}
