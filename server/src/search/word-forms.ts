/** Decides when two words count as the same: "redirects", "redirected" and "redirect" do. */
import { identifierParts } from '../chunking/words.ts';

const minStem = 3;

/** Harman's S-stemmer ("How effective is suffixing?", JASIS 1991): plurals only. */
function singular(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && /(?:ss|x|ch|sh|z)es$/.test(word)) return word.slice(0, -2);
  return word.length > 3 && /[^sui]s$/.test(word) ? word.slice(0, -1) : word;
}

/** Steps 1b and 5a of Porter's stemmer (1980), simplified: "parsing" and "parsed" → "pars", as "parse" and "parses". */
function withoutEnding(word: string): string {
  const bare = word.replace(/(?:ing|ed)$/, '');
  const isVerb = bare !== word && bare.length >= minStem && /[aeiouy]/.test(bare);
  const doubled = isVerb && bare.length > minStem && /([bdfgkmnprt])\1$/.test(bare);
  const stem = isVerb ? bare.slice(0, doubled ? -1 : undefined) : word;
  return stem.endsWith('e') && stem.length > minStem ? stem.slice(0, -1) : stem;
}

/** The form in which a lower-case word is compared. Not a word itself, and not for people. */
export function wordForm(word: string): string {
  return withoutEnding(singular(word));
}

const maxKnown = 50_000;
const known = new Map<string, readonly string[]>();

/** Forms of an identifier, whole and in parts: `parseRequests` → pars, request, parserequest. Remembered, as candidates share names. */
export function formsOfName(name: string): readonly string[] {
  const before = known.get(name);
  if (before !== undefined) return before;
  const forms = [...new Set([...identifierParts(name), name.toLowerCase()].map(wordForm))];
  if (known.size >= maxKnown) known.clear();
  known.set(name, forms);
  return forms;
}
