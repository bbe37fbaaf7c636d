import { expect, test } from 'vitest';
import { isQuestion, plainSentence, withoutName } from './sentences.ts';

test.each([
  ['Parses {@link Foo the header} into `parts`.', 'Parses the header into parts.'],
  ['Opens a :class:`~http.Client` lazily', 'Opens a http.Client lazily'],
  ['See [RFC 1](rfc) for <b>bold</b> claims', 'See RFC 1 for bold claims'],
])('%s reads %s', (sentence, plain) => {
  expect(plainSentence(sentence)).toBe(plain);
});

test.each([
  ['Splits a header into parts at each comma.', true],
  ['Returns the value.', false],
  ['Deprecated: use the other parser of headers instead.', false],
  ['Copyright 2020 the authors of this parser code', false],
  ['This is a method that gets and sets it.', false],
  ['x = f(y) + 2 * 3 && !z || w', false],
])('"%s" makes a question: %s', (sentence, expected) => {
  expect(isQuestion(sentence)).toBe(expected);
});

test.each([
  ['ParseHeader parses a header into parts.', 'ParseHeader', 'a into parts.'],
  ['Reads all Readers of http.ReadAll until the end', 'readAll', 'Readers of until the end'],
])('%s without %s is %s', (sentence, name, rest) => {
  expect(withoutName(sentence, name)).toBe(rest);
});
