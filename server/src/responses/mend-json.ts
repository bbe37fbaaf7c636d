/**
 * Decides how JSON as language models write it becomes JSON: comments and trailing commas go, quotes and words are made
 * JSON's, what was cut off is closed. One pass, so that its time grows with the text's length and no faster.
 */

/** What was done to make JSON of a text, in words. */
export type Mended = { text: string; repairs: string[] };

type Closer = '}' | ']';

/** Words of other languages, and what JSON writes for them. */
const words: Readonly<Record<string, string>> = {
  True: 'true',
  False: 'false',
  None: 'null',
  undefined: 'null',
  NaN: 'null',
  Infinity: 'null',
};

const repairs = {
  comment: 'left out comments',
  comma: 'left out trailing commas',
  quotes: 'replaced quotes that are not JSON',
  key: 'quoted property names',
  word: 'replaced words of other languages (True, None, NaN, undefined)',
  newline: 'escaped control characters in strings',
  escape: 'mended wrong escapes',
  cut: 'closed what was cut off',
} as const;

/** Quotation marks that open a string, and what closes them. */
const closing: Readonly<Record<string, string>> = { '"': '"', "'": "'", '`': '`', '“': '”', '‘': '’' };

const isWord = /[\p{L}\p{N}_$]/u;
const isSpace = /\s/;
const isNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Mends one value. The result may still be no JSON: the caller parses it. */
export function mendJson(raw: string): Mended {
  return new Mender(raw).run();
}

class Mender {
  readonly #raw: string;
  readonly #out: string[] = [];
  readonly #open: Closer[] = [];
  readonly #done = new Set<keyof typeof repairs>();
  #at = 0;
  /** Place in `#out` of a comma that nothing has followed yet; -1 without one. */
  #comma = -1;

  constructor(raw: string) {
    this.#raw = raw;
  }

  run(): Mended {
    while (this.#at < this.#raw.length) this.#step(this.#raw.charAt(this.#at));
    if (this.#open.length > 0) {
      this.#done.add('cut');
      this.#completeLast();
      while (this.#open.length > 0) this.#close(this.#open.at(-1) as Closer);
    }
    const done = Object.entries(repairs).filter(([name]) => this.#done.has(name as keyof typeof repairs));
    return { text: this.#out.join(''), repairs: done.map(([, sentence]) => sentence) };
  }

  #step(char: string): void {
    if (isSpace.test(char)) this.#put(char);
    else if (char === '/' || char === '#') this.#comment(char);
    else if (closing[char] !== undefined) this.#string(char, closing[char]);
    else if (char === '{' || char === '[') this.#openBracket(char);
    else if (char === '}' || char === ']') this.#close(char);
    else if (char === ',') this.#putComma();
    else if (char === ':') this.#put(char);
    else this.#word();
  }

  /** White space leaves the last comma where it is; all else makes it one that separates. */
  #put(text: string): void {
    if (!isSpace.test(text)) this.#comma = -1;
    this.#out.push(text);
    this.#at += 1;
  }

  #putComma(): void {
    if (this.#comma >= 0) {
      this.#done.add('comma');
      this.#at += 1;
      return;
    }
    this.#comma = this.#out.length;
    this.#out.push(',');
    this.#at += 1;
  }

  #openBracket(char: '{' | '['): void {
    this.#open.push(char === '{' ? '}' : ']');
    this.#put(char);
  }

  /** A closing bracket drops a comma before it, and closes those inside that were forgotten. */
  #close(char: Closer): void {
    this.#dropComma();
    const level = this.#open.lastIndexOf(char);
    if (level < 0) {
      this.#done.add('cut');
      this.#at += 1;
      return;
    }
    while (this.#open.length - 1 > level) {
      this.#done.add('cut');
      this.#out.push(this.#open.pop() as Closer);
    }
    this.#open.pop();
    this.#put(char);
  }

  #dropComma(): void {
    if (this.#comma < 0) return;
    this.#out[this.#comma] = '';
    this.#comma = -1;
    this.#done.add('comma');
  }

  #comment(char: string): void {
    const raw = this.#raw;
    const isBlock = raw.startsWith('/*', this.#at);
    if (char === '/' && !isBlock && !raw.startsWith('//', this.#at)) {
      this.#put(char);
      return;
    }
    this.#done.add('comment');
    const end = isBlock ? raw.indexOf('*/', this.#at + 2) : raw.indexOf('\n', this.#at);
    this.#at = end < 0 ? raw.length : isBlock ? end + 2 : end;
  }

  #string(opener: string, closer: string): void {
    if (opener !== '"') this.#done.add('quotes');
    const parts: string[] = ['"'];
    this.#at += 1;
    let isClosed = false;
    while (this.#at < this.#raw.length) {
      const char = this.#raw.charAt(this.#at);
      if (char === '\\') {
        parts.push(this.#escape());
        continue;
      }
      this.#at += 1;
      if (char === closer) {
        isClosed = true;
        break;
      }
      parts.push(this.#inString(char));
    }
    if (!isClosed) this.#done.add('cut');
    parts.push('"');
    this.#comma = -1;
    this.#out.push(parts.join(''));
  }

  #inString(char: string): string {
    if (char === '"') return '\\"';
    if (char >= ' ') return char;
    this.#done.add('newline');
    return JSON.stringify(char).slice(1, -1);
  }

  /** The escape at the current place, as JSON has it. */
  #escape(): string {
    const next = this.#raw.charAt(this.#at + 1);
    if (next === 'u' && /^[\da-fA-F]{4}$/.test(this.#raw.slice(this.#at + 2, this.#at + 6))) {
      const unicode = this.#raw.slice(this.#at, this.#at + 6);
      this.#at += 6;
      return unicode;
    }
    this.#at += 2;
    if (next !== '' && '"\\/bfnrt'.includes(next)) return `\\${next}`;
    if (next === '' || next === "'" || next === '`') return next;
    this.#done.add('escape');
    return `\\\\${this.#inString(next)}`;
  }

  #word(): void {
    const from = this.#at;
    let to = from;
    while (to < this.#raw.length && (isWord.test(this.#raw.charAt(to)) || '.+-'.includes(this.#raw.charAt(to))))
      to += 1;
    if (to === from) {
      this.#put(this.#raw.charAt(from));
      return;
    }
    const word = this.#raw.slice(from, to);
    this.#at = to;
    this.#comma = -1;
    this.#out.push(this.#wordAsJson(word, this.#isKey(to)));
  }

  #wordAsJson(word: string, isKey: boolean): string {
    if (isKey) {
      this.#done.add('key');
      return JSON.stringify(word);
    }
    const replaced = Object.hasOwn(words, word) ? words[word] : undefined;
    if (replaced !== undefined) {
      this.#done.add('word');
      return replaced;
    }
    // A number that was cut off in the middle loses what makes it none.
    if (this.#at >= this.#raw.length && /^-?\d/.test(word) && !isNumber.test(word))
      return word.replace(/[.eE+-]+$/, '');
    return word;
  }

  /** Whether a colon follows, white space aside. */
  #isKey(at: number): boolean {
    if (this.#open.at(-1) !== '}') return false;
    let next = at;
    while (next < this.#raw.length && next - at < 100 && isSpace.test(this.#raw.charAt(next))) next += 1;
    return this.#raw.charAt(next) === ':';
  }

  /** Makes the last property whole where the text ended behind its name or its colon, or in the middle of a word. */
  #completeLast(): void {
    this.#dropComma();
    let last = this.#out.length - 1;
    while (last >= 0 && (this.#out[last] as string).trim() === '') last -= 1;
    const token = last < 0 ? '' : (this.#out[last] as string);
    const whole = ['true', 'false', 'null'].find((word) => token !== '' && word.startsWith(token));
    if (whole !== undefined) this.#out[last] = whole;
    if (token === ':') this.#out.push('null');
    if (this.#open.at(-1) === '}' && token.startsWith('"') && this.#isName(last)) this.#out.push(':null');
  }

  /** Whether the string at this place of the output stands where a property's name does. */
  #isName(place: number): boolean {
    let before = place - 1;
    while (before >= 0 && (this.#out[before] as string).trim() === '') before -= 1;
    return before >= 0 && (this.#out[before] === ',' || this.#out[before] === '{');
  }
}
