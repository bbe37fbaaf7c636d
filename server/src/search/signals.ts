/** Decides what each ranking signal says of a chunk or a file. Pure functions; how much they count is in weights.ts. */
import type { PathWordStatistics } from './path-words.ts';
import { knownWordsOfPath, sharesBeginning } from './path-words.ts';
import type { Candidate } from './rank.ts';
import { weights } from './weights.ts';
import { formsOfName, wordForm } from './word-forms.ts';

/** Values from smallest to largest put to 0..1; all 1 when they are equal. */
export function scale(values: readonly number[]): (value: number) => number {
  const least = Math.min(...values);
  const range = Math.max(...values) - least;
  return (value) => (range > 0 ? (value - least) / range : 1);
}

/** What the two searches give a chunk. */
export type Found = { vector: number; bm25: number };

/** Shares of a joined score: the dense similarity, scaled over the candidates, and BM25 over its maximum (weights.dense). With one of the two searches alone, it is the whole. */
export function joinScores(candidates: readonly Candidate[]): Found[] {
  const similarities = candidates.flatMap(({ similarity }) => (similarity === undefined ? [] : [similarity]));
  const dense = scale(similarities);
  const most = Math.max(0, ...candidates.map(({ bm25 }) => bm25 ?? 0));
  const share = most === 0 ? 1 : similarities.length === 0 ? 0 : weights.dense;
  return candidates.map(({ similarity, bm25 }) => ({
    vector: similarity === undefined ? 0 : share * dense(similarity),
    bm25: bm25 === undefined || most === 0 ? 0 : (1 - share) * (bm25 / most),
  }));
}

/** Reciprocal rank fusion (Cormack et al., SIGIR 2009) with the published constant and share for symbols. */
export function fuseRanks(candidates: readonly Candidate[]): Found[] {
  const reciprocal = (key: 'similarity' | 'bm25') => {
    const found = candidates.flatMap((candidate, index) => {
      const value = candidate[key];
      return value === undefined ? [] : [{ index, value }];
    });
    found.sort((a, b) => b.value - a.value || a.index - b.index);
    return new Map(found.map(({ index }, rank) => [index, 1 / (weights.rankConstant + rank + 1)]));
  };
  const dense = reciprocal('similarity');
  const bm25 = reciprocal('bm25');
  return candidates.map((_, i) => ({
    vector: weights.symbolDense * (dense.get(i) ?? 0),
    bm25: (1 - weights.symbolDense) * (bm25.get(i) ?? 0),
  }));
}

/** True when `name` is one of the names, which have spaces between them. */
export function isAmong(names: string, name: string): boolean {
  for (let at = names.indexOf(name); at >= 0; at = names.indexOf(name, at + 1)) {
    const end = at + name.length;
    if ((at === 0 || names[at - 1] === ' ') && (end === names.length || names[end] === ' ')) return true;
  }
  return false;
}

/** How many times the best score a chunk gains for defining one of `names` (semble, boosting.py). */
export function definitionBoost(candidate: Candidate, names: readonly string[]): number {
  if (candidate.definitions === '' || !names.some((name) => isAmong(candidate.definitions, name))) return 0;
  const stem = (candidate.path.split('/').at(-1) ?? '')
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .replaceAll('_', '');
  const named = names.some((name) => stem === name.toLowerCase() || stem.replace(/s$/, '') === name.toLowerCase());
  return weights.definition * (named ? weights.definitionInNamedFile : 1);
}

/**
 * Share, 0 to 1, of the query's words that the names of a chunk's definitions have, in any form. Each word weighs as much
 * as it is rare: ln(1 + N/n) for one that n of N candidates have in their names (a field of names beside that of the
 * text, as in BM25F: Robertson et al., CIKM 2004). Rarity among the candidates is as good as among all chunks.
 */
export function nameMatches(candidates: readonly Candidate[], keywords: readonly string[]): Float64Array {
  const forms = [...new Set(keywords.map(wordForm))];
  const total = candidates.length;
  const has = new Uint8Array(total * forms.length);
  const having = new Uint32Array(forms.length);
  for (let c = 0; c < total; c++) {
    const { definitions } = candidates[c] as Candidate;
    if (definitions === '') continue;
    const lower = definitions.toLowerCase();
    for (let i = 0; i < forms.length; i++) {
      if (!hasForm(definitions, lower, forms[i] as string)) continue;
      has[c * forms.length + i] = 1;
      having[i] = (having[i] as number) + 1;
    }
  }
  const rarities = Float64Array.from(having, (count) => Math.log(1 + total / (count || Math.sqrt(total))));
  const all = rarities.reduce((sum, rarity) => sum + rarity, 0);
  const shares = new Float64Array(total);
  for (let at = 0, c = 0; all > 0 && c < total; c++) {
    let matched = 0;
    for (let i = 0; i < forms.length; i++, at++) if (has[at] === 1) matched += rarities[i] as number;
    shares[c] = matched / all;
  }
  return shares;
}

/**
 * True when one of the names has the form. Names are taken apart only where they can have it: a form is the beginning of
 * the words that it is the form of, but for its last letter ("quer", "query", "queries"). Forms have two letters or more.
 */
function hasForm(names: string, lower: string, form: string): boolean {
  // Some letters become longer in lower case.
  if (lower.length !== names.length) return names.split(' ').some((name) => formsOfName(name).includes(form));
  const beginning = form.slice(0, -1);
  for (let at = lower.indexOf(beginning); at >= 0; ) {
    const space = lower.indexOf(' ', at);
    const end = space < 0 ? lower.length : space;
    if (formsOfName(names.slice(lower.lastIndexOf(' ', at) + 1, end)).includes(form)) return true;
    at = lower.indexOf(beginning, end);
  }
  return false;
}

/** Share, by rarity, of the query's words that the file's name or directory has; 0 below the published minimum. */
export function pathMatch(path: string, keywords: readonly string[], statistics: PathWordStatistics): number {
  const words = knownWordsOfPath(path);
  let matched = 0;
  let all = 0;
  for (const keyword of keywords) {
    const weight = statistics.weight(keyword);
    all += weight;
    if (matchesAny(words, keyword)) matched += weight;
  }
  const share = all === 0 ? 0 : matched / all;
  return share >= weights.pathMinimum ? share : 0;
}

function matchesAny(words: readonly string[], keyword: string): boolean {
  const first = keyword.charCodeAt(0);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    // Nearly all end here: this is asked of a thousand words in each search.
    if (word.charCodeAt(0) !== first) continue;
    if (word === keyword || sharesBeginning(word, keyword)) return true;
  }
  return false;
}

/**
 * For each chunk that defines `name`, how surely that is the one in what the query says it belongs to: 1 for the first such
 * chunk from the definition of a qualifier on, less for other chunks of that file, and where only the file or its
 * directory has the qualifier's name, as with modules and packages; 0 for all else.
 */
export function qualifierMatches(
  candidates: readonly Candidate[],
  names: readonly string[],
  qualifiers: readonly string[],
): number[] {
  const defines = (candidate: Candidate, of: readonly string[]) =>
    of.some((name) => isAmong(candidate.definitions, name));
  const wanted = new Set(qualifiers.map(plainForm));
  const owners = candidates.filter((candidate) => defines(candidate, qualifiers));
  return candidates.map((candidate) => {
    if (!defines(candidate, names)) return 0;
    const isHere = ({ codebase, path }: Candidate) => codebase === candidate.codebase && path === candidate.path;
    const here = owners.filter(isHere);
    const starts = here.map(({ startLine }) => startLine).filter((line) => line <= candidate.startLine);
    if (starts.length > 0) {
      const start = Math.max(...starts);
      const isBetween = (other: Candidate) =>
        isHere(other) && other.startLine >= start && other.startLine < candidate.startLine && defines(other, names);
      return candidates.some(isBetween) ? weights.looseQualifier : 1;
    }
    const [stem = '', directory = ''] = candidate.path
      .replace(/\.[^./]*$/, '')
      .split('/')
      .reverse();
    return here.length > 0 || wanted.has(plainForm(stem)) || wanted.has(plainForm(directory))
      ? weights.looseQualifier
      : 0;
  });
}

const plainForm = (name: string) => name.toLowerCase().replaceAll(/[_-]/g, '');
