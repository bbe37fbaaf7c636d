import { describe, expect, test } from 'vitest';
import { WordReader, WordTable } from './word-bytes.ts';

function wordsOf(text: string, numbersEnd: boolean): string[] {
  const reader = new WordReader(numbersEnd);
  reader.open(text);
  const words: string[] = [];
  while (reader.next()) words.push(reader.word());
  return words;
}

/** The same words by regular expressions, which are slower and easier to read. */
const patterns = {
  numbersEnd: /[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[\u0080-\u{10ffff}]+/gu,
  numbersGoOn: /[A-Za-z0-9_]+|[\u0080-\u{10ffff}]+/gu,
};

describe('words of a text', () => {
  test.each([
    'getHTTPResponse2xx(x) 12ab 0x1F _a__b',
    '',
    ' \t\n',
    'Größe 大小😀é naïve_1',
    '@[`{/:^~\u007f\u0080\u00ff',
    Array.from({ length: 300 }, (_, code) => `a${String.fromCharCode(code)}9${String.fromCharCode(code)}é`).join(''),
  ])('are those that the patterns find in %j', (text) => {
    expect(wordsOf(text, true)).toEqual(text.match(patterns.numbersEnd) ?? []);
    expect(wordsOf(text, false)).toEqual(text.match(patterns.numbersGoOn) ?? []);
  });

  test.each([
    ['plain', true],
    ['naïve', false],
    ['', true],
  ])('of %j: all ASCII is %s', (text, isAscii) => {
    expect(new WordReader(true).open(text)).toBe(isAscii);
  });
});

describe('known words', () => {
  test('keep their numbers until there are too many, then start again at 0', () => {
    const reader = new WordReader(true);
    const table = new WordTable(1000);
    const numberOf = (word: string) => {
      reader.open(word);
      reader.next();
      const known = table.find(reader);
      return known < 0 ? { added: table.add(reader) } : { known };
    };
    for (let i = 0; i < 1000; i++) expect(numberOf(`word${i}`)).toEqual({ added: i });
    for (let i = 999; i >= 0; i--) expect(numberOf(`word${i}`)).toEqual({ known: i });
    expect(numberOf('one_more')).toEqual({ added: 0 });
    expect(numberOf('word5')).toEqual({ added: 1 });
    expect(numberOf('one_more')).toEqual({ known: 0 });
  });
});
