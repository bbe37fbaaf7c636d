/** Decides whether responses are taken apart as people read them, whatever is wrong with them, in time that grows with their length. */
import { describe, expect, test } from 'vitest';
import { parseResponse, type ResponsePart } from './parse-response.ts';

const kinds = (text: string) => parseResponse(text).map(({ kind }) => kind);
const firstJson = (text: string) => parseResponse(text).find((one) => one.kind === 'json');

describe('JSON', () => {
  test.each<[string, string, unknown, string[]]>([
    ['alone', '{"a": [1, {"b": null}]}', { a: [1, { b: null }] }, []],
    ['in a fence', 'Here:\n```json\n{"a": 1}\n```\nDone.', { a: 1 }, []],
    ['in a fence without a language', '```\n[1, 2]\n```', [1, 2], []],
    ['in a sentence', 'The answer is {"a": "b"} as you see.', { a: 'b' }, []],
    ['an array behind a colon', 'Result: [1, 2, 3]', [1, 2, 3], []],
    ['with trailing commas', '{"a": [1, 2,], "b": 1,}', { a: [1, 2], b: 1 }, ['left out trailing commas']],
    [
      'with comments',
      '{\n// one\n"a": 1, /* two */ "b": "http://x"\n}',
      { a: 1, b: 'http://x' },
      ['left out comments'],
    ],
    ['with single quotes', "{'a': 'it\\'s \"b\"'}", { a: 'it\'s "b"' }, ['replaced quotes that are not JSON']],
    ['with bare names', '{a: 1, $b: true}', { a: 1, $b: true }, ['quoted property names']],
    [
      'as Python writes it',
      "{'a': True, 'b': None}",
      { a: true, b: null },
      ['replaced quotes that are not JSON', 'replaced words of other languages (True, None, NaN, undefined)'],
    ],
    ['with line ends in strings', '{"a": "b\nc"}', { a: 'b\nc' }, ['escaped control characters in strings']],
    ['cut off in a string', '{"a": [1, {"b": "hel', { a: [1, { b: 'hel' }] }, ['closed what was cut off']],
    ['cut off behind a colon', '{"a": 1, "b":', { a: 1, b: null }, ['closed what was cut off']],
    ['cut off behind a name', '{"a": 1, "b"', { a: 1, b: null }, ['closed what was cut off']],
    ['cut off behind a comma', '{"a": 1,', { a: 1 }, ['left out trailing commas', 'closed what was cut off']],
    ['cut off in a word', '{"a": tru', { a: true }, ['closed what was cut off']],
    [
      'with numbers that are none here',
      '{"id": 12345678901234567890, "n": 1e999, "ok": 9007199254740991, "r": 0.1234567890123456789}',
      { id: '12345678901234567890', n: '1e999', ok: 9007199254740991, r: Number('0.1234567890123456789') },
      ['kept numbers that would have been rounded as texts'],
    ],
    ['without a comma', '{"a": 1 "b": 2}', { a: 1, b: 2 }, ['added missing commas, colons or quotes']],
    ['in a fence that is not closed', '```json\n{"a": 1}', { a: 1 }, ['closed a code fence that was open at the end']],
    ['one value a line', '```jsonl\n{"a": 1}\n{"a": 2}\n```', [{ a: 1 }, { a: 2 }], []],
    ['of a property that is no property', '{"__proto__": {"a": 1}}', JSON.parse('{"__proto__": {"a": 1}}'), []],
  ])('[tools.parse-response] %s', (_name, text, value, repairs) => {
    expect(firstJson(text)).toMatchObject({ repairs });
    expect((firstJson(text) as { value: unknown }).value).toEqual(value);
  });

  test.each(['a {brace} b', 'see [1] and [the page](https://x)', 'if (x) { return }', 'set {a, b}', 'x[0] = {}'])(
    '%j is none',
    (text) => {
      expect(firstJson(text)).toBeUndefined();
    },
  );

  test('several values and what stands around them keep their order and lines', () => {
    const parts = parseResponse('One:\n{"a": 1}\n\nTwo:\n{"b":\n2}\nEnd');
    expect(parts.map(({ kind, startLine, endLine }) => [kind, startLine, endLine])).toEqual([
      ['text', 1, 1],
      ['json', 2, 2],
      ['text', 4, 4],
      ['json', 5, 6],
      ['text', 7, 7],
    ]);
  });
});

describe('all else', () => {
  test('[tools.parse-response] code, lists, keys with values, headings, text and reasoning', () => {
    const text = [
      '<think>\nhm {"not": "this"}\n</think>',
      '# Plan',
      'Do this:',
      '- one',
      '  and more',
      '- two',
      '',
      '1. first',
      '2) second',
      '',
      'Name: CodeSage',
      '**Kind**: server',
      '',
      '~~~ts title="a.ts"',
      'const a = {};',
      '```',
      '~~~',
      'Visit https://example.org: it helps.',
    ].join('\n');
    const parts = parseResponse(text);
    expect(parts.map((part) => strip(part))).toEqual([
      { kind: 'reasoning', text: '<think>\nhm {"not": "this"}\n</think>' },
      { kind: 'heading', level: 1, text: 'Plan' },
      { kind: 'text', text: 'Do this:' },
      { kind: 'list', isOrdered: false, items: ['one\nand more', 'two'] },
      { kind: 'list', isOrdered: true, items: ['first', 'second'] },
      { kind: 'key_values', values: { Name: 'CodeSage', Kind: 'server' } },
      { kind: 'code', language: 'ts', text: 'const a = {};\n```', repairs: [] },
      { kind: 'text', text: 'Visit https://example.org: it helps.' },
    ]);
  });

  test.each(['', '   \n\n', '\uFEFF'])('%j has no parts', (text) => {
    expect(kinds(text)).toEqual([]);
  });

  test('JSON in a fence that is no JSON stays code', () => {
    expect(kinds('```json\nnot json at all :: {\n```')).toEqual(['code']);
  });
});

function strip({ startLine: _, endLine: __, ...rest }: ResponsePart) {
  return rest;
}

describe('hostile input', () => {
  const million = 1_000_000;
  test.each<[string, string]>([
    ['open brackets', '['],
    ['open objects', '{"a":'],
    ['quotes', '"'],
    ['single quotes in an object', "'"],
    ['escaped quotes', '\\"'],
    ['words in quotes', 'x" y "'],
    ['comments', '{/*'],
    ['fences', '```\n'],
    ['open fences', '````a\n'],
    ['bullets', '- '],
    ['list items', '- a\n'],
    ['keys', 'a: '],
    ['key lines', 'a: b\n'],
    ['spaces', ' '],
    ['empty lines', '\n'],
    ['headings', '# '],
    ['closed rubbish', '{a b}'],
    ['starts of objects', '{"'],
    ['nested rubbish', '{a: '],
    ['lines of JSON', '{}\n'],
    ['reasoning', '<think>\n'],
    ['a line of stars', '*'],
    ['a line of colons', ': '],
  ])('[tools.parse-linear] a megabyte of %s takes time in proportion', (_name, piece) => {
    const of = (length: number) => `{'a":'${piece.repeat(Math.floor(length / piece.length))}`;
    expect(cpuMs(() => parseResponse(of(million)))).toBeLessThan(4000);
    expect(cpuMs(() => parseResponse(piece.repeat(Math.floor(million / piece.length))))).toBeLessThan(4000);
  });
});

function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
