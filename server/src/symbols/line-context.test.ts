import { describe, expect, test } from 'vitest';
import { findName, goReceiver, receiverOn } from './line-context.ts';
import { codeLinesWith, linesWith } from './mentions.ts';

describe('receiverOn', () => {
  test.each([
    ['  return get(id);', { on: 'none' }],
    ['  return store.get(id);', { on: 'name', name: 'store' }],
    ['  return this.get(id);', { on: 'self' }],
    ['  return self.get(id)', { on: 'self' }],
    ['  @get()', { on: 'none' }],
    ['  @store.get()', { on: 'name', name: 'store' }],
    ["  (await import('./store.js')).get(id)", { on: 'name', name: './store.js' }],
    ["  require('./store').get(id)", { on: 'name', name: './store' }],
    ['  return load().get(id);', { on: 'expression' }],
    ['  store?.get(id);', { on: 'name', name: 'store' }],
    ['  Store::get(id)', { on: 'name', name: 'Store' }],
    ['  store->get(id);', { on: 'name', name: 'store' }],
    ['    .get(id)', { on: 'expression' }],
    ['  store.getAll(id)', { on: 'unknown' }],
    ['  get = 1; store.get(id)', { on: 'name', name: 'store' }],
    ['  Vec::get::<u8>(x)', { on: 'name', name: 'Vec' }],
  ])('%j', (line, expected) => {
    expect(receiverOn(line, 'get', true, 'typescript')).toEqual(expected);
  });

  test('an at sign means the object itself in Ruby only', () => {
    expect(receiverOn('  @get', 'get', true, 'ruby')).toEqual({ on: 'self' });
    expect(receiverOn('  @get', 'get', true, 'python')).toEqual({ on: 'none' });
    expect(receiverOn('  @store.get', 'get', true, 'ruby')).toEqual({ on: 'name', name: '@store' });
  });

  test.each([
    ['an argument by name', '  call(get=self.get, x=1)', { on: 'self' }],
    ['a key of an object', '  { get: store.get }', { on: 'name', name: 'store' }],
    ['a comparison', '  get == self.get', { on: 'none' }],
    ['a name that is only set', '  self.get = 1', { on: 'self' }],
    ['a parameter with a type', '  get: number', { on: 'none' }],
  ])('%s is read from what it is set to', (_what, line, expected) => {
    expect(receiverOn(line, 'get', false, 'typescript')).toEqual(expected);
  });
});

describe('findName', () => {
  test.each([
    ['getter(get)', 'get', false, 7],
    ['a.get, get(x)', 'get', true, 7],
    ['forget', 'get', false, -1],
    ['$get', 'get', false, -1],
    ['empty? && x', 'empty?', false, 0],
    ['obj.#count', '#count', false, 4],
  ])('%j has %j (call: %s) at %i', (line, name, isCall, at) => {
    expect(findName(line, name, { isCall })).toBe(at);
  });
});

test.each([
  ['func (s *Store) Get() {', 's'],
  ['func (Store) Get() {', undefined],
  ['func Get() {', undefined],
])('the receiver of %j is %s', (signature, name) => {
  expect(goReceiver(signature)).toBe(name);
});

describe('linesWith', () => {
  test.each([
    ['every line once', 'a get get\nb\nget', [1, 3]],
    ['whole words only', 'getter\nforget\nget()', [3]],
    ['the last line, and CRLF', 'x\r\ny get\r\nget', [2, 3]],
    ['nothing', 'x\ny', []],
  ])('%s', (_what, text, numbers) => {
    expect([...linesWith(text, 'get', 'typescript').keys()]).toEqual(numbers);
  });

  test('lines come without their ends', () => {
    expect([...linesWith('\n\n  get(a)\r\n', 'get', 'typescript')]).toEqual([[3, '  get(a)']]);
  });
});

describe('codeLinesWith', () => {
  test.each([
    ['run(retry);', 'typescript', true],
    ['// run(retry);', 'typescript', false],
    ['go(); // then retry', 'typescript', false],
    ['/*\n retry as told */', 'java', false],
    ['log("retry");', 'go', false],
    ["log('retry')", 'python', false],
    ['log("first", retry, "last")', 'go', true],
    ['x = 1  # retry', 'python', false],
    ['x = retry  # now', 'python', true],
    ['"""Runs.\n\nretry comes later\n"""', 'python', false],
    ['-- retry', 'sql', false],
    ['url = "http://a"; retry', 'typescript', true],
    ['x = `a $' + '{retry} b`', 'typescript', true],
    ['x = `a $' + '{b} retry`', 'typescript', false],
    ['x = f"{retry}"', 'python', true],
    ['echo "$retry"', 'shell', true],
    ['retrying()', 'typescript', false],
  ])('%j in %s: %s', (text, language, expected) => {
    expect(codeLinesWith(text, 'retry', language).size > 0).toBe(expected);
  });

  test('lines are counted from 1', () => {
    expect([...codeLinesWith('a\n// get\nget\n\nx.get()\n', 'get', 'typescript')]).toEqual([3, 5]);
  });
});
