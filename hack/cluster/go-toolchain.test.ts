import { expect, test } from 'vitest';
import { isRecentEnough } from './go-toolchain.ts';

test.each<[string | undefined, string, boolean, string]>([
  ['go version go1.26.8 linux/amd64', '1.26.8', true, 'the very version is enough'],
  ['go version go1.27.0 linux/amd64', '1.26.8', true, 'a newer minor is enough'],
  ['go version go1.26.10 linux/amd64', '1.26.8', true, 'parts are compared as numbers'],
  ['go version go1.26.6 linux/amd64', '1.26.8', false, 'an older patch is not'],
  ['go version go1.27 linux/amd64', '1.27.0', true, 'a missing patch counts as zero'],
  ['gccgo', '1.26.8', false, 'what names no version is not'],
  [undefined, '1.26.8', false, 'no Go is not'],
])('%s for go.mod %s: %s, %s', (have, wanted, expected) => {
  expect(isRecentEnough(have, wanted)).toBe(expected);
});
