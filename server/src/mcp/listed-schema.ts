/**
 * Decides how much of a schema tools/list shows: a model pays for every character of it. What goes says nothing to who
 * chooses a tool or reads an answer; what is left accepts all that the whole schema accepts.
 */
import { isObject, type Json } from './json.ts';

/** zod bounds whole numbers that have no bound of their own by what a double can hold. */
const unbounded: ReadonlySet<unknown> = new Set([Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]);

/** Parameters as they are, without bounds that bound nothing. */
export function listedInput<T extends Json>(schema: T): T {
  return mapped(schema, (keyword, value) => isBound(keyword) && unbounded.has(value)) as T;
}

/**
 * An answer without such bounds, and without being told that there are no further fields. Where the same kind of object
 * comes again (callers and callees), its fields are listed without saying again what they mean.
 */
export function listedOutput<T extends Json>(schema: T): T {
  const short = mapped(
    schema,
    (keyword, value) => (isBound(keyword) && unbounded.has(value)) || (keyword === 'additionalProperties' && !value),
  );
  return withoutRepetition(short, new Set()) as T;
}

function isBound(keyword: string): boolean {
  return keyword === 'minimum' || keyword === 'maximum';
}

/** The schema without the keywords that `isLeftOut`; names of properties are no keywords. */
function mapped(schema: Json, isLeftOut: (keyword: string, value: unknown) => boolean): Json {
  return eachSchema(
    Object.fromEntries(Object.entries(schema).filter(([keyword, value]) => !isLeftOut(keyword, value))),
    (inner) => mapped(inner, isLeftOut),
  );
}

function withoutRepetition(schema: Json, seen: Set<string>): Json {
  if (isObject(schema.properties)) {
    const key = JSON.stringify([schema.properties, schema.required]);
    if (seen.has(key)) return mapped(schema, (keyword) => keyword === 'description' || keyword === 'enum');
    seen.add(key);
  }
  return eachSchema(schema, (inner) => withoutRepetition(inner, seen));
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
