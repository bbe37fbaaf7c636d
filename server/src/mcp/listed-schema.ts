/**
 * Decides how much of a schema tools/list shows: a model pays for every character of it. What goes says nothing to who
 * chooses a tool or reads an answer; what is left accepts all that the whole schema accepts.
 */
import { isObject, type Json } from './json.ts';

/** zod bounds whole numbers that have no bound of their own by what a double can hold. */
const unbounded: ReadonlySet<unknown> = new Set([Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]);

/** Parameters as they are, without bounds that bound nothing: whoever checks by this schema knows what will be taken. */
export function listedInput<T extends Json>(schema: T): T {
  return mapped(schema, (keyword, value) => isBound(keyword) && unbounded.has(value)) as T;
}

/**
 * The shape of an answer: fields with their types, and of the outermost ones what they mean and which are always there.
 * An answer names its own fields, and what each of them means is in docs/tools.md and what auto_document_tool tells.
 */
export function listedOutput<T extends Json>(schema: T): T {
  const outermost = withoutKeywords(schema, isNoise);
  return eachSchema(outermost, (field) => ({
    ...mapped(field, isNoiseInside),
    ...(typeof field.description === 'string' && { description: field.description }),
  })) as T;
}

/** Longer lists of values are read from the answer itself. */
const mostValues = 6;

function isNoise(keyword: string, value: unknown): boolean {
  return (
    (isBound(keyword) && unbounded.has(value)) ||
    (keyword === 'additionalProperties' && !value) ||
    (keyword === 'enum' && Array.isArray(value) && value.length > mostValues)
  );
}

function isNoiseInside(keyword: string, value: unknown): boolean {
  return isNoise(keyword, value) || keyword === 'required' || keyword === 'description';
}

function isBound(keyword: string): boolean {
  return keyword === 'minimum' || keyword === 'maximum';
}

/** The schema without the keywords that `isLeftOut`; names of properties are no keywords. */
function mapped(schema: Json, isLeftOut: (keyword: string, value: unknown) => boolean): Json {
  return eachSchema(withoutKeywords(schema, isLeftOut), (inner) => mapped(inner, isLeftOut));
}

function withoutKeywords(schema: Json, isLeftOut: (keyword: string, value: unknown) => boolean): Json {
  return Object.fromEntries(Object.entries(schema).filter(([keyword, value]) => !isLeftOut(keyword, value)));
}

/** The schema with `change` made to the schemas directly inside of it. */
function eachSchema(schema: Json, change: (inner: Json) => Json): Json {
  const { properties, items, additionalProperties } = schema;
  return {
    ...schema,
    ...(isObject(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [name, isObject(inner) ? change(inner) : inner]),
      ),
    }),
    ...(isObject(items) && { items: change(items) }),
    ...(isObject(additionalProperties) && { additionalProperties: change(additionalProperties) }),
  };
}
