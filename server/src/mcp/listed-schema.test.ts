/** Decides whether tools/list is short and still says what a model needs. */
import { describe, expect, test } from 'vitest';
import { registry } from '../tools/registry.ts';
import { listedInput, listedOutput } from './listed-schema.ts';
import { describeTools } from './server.ts';

const count = { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
const place = {
  type: 'object',
  properties: { line: { ...count, description: 'From 1.' }, kind: { type: 'string', enum: ['call', 'type'] } },
  required: ['line'],
  additionalProperties: false,
};
const lines = { line: { type: 'integer' }, kind: { type: 'string', enum: ['call', 'type'] } };

describe('listedInput', () => {
  test('leaves out bounds that bound nothing, and keeps all others', () => {
    const limit = { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER, default: 5 };
    const schema = { type: 'object', properties: { limit, count }, additionalProperties: false };
    expect(listedInput(schema)).toEqual({
      type: 'object',
      properties: { limit: { type: 'integer', minimum: 1, default: 5 }, count: { type: 'integer' } },
      additionalProperties: false,
    });
  });

  test('a parameter may have the name of a keyword', () => {
    const schema = { type: 'object', properties: { minimum: { type: 'string' }, description: { type: 'string' } } };
    expect(listedOutput(schema)).toEqual(schema);
  });
});

describe('listedOutput', () => {
  test('says of the outermost fields what they mean, and of all others what they are', () => {
    const kinds = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const schema = {
      type: 'object',
      properties: {
        callers: { type: 'array', items: place, description: 'Who calls.' },
        kind: { type: 'string', enum: kinds },
        total: count,
      },
      required: ['callers'],
      additionalProperties: false,
    };
    expect(listedOutput(schema)).toEqual({
      type: 'object',
      properties: {
        callers: { type: 'array', items: { type: 'object', properties: lines }, description: 'Who calls.' },
        kind: { type: 'string' },
        total: { type: 'integer' },
      },
      required: ['callers'],
    });
  });

  test('keeps the schema of values whose names are not known', () => {
    const schema = { type: 'object', additionalProperties: count };
    expect(listedOutput(schema)).toEqual({ type: 'object', additionalProperties: { type: 'integer' } });
  });

  test('[tools.listed-short] leaves no field out', () => {
    const fields = (schema: unknown): unknown =>
      Object.entries((schema as { properties?: object }).properties ?? {}).map(([name, inner]) => [
        name,
        fields(inner),
        fields((inner as { items?: unknown }).items ?? {}),
      ]);
    for (const { outputSchema } of registry) expect(fields(listedOutput(outputSchema))).toEqual(fields(outputSchema));
  });
});

test('[tools.listed-short] what a model pays for each tool is bounded', () => {
  const tools = describeTools(registry);
  const listed = JSON.stringify(tools);
  const characters = (part: unknown) => JSON.stringify(part).length / tools.length;
  expect(characters(tools)).toBeLessThan(2800);
  // Clients hand on names, descriptions and parameters; few show a model the form of answers as well.
  expect(characters(tools.map(({ outputSchema: _, ...shown }) => shown))).toBeLessThan(1700);
  expect(listed).not.toContain(String(Number.MAX_SAFE_INTEGER));
});
