import { describe, expect, test } from 'vitest';
import { definitionsIn } from './definitions.ts';
import { fileGlobsOf, languageOf } from './languages.ts';
import { pathWords, WordSplitter } from './words.ts';

describe('search words', () => {
  test.each([
    { text: 'getHTTPResponse2xx', words: 'gethttpresponse2xx get http response 2 xx' },
    { text: 'parse_url(x)', words: 'parse_url parse url x' },
    { text: 'simple', words: 'simple' },
    { text: 'MAX_SIZE = 10;', words: 'max_size max size 10' },
    { text: 'Größe 大小', words: 'gr öß e 大小' },
    { text: 'x'.repeat(101), words: '' },
    { text: '!!! ()', words: '' },
  ])('of $text', ({ text, words }) => {
    expect(new WordSplitter().split(text)).toBe(words);
  });

  test('are the same when the splitter has forgotten what it knew', () => {
    const splitter = new WordSplitter(2);
    const text = 'fooBar bazQux fooBar someThing';
    expect([splitter.split(text), splitter.split(text)]).toEqual([
      splitter.split(text),
      new WordSplitter().split(text),
    ]);
  });

  test('of a path are its stem twice and its last three directories', () => {
    expect(pathWords(new WordSplitter(), 'a/pkg/kubelet/volume/manager.go')).toBe('manager manager pkg kubelet volume');
  });
});

describe('definitions', () => {
  test.each([
    { language: 'go', text: 'func (k *Kubelet) Run(x int) {\ntype Pod struct {', names: ['Run', 'Pod'] },
    { language: 'python', text: 'class Foo(Base):\n    def bar(self):', names: ['Foo', 'bar'] },
    { language: 'typescript', text: 'export const answer = 42;\nexport function ask() {}', names: ['ask', 'answer'] },
    { language: 'rust', text: 'pub(crate) fn parse<T>() {}\nimpl Display for Foo {', names: ['parse', 'Display'] },
    { language: 'c', text: 'static int\nread_all(int fd)\n{', names: ['read_all'] },
    { language: 'sql', text: 'CREATE TABLE IF NOT EXISTS app.users (', names: ['users'] },
    { language: 'markdown', text: 'The class of things', names: [] },
    { language: 'java', text: 'if (x) {\npublic class Foo {', names: ['Foo'] },
  ])('in $language', ({ language, text, names }) => {
    expect(definitionsIn(text, language)).toEqual(names);
  });
});

describe('languages', () => {
  test.each([
    ['src/main.go', 'go'],
    ['Dockerfile.server', 'dockerfile'],
    ['a/Makefile', 'make'],
    ['x.UNKNOWN', 'text'],
    ['noextension', 'text'],
    ['.gitignore', 'text'],
    ['types.d.ts', 'typescript'],
    ['odd/constructor', 'text'],
    ['odd/__proto__', 'text'],
    ['notes.toString', 'text'],
    ['notes.constructor', 'text'],
  ])('%s is %s', (path, language) => {
    expect(languageOf(path)).toBe(language);
  });

  test('tell their extensions', () => {
    expect(fileGlobsOf('python')).toEqual(['*.py', '*.pyi', '*.pyx']);
    expect(fileGlobsOf('nope')).toEqual(['*.nope']);
  });
});
