import { describe, expect, test } from 'vitest';
import { packText, TextColumnBuilder } from './text-column.ts';

const decoder = new TextDecoder();
const valuesOf = ({ offsets, bytes }: ReturnType<typeof packText>): string[] =>
  Array.from({ length: offsets.length - 1 }, (_, i) => decoder.decode(bytes.subarray(offsets[i], offsets[i + 1])));

describe('a column of strings', () => {
  test('gives back what was put in: short and long, ASCII and not, more than it first has room for', () => {
    const values = ['', 'a', 'ö', 'names of usual length', 'x'.repeat(24), `${'x'.repeat(23)}é`, '😀'.repeat(20), ''];
    const many = Array.from({ length: 200 }, (_, i) => values.map((value) => `${value}${'y'.repeat(i)}`)).flat();
    expect(valuesOf(packText([...values, ...many]))).toEqual([...values, ...many]);
  });

  test('takes the start of a string as UTF-8', () => {
    const builder = new TextColumnBuilder();
    builder.add(' end', Buffer.from('größe'));
    builder.add('', Buffer.from('x'.repeat(10_000)));
    builder.add('', Buffer.from(''));
    expect(valuesOf(builder.finish())).toEqual(['größe end', 'x'.repeat(10_000), '']);
  });
});
