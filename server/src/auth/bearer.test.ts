/** Decides whether only a well-formed Authorization header is taken for a credential. */
import { expect, test } from 'vitest';
import { bearerToken, hasTokenInQuery } from './bearer.ts';

test.each([
  ['Bearer abc', 'abc'],
  ['bearer abc', 'abc'],
  ['BEARER   a.b-c_d~e+f/g==', 'a.b-c_d~e+f/g=='],
  ['Bearer abc ', 'abc'],
])('%j brings a token', (header, token) => {
  expect(bearerToken(header)).toEqual({ token });
});

test.each([
  [undefined, 'missing'],
  ['', 'missing'],
  ['Bearer', 'malformed'],
  ['Bearer ', 'malformed'],
  ['Bearerabc', 'malformed'],
  ['Basic YTpi', 'malformed'],
  ['Bearer a b', 'malformed'],
  ['Bearer a,b', 'malformed'],
  ['Bearer "abc"', 'malformed'],
  ['Bearer =', 'malformed'],
  ['Bearer caf\u00e9', 'malformed'],
  [`Bearer ${'a'.repeat(9000)}`, 'malformed'],
])('%j brings none', (header, reason) => {
  expect(bearerToken(header)).toMatchObject({ refusal: { reason } });
});

test.each([
  ['/mcp?access_token=abc', true],
  ['/mcp?a=1&access_token=abc', true],
  ['/mcp?ACCESS_TOKEN=abc', true],
  ['/mcp?token=abc', true],
  ['/mcp?api_key=abc', true],
  ['/mcp', false],
  ['/mcp?x=access_token', false],
  ['/access_token=abc', false],
])('%s carries a token in its query: %s', (url, carries) => {
  expect(hasTokenInQuery(url)).toBe(carries);
});
