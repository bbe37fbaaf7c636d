/** Decides in which encoding the bytes of a file are text, and that others are none. */
import { isUtf8 } from 'node:buffer';

const sniffBytes = 8192;
const byteOrderMark = 0xfeff;
const utf16 = [
  { first: 0xff, second: 0xfe, decoder: new TextDecoder('utf-16le') },
  { first: 0xfe, second: 0xff, decoder: new TextDecoder('utf-16be') },
] as const;
const western = new TextDecoder('windows-1252');

/**
 * The text of a file without its byte order mark; undefined for a binary one: a NUL among its first bytes, as git decides.
 *
 * UTF-16 is known by its byte order mark alone, as ripgrep knows it. What is no UTF-8 is read as Windows-1252 (which
 * includes Latin-1) if its letters beyond ASCII stand as they do in western languages; else what is invalid becomes U+FFFD.
 */
export function decodeText(bytes: Buffer): string | undefined {
  for (const { first, second, decoder } of utf16) {
    if (bytes[0] !== first || bytes[1] !== second) continue;
    const text = decoder.decode(bytes);
    return text.includes('\0') ? undefined : text;
  }
  if (bytes.subarray(0, sniffBytes).includes(0)) return undefined;
  const text = !isUtf8(bytes) && isWestern(bytes) ? western.decode(bytes) : bytes.toString('utf8');
  return text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text;
}

/** "Müßiggang" has two in a row; in UTF-8, and in scripts other than Latin, words are made of them. */
const mostInRow = 2;
/** Below 0xa0 are controls of Latin-1; Windows-1252 has quotes, dashes and a few letters there. */
const undefinedInWestern = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

/** True when single letters are beyond ASCII, and all of them are defined. */
function isWestern(bytes: Uint8Array): boolean {
  let inRow = 0;
  for (const byte of bytes) {
    inRow = byte > 127 ? inRow + 1 : 0;
    if (inRow > mostInRow || undefinedInWestern.has(byte)) return false;
  }
  return true;
}
