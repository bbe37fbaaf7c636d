/** Decides which words of a text full-text search knows: every identifier whole, and its parts. */

const wordPattern = /[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[\u0080-\u{10ffff}]+/gu;
const partPattern = /[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+/g;
/** Longer words are data, not names; the full-text index would drop them anyway. */
const maxWordLength = 100;

/**
 * The lower-cased parts of an identifier: `getHTTPResponse2` → get http response 2, `parse_url` → parse url.
 * Camel and snake case as in semble's tokens.py, except that a snake-case name's camel-case parts are cut too.
 */
export function identifierParts(identifier: string): string[] {
  const parts: string[] = [];
  for (const match of identifier.matchAll(partPattern)) parts.push(match[0].toLowerCase());
  return parts;
}

function expand(word: string): string {
  const whole = word.toLowerCase();
  if (word.charCodeAt(0) > 127) return whole;
  const parts = identifierParts(word);
  return parts.length > 1 ? `${whole} ${parts.join(' ')}` : whole;
}

/** Turns texts into search words; it remembers how it cut common words, so keep one a thread. */
export class WordSplitter {
  #known = new Map<string, string>();
  readonly #maxKnown: number;

  constructor(maxKnown = 20_000) {
    this.#maxKnown = maxKnown;
  }

  /** The text's words in order, lower-cased, separated by spaces: each identifier whole, then its parts if it has several. */
  split(text: string): string {
    let out = '';
    for (const match of text.matchAll(wordPattern)) {
      const word = match[0];
      if (word.length > maxWordLength) continue;
      out += ` ${this.#expanded(word)}`;
    }
    return out.slice(1);
  }

  #expanded(word: string): string {
    const known = this.#known.get(word);
    if (known !== undefined) return known;
    const expanded = expand(word);
    // A matched word is a view into the whole file's text: keep a copy of its own, or the map would keep every file alive.
    if (this.#known.size >= this.#maxKnown) this.#known.clear();
    this.#known.set(Buffer.from(word).toString(), expanded);
    return expanded;
  }
}

/** Search words of a path: the file's stem twice and its last three directories, as published for semble. */
export function pathWords(splitter: WordSplitter, path: string): string {
  const segments = path.split('/');
  const name = segments.pop() ?? '';
  const stem = name.replace(/\.[^.]*$/, '');
  return splitter.split(`${stem} ${stem} ${segments.slice(-3).join(' ')}`);
}

/** Marks a word of the full-text column as "this chunk defines it"; no source text can contain it, as words hold no colon. */
export function definitionWord(symbol: string): string {
  return `def:${symbol.toLowerCase()}`;
}
