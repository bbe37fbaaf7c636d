/** Decides how duplicate code is found among many files: tokens, fingerprints, clone pairs, groups. */
import { fingerprint } from './fingerprints.ts';
import { type CloneGroup, groupClones } from './groups.ts';
import { CloneFinder, type CloneLimits } from './regions.ts';
import type { TokenizedFile, TokenStore } from './tokens.ts';

export type FoundClones = {
  groups: CloneGroup[];
  /** False: a bound was reached, so there may be more. */
  complete: boolean;
};

/**
 * Finds groups of alike code. The time grows with the tokens, not with the pairs of files: only places that share a
 * fingerprint are compared, and of fingerprints that are everywhere only neighbours. Groups of nothing but minor files are
 * told after others of their size.
 */
export function findClones(
  store: TokenStore,
  limits: CloneLimits,
  isMinor: (file: TokenizedFile) => boolean = () => false,
): FoundClones {
  const finder = new CloneFinder(store, limits);
  const pairs = finder.run(fingerprint(store));
  return { groups: groupClones(pairs, (file) => isMinor(store.files[file] as TokenizedFile)), complete: !finder.cut };
}
