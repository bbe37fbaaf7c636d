/** Decides which doc comments make a question that somebody could have asked, and how it is worded. */
import { identifierParts } from '../../../server/src/chunking/words.ts';
import { wordForm } from '../../../server/src/search/word-forms.ts';

const minWords = 4;
const maxWords = 40;
/** Fewer words that say something, and thousands of places fit equally well. */
const minContentWords = 3;
/** Sentences that say what a comment is for, not what the code does. */
const junk =
  /\b(?:deprecated|copyright|licen[cs]e|todo|fixme|xxx|generated|eslint|inheritdoc|noinspection|spdx|author|internal use only|see also|nodoc|pragma|istanbul|prettier|backwards? compatib\w*)\b|https?:|@\w|^(?:see|same as|alias|example|note|warning|this (?:file|module) (?:is|was) (?:part|distributed))\b|===|---|\|/i;
const stopWords = new Set(
  'a an and are as at be by can do does for from has have if in into is it its may not of on or our over returns return so some such that the their then there these this to true false type use used uses using value was we when where which will with given new object function method class whether set get gets sets called call'.split(
    ' ',
  ),
);

/** A doc comment's sentence as plain words: no links, code marks or roles. */
export function plainSentence(sentence: string): string {
  return sentence
    .replace(/\{@\w+\s+([^}|\s]*)(?:[\s|]+([^}]*))?\}/g, (_, target: string, label?: string) => label ?? target)
    .replace(/\[\[?([^\]]*)\]\]?(?:\([^)]*\))?/g, '$1')
    .replace(/:\w+(?::\w+)*:`~?([^`]*)`/g, '$1')
    .replace(/<[^>]*>/g, ' ')
    .replace(/[`*]+/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

const wordsOf = (text: string): string[] => text.match(/[A-Za-z][A-Za-z0-9_']*/g) ?? [];

/** True when the sentence says enough to find one place by it. */
export function isQuestion(sentence: string): boolean {
  const words = wordsOf(sentence);
  if (words.length < minWords || words.length > maxWords || junk.test(sentence)) return false;
  const letters = sentence.match(/[A-Za-z ]/g)?.length ?? 0;
  if (letters < sentence.length * 0.8) return false;
  const content = new Set(words.map((word) => word.toLowerCase()).filter((word) => !stopWords.has(word)));
  return content.size >= minContentWords;
}

/** The sentence without the name of what it describes: neither the name nor a word that it is made of. */
export function withoutName(sentence: string, name: string): string {
  const parts = new Set([name.toLowerCase(), ...identifierParts(name)]);
  const forms = new Set([...parts].filter((part) => part.length > 2).map(wordForm));
  const isName = (word: string) => parts.has(word.toLowerCase()) || forms.has(wordForm(word.toLowerCase()));
  return sentence
    .replace(/[A-Za-z_][A-Za-z0-9_.:]*/g, (word) => {
      const last = word.split(/::|\./).at(-1) ?? word;
      return isName(word) || isName(last) ? '' : word;
    })
    .replace(/\s+/g, ' ')
    .trim();
}
