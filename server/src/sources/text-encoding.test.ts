import { describe, expect, test } from 'vitest';
import { decodeText } from './text-encoding.ts';

describe('[index.skips] decodeText', () => {
  test.each([
    { what: 'UTF-8', bytes: Buffer.from('é = "日本"'), text: 'é = "日本"' },
    { what: 'UTF-8 with a byte order mark', bytes: Buffer.from('\ufeffx'), text: 'x' },
    { what: 'little-endian UTF-16', bytes: Buffer.from('\ufeffaé\n', 'utf16le'), text: 'aé\n' },
    { what: 'big-endian UTF-16', bytes: Buffer.from('\ufeffaé\n', 'utf16le').swap16(), text: 'aé\n' },
    { what: 'Latin-1', bytes: Buffer.from('// José Müßiggang\n', 'latin1'), text: '// José Müßiggang\n' },
    { what: 'Windows-1252', bytes: Buffer.from([0x93, 0x61, 0x94, 0x20, 0x80]), text: '“a” €' },
    { what: 'a NUL', bytes: Buffer.from('a\0b'), text: undefined },
    { what: 'UTF-16 without a mark', bytes: Buffer.from('ab', 'utf16le'), text: undefined },
    { what: 'a binary file that starts like UTF-16', bytes: Buffer.from([0xff, 0xfe, 0, 0, 1, 0]), text: undefined },
  ])('$what', ({ bytes, text }) => {
    expect(decodeText(bytes)).toBe(text);
  });

  test.each([
    { what: 'a broken letter among words of UTF-8', bytes: Buffer.concat([Buffer.from('日本 '), Buffer.from([0xff])]) },
    { what: 'Russian in KOI8-R', bytes: Buffer.from([0xf0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4]) },
    { what: 'what Windows-1252 does not define', bytes: Buffer.from([0x61, 0x81, 0x61]) },
  ])('$what stays unknown where it is no UTF-8', ({ bytes }) => {
    expect(decodeText(bytes)).toContain('\ufffd');
  });
});
