import { describe, expect, test } from 'vitest';
import { PartCutter, WordReader, WordTable } from './word-bytes.ts';

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

describe('parts of a word', () => {
  const pattern = /[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+/g;

  /** All words of up to five characters that matter, in which every case occurs. */
  const words = Array.from({ length: 5 ** 5 }, (_, n) =>
    [0, 1, 2, 3, 4]
      .map((digit) => 'aZ7_ '[Math.floor(n / 5 ** digit) % 5])
      .join('')
      .replaceAll(' ', ''),
  );

  test('are those that the pattern finds', () => {
    const cutter = new PartCutter();
    for (const word of [...new Set(words), 'getHTTPResponse2xx', 'x'.repeat(300), 'aB'.repeat(200)]) {
      cutter.cut(Buffer.from(`..${word}..`), 2, 2 + word.length);
      const parts = Array.from(cutter.ends.subarray(0, cutter.count), (end, i) =>
        Buffer.from(cutter.bytes.subarray(i === 0 ? 0 : cutter.ends[i - 1], end)).toString(),
      );
      expect(parts, word).toEqual((word.match(pattern) ?? []).map((part) => part.toLowerCase()));
    }
  });
});

describe('known words', () => {
  test('keep their numbers until there are too many, then start again at 0', () => {
    const reader = new WordReader(true);
    const table = new WordTable(1000);
    const numberOf = (word: string) => {
      reader.open(word);
      reader.next();
      const { bytes, start, end, hash } = reader;
      const known = table.find(bytes, start, end, hash);
      return known < 0 ? { added: table.add(bytes, start, end, hash) } : { known };
    };
    for (let i = 0; i < 1000; i++) expect(numberOf(`word${i}`)).toEqual({ added: i });
    for (let i = 999; i >= 0; i--) expect(numberOf(`word${i}`)).toEqual({ known: i });
    expect(numberOf('one_more')).toEqual({ added: 0 });
    expect(numberOf('word5')).toEqual({ added: 1 });
    expect(numberOf('one_more')).toEqual({ known: 0 });
  });
});
