import { describe, expect, test } from 'vitest';
import { firstSentence } from './comments.ts';
import { readerOf } from './language.ts';
import { LineIndex } from './lines.ts';
import { splitQualified, tailIdentifier, typeNamesIn } from './names.ts';

describe('the first sentence of a comment', () => {
  test.each([
    ['// Package store keeps things. It is small.', 'Package store keeps things.'],
    ['/**\n * Stores things\n * over lines. More.\n * @param a the a\n */', 'Stores things over lines.'],
    ['/// <summary>\n/// A store. Of things.\n/// </summary>', 'A store.'],
    ['"""Does a thing.\n\n    Args:\n    """', 'Does a thing.'],
    ["r'''One line'''", 'One line'],
    ['@doc "Gets one. Or not."', 'Gets one.'],
    ['-- | Haddock comment.', 'Haddock comment.'],
    ['# Ruby comment, version 1.2 of it. Next.', 'Ruby comment, version 1.2 of it.'],
    ['//\n// First words after an empty line\n//\n// Second paragraph.', 'First words after an empty line'],
    ['/* ===== */', ''],
    ['<!-- The main part. -->', 'The main part.'],
    ['//go:build linux', 'go:build linux'],
  ])('of %j is %j', (comment, sentence) => {
    expect(firstSentence(comment)).toBe(sentence);
  });

  test('is capped', () => {
    expect(firstSentence(`// ${'word '.repeat(200)}`)).toHaveLength(240);
  });
});

describe('the called name', () => {
  test.each([
    ['fmt.Println', 'Println'],
    ['find<Item>', 'find'],
    ['canvas.line::<u8>', 'line'],
    ['this.#dispatch', '#dispatch'],
    ['größe', 'größe'],
    ['a.größe', 'größe'],
    ['ok?', 'ok?'],
    ['f()', ''],
    ['1', ''],
    [`${'x'.repeat(5_000)}`, ''],
  ])('of %s is %j', (text, name) => {
    expect(tailIdentifier(text, 0, text.length)).toBe(name);
  });
});

test.each([
  ['Map<String, List<Item>>', ['Map', 'String', 'List', 'Item']],
  ['(Base, metaclass=Meta)', ['Base', 'Meta']],
  ['std::vector<acme::Point> const &', ['vector', 'Point']],
  ['?\\Acme\\Item|null', ['Item', 'null']],
])('the types in %s are %j', (text, names) => {
  expect(typeNamesIn(text)).toEqual(names);
});

test.each([
  ['Store<T>::get', { name: 'get', parent: 'Store' }],
  ['Outer::Inner::method', { name: 'method', parent: 'Outer.Inner' }],
  ['M:get', { name: 'get', parent: 'M' }],
  ['a.b.c', { name: 'c', parent: 'a.b' }],
  ['_Asan<allocator<_Up>>::grow', { name: 'grow', parent: '_Asan' }],
  ['CONSTEXPR\n\tgrow', { name: 'grow' }],
  ['Store::operator new', { name: 'operator new', parent: 'Store' }],
  ['operator>', { name: 'operator>' }],
  ['operator<=>', { name: 'operator<=>' }],
  ['~Store', { name: '~Store' }],
  ['operator==', { name: 'operator==' }],
])('%s is split into container and name', (text, split) => {
  expect(splitQualified(text)).toEqual(split);
});

test('lines are found in any order, and trailing white space belongs to no line of a span', () => {
  const lines = new LineIndex('a\r\nb\n\n  c d\n');
  expect([0, 3, 5, 8, 10, 0, 12, 3].map((offset) => lines.lineOf(offset))).toEqual([1, 2, 3, 4, 4, 1, 5, 2]);
  expect(lines.lastLineOf(3, 6)).toBe(2);
  expect([lines.isFirstOnLine(8), lines.isFirstOnLine(10)]).toEqual([true, false]);
  expect(lines.trimmed(4)).toBe('c d');
});

describe('what reads a file', () => {
  test.each([
    ['a/b.tsx', '', { language: 'typescript', grammar: 'tsx' }],
    ['a/b.mts', '', { language: 'typescript', grammar: 'typescript' }],
    ['x.h', 'int f(void);', { language: 'c', grammar: 'c' }],
    ['x.h', '#pragma once\nnamespace a {}', { language: 'cpp', grammar: 'cpp' }],
    ['run', '#!/usr/bin/env -S python3 -u\n', { language: 'python', grammar: 'python' }],
    ['run', '#!/bin/bash\n', { language: 'shell', grammar: 'bash' }],
    ['run', 'echo', { language: 'text', none: true }],
    ['a.scss', '', { language: 'css', none: true }],
    ['BUILD', '', { language: 'starlark', grammar: 'python' }],
    ['Dockerfile.dev', '', { language: 'dockerfile', scanner: 'dockerfile' }],
    ['toString', '', { language: 'text', none: true }],
  ])('%s %j', (path, text, reader) => {
    expect(readerOf(path, text)).toEqual(reader);
  });
});
