/** Decides what kind of query was asked, and which words and symbols are in it. */

/** A bare symbol: qualified, with a leading underscore, or with an upper-case letter or underscore (semble, boosting.py). */
const symbolQuery =
  /^(?:[A-Za-z_]\w*(?:(?:::|\\|->|\.)[A-Za-z_]\w*)+|_\w*|[A-Za-z][A-Za-z0-9]*[A-Z_]\w*|[A-Z][A-Za-z0-9]*)$/;
/** A camel-case name inside a longer query; plain words and pure acronyms are none. */
const mentionedSymbol = /\b(?:[A-Z][a-z][a-zA-Z0-9]*[A-Z][a-zA-Z0-9]*|[a-z][a-zA-Z0-9]*[A-Z][a-zA-Z0-9]+)\b/g;
const stopwords = new Set(
  'a an and are as at be by do does for from has have how if in is it not of on or the to was what when where which who why with'.split(
    ' ',
  ),
);

export type ParsedQuery = {
  text: string;
  /** Names of the symbol asked for, when the whole query is one: as typed and without its qualifiers. */
  symbols: string[];
  /** Camel-case names in a query of several words. */
  mentioned: string[];
  /** Distinct lower-case words of more than two letters, stop words left out. */
  keywords: string[];
};

/** Takes a query apart. */
export function parseQuery(query: string): ParsedQuery {
  const text = query.trim();
  const words = text.match(/[A-Za-z_]\w*/g) ?? [];
  const keywords = new Set(
    words.map((word) => word.toLowerCase()).filter((word) => word.length > 2 && !stopwords.has(word)),
  );
  if (!symbolQuery.test(text)) {
    return { text, symbols: [], mentioned: [...new Set(text.match(mentionedSymbol) ?? [])], keywords: [...keywords] };
  }
  const last = text.split(/::|\\|->|\./).at(-1) ?? text;
  return { text, symbols: [...new Set([last, text])], mentioned: [], keywords: [...keywords] };
}
