/** Decides what a JSON object is, before anything is known of its fields. */

export type Json = Record<string, unknown>;

/** True for `{…}`; false for null, arrays and all else that JSON can hold. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The id that an answer to this message carries; null where it has none that JSON-RPC knows. */
export function idOf(message: unknown): string | number | null {
  const id = isObject(message) ? message.id : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}
