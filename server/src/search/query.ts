/** Decides what kind of query was asked, and which words and symbols are in it. */
import { definitionWord, identifierParts } from '../chunking/words.ts';
import type { WeightedWord } from './memory/bm25.ts';
import { askedName, isFileName, mentionedFiles, mentionedNames, partsOfSymbol } from './mentions.ts';
import { weights } from './weights.ts';

/** A bare symbol: qualified, with a leading underscore, or with an upper-case letter or underscore (semble, boosting.py). */
const symbolQuery =
  /^(?:[A-Za-z_]\w*(?:(?:::|\\|->|[.#])[A-Za-z_]\w*)+|_\w*|[A-Za-z][A-Za-z0-9]*[A-Z_]\w*|[A-Z][A-Za-z0-9]*)$/;
/** One word that may be the name of something as well. */
const plainName = /^[a-z][a-z0-9]*$/;
/** Words that a question has and its answer need not have, the commonest verbs of code among them. Measured: +0.005. */
const functionWords = new Set(
  'a an and are as at be been but by can could did do does doing each for from get gets had has have having how i if in into is it its may me my no not of on one only or our out over own same should show so some such than that the their them then there these they this those to up use used uses using want was we were what when where whether which while who whose why will with would you your'.split(
    ' ',
  ),
);
const maxTerms = 64;

export type ParsedQuery = {
  text: string;
  /** Names of the symbol asked for, when the whole query is one: without its qualifiers and as typed. */
  symbols: string[];
  /** Names of code in a query of several words, without their qualifiers. */
  mentioned: string[];
  /** What a symbol or a mentioned name is said to belong to: classes, namespaces, packages. */
  qualifiers: string[];
  /** The name asked for when it is one lower-case word: a name ("reconcile") or a topic ("caching"). */
  plainName?: string;
  /** Files that it names, in lower case, with the directories they are said to be in. */
  files: string[];
  /** Distinct lower-case words of more than two letters, function words left out. */
  keywords: string[];
};

/** Takes a query apart. */
export function parseQuery(query: string): ParsedQuery {
  const text = query.trim();
  const words = text.match(/[A-Za-z_]\w*/g) ?? [];
  const keywords = [
    ...new Set(words.map((word) => word.toLowerCase()).filter((word) => word.length > 2 && !functionWords.has(word))),
  ];
  const files = mentionedFiles(text);
  const asked = askedName(text);
  if (symbolQuery.test(asked) && !isFileName(asked)) {
    const { last, qualifiers } = partsOfSymbol(asked);
    return { text, symbols: [...new Set([last, asked])], mentioned: [], qualifiers, files: [], keywords };
  }
  const mentioned = mentionedNames(text);
  return {
    text,
    symbols: [],
    mentioned: mentioned.map(({ last }) => last),
    qualifiers: [...new Set(mentioned.flatMap(({ qualifiers }) => qualifiers))],
    ...(plainName.test(asked) && { plainName: asked }),
    files,
    keywords,
  };
}

const wordPattern = /[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[\u0080-\u{10ffff}]+/gu;

/**
 * What full-text search looks for: every word whole and in parts, and the definitions of the names among them. Words that
 * only questions have count for nothing, unless there are no others.
 */
export function queryTerms(query: ParsedQuery): WeightedWord[] {
  const terms = new Map<string, number>();
  for (const [word] of query.text.matchAll(wordPattern)) {
    const parts = word.charCodeAt(0) > 127 ? [] : identifierParts(word);
    for (const part of [word.toLowerCase(), ...(parts.length > 1 ? parts : [])]) {
      terms.set(part, functionWords.has(part) ? weights.functionWord : 1);
    }
  }
  const { symbols, mentioned, qualifiers, plainName: plain } = query;
  const names = [...symbols, ...mentioned, ...qualifiers, ...(plain === undefined ? [] : [plain])];
  for (const name of names) terms.set(definitionWord(name), 1);
  const says = [...terms.values()].some((weight) => weight > 0);
  return [...terms]
    .map(([word, weight]) => ({ word, weight: says ? weight : 1 }))
    .filter(({ weight }) => weight > 0)
    .slice(0, maxTerms);
}
