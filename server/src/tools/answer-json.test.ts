/** Decides whether answers whose parts are kept read as all others, are still checked, and come out as JSON of the same. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { resultBody } from '../mcp/result-body.ts';
import { checkAnswer, keepPart, writeAnswer } from './answer-json.ts';

const schema = z.strictObject({
  query: z.string(),
  results: z.array(z.strictObject({ text: z.string(), score: z.number() })),
  message: z.string().optional(),
});
const awkward = 'a "quoted" \\ line\nwith Ünïcödé, 漢字, 😀, \u2028 and \u0000 and a lone \ud800';

/** What a client has after it parsed the response. */
const received = (body: string) => JSON.parse(body) as { id: unknown; result: Record<string, unknown> };

describe('an answer with a kept part', () => {
  const part = keepPart([
    { text: awkward, score: 0.5 },
    { text: '', score: -1 },
  ]);

  test.each([1, 2, 3])('[mcp.speed] reads the same however often it was written: time %i', (time) => {
    const answer = checkAnswer(schema, { query: `${awkward} ${time}`, results: part, message: undefined });
    expect(answer).toEqual({ query: `${awkward} ${time}`, results: [...part] });
    const result = writeAnswer(answer);
    expect(JSON.parse(result.content[0]?.text ?? '')).toEqual(answer);
    const { id, result: got } = received(resultBody('an id "x"', result, ',"more":true'));
    expect(id).toBe('an id "x"');
    expect(JSON.parse((got.content as [{ text: string }])[0].text)).toEqual(answer);
    expect(got).toEqual({ content: expect.any(Array), structuredContent: answer, more: true });
  });

  test('is written in ASCII, so that it goes out as it lies in memory', () => {
    const answer = checkAnswer(schema, { query: 'plain', results: part });
    expect(resultBody(1, writeAnswer(answer))).toMatch(/^[\x20-\x7e]*$/);
  });

  test('has its other fields checked each time', () => {
    expect(() => checkAnswer(schema, { query: 5 as never, results: part })).toThrow();
    expect(() => checkAnswer(schema, { query: 'x', results: part, more: 1 } as never)).toThrow();
  });
});

test('a kept part is checked before it is believed', () => {
  const wrong = keepPart([{ text: 5, score: 1 }]);
  for (let time = 0; time < 2; time += 1)
    expect(() => checkAnswer(schema, { query: 'x', results: wrong as never })).toThrow();
});

test.each<[string, object]>([
  ['an answer without kept parts', writeAnswer({ query: awkward, results: [] })],
  ['a fault', { content: [{ type: 'text', text: awkward }], isError: true }],
  ['an answer that nobody wrote before', { content: [], structuredContent: { a: [1, { b: awkward }] } }],
  ['an answer without fields', { content: [] }],
])('%s comes out whole', (_name, result) => {
  expect(received(resultBody(7, result))).toEqual({
    jsonrpc: '2.0',
    id: 7,
    result: JSON.parse(JSON.stringify(result)),
  });
  expect(received(resultBody(7, result, ',"more":1')).result).toMatchObject({ more: 1 });
});
