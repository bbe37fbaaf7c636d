import { describe, expect, test } from 'vitest';
import { chunkLimit } from './chunker.ts';
import { chunkByLines } from './lines.ts';

const limit = 100;
const rebuilt = (text: string) =>
  chunkByLines(text, limit)
    .map((chunk) => chunk.text)
    .join('')
    .replace(/\s/g, '');

describe('[chunking.limits] cutting by lines', () => {
  test.each([
    { what: 'a text under the limit', text: 'a\nb\n', spans: [[1, 2]] },
    { what: 'an empty text', text: '', spans: [] },
    { what: 'blank lines only', text: '\n \n\t\n', spans: [] },
    { what: 'no newline at the end', text: 'a\nb', spans: [[1, 2]] },
    {
      what: 'a line longer than the limit',
      text: 'x'.repeat(250),
      spans: [
        [1, 1],
        [1, 1],
        [1, 1],
      ],
    },
    {
      what: 'a blank line in the second half',
      text: `${'a'.repeat(70)}\n\n${'b'.repeat(60)}\n`,
      spans: [
        [1, 1],
        [3, 3],
      ],
    },
    {
      what: 'a definition after a blank line rather than a line in it',
      text: `function a() {\n${'  body;\n'.repeat(7)}}\n\nfunction b() {\n${'  body;\n'.repeat(4)}}\n`,
      spans: [
        [1, 9],
        [11, 16],
      ],
    },
    {
      what: 'only the first half has a line start',
      text: `short\n${'y'.repeat(120)}\n`,
      spans: [
        [1, 1],
        [2, 2],
        [2, 2],
      ],
    },
    { what: 'Windows line ends', text: 'a\r\nb\r\n', spans: [[1, 2]] },
  ])('$what', ({ text, spans }) => {
    expect(chunkByLines(text, limit).map(({ startLine, endLine }) => [startLine, endLine])).toEqual(spans);
  });

  test('no chunk exceeds the limit and no character that is not white space is lost, for texts of any shape', () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return seed % below;
    };
    for (let round = 0; round < 300; round++) {
      const text = Array.from(
        { length: random(40) },
        () => `${' '.repeat(random(5))}${'abc}{😀'.repeat(random(12))}`,
      ).join('\n');
      const chunks = chunkByLines(text, limit);
      for (const chunk of chunks) {
        expect(chunk.text.length).toBeLessThanOrEqual(limit);
        const lines = text
          .split('\n')
          .slice(chunk.startLine - 1, chunk.endLine)
          .join('\n');
        expect(lines).toContain(chunk.text);
      }
      expect(rebuilt(text)).toBe(text.replace(/\s/g, ''));
    }
  });

  test('never cuts a character of two units in half', () => {
    for (const chunk of chunkByLines('😀'.repeat(200), 101)) expect(chunk.text.isWellFormed()).toBe(true);
  });

  test('a file of one line of 5 MB is cut in time that grows with its length', () => {
    const startedAt = performance.now();
    const chunks = chunkByLines('{"key":"value"},'.repeat(330_000), 1500);
    expect(chunks).toHaveLength(3520);
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });

  test('the setting is an upper limit in tokens, 1,500 characters by default', () => {
    expect([chunkLimit(750), chunkLimit(50), chunkLimit(4000)]).toEqual([1500, 100, 8000]);
  });
});
