/** Decides when a value that we sent and the value that the API server stored mean the same. */
import { parseQuantity } from './quantity.ts';

/** Fields whose strings are quantities, which the server rewrites: `0.5` becomes `500m`, `1000m` becomes `1`. */
const quantityFields = new Set([
  'requests',
  'limits',
  'capacity',
  'hard',
  'sizeLimit',
  'divisor',
  'averageValue',
  'min',
  'max',
  'default',
]);

/** True when both are the same scalar, or the same quantity in a field that holds quantities. */
export function sameScalar(desired: unknown, live: unknown, path: string): boolean {
  if (desired === live) return true;
  if (!path.split('.').some((part) => quantityFields.has(part))) return false;
  const wanted = parseQuantity(desired);
  return wanted !== undefined && wanted === parseQuantity(live);
}

/**
 * True when `live` holds all of `desired`. The server may have added defaults to maps, but lists are of equal length.
 * A zero value (empty text, list or map, false, 0) also equals an absent one, which is how many Go types are stored.
 */
export function sameAtomic(desired: unknown, live: unknown, path: string): boolean {
  if (live === undefined || live === null) return isZero(desired);
  if (Array.isArray(desired)) {
    return (
      Array.isArray(live) &&
      live.length === desired.length &&
      desired.every((item, index) => sameAtomic(item, live[index], path))
    );
  }
  if (typeof desired !== 'object' || desired === null) return sameScalar(desired, live, path);
  if (typeof live !== 'object' || Array.isArray(live)) return false;
  const held = live as Record<string, unknown>;
  return Object.entries(desired).every(([key, value]) => sameAtomic(value, held[key], `${path}.${key}`));
}

/** True when two values are equal in depth. A key that is undefined equals an absent one; the order of keys is nothing. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => sameValue(item, right[index]))
    );
  }
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  const a = left as Record<string, unknown>;
  const b = right as Record<string, unknown>;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => sameValue(a[key], b[key]));
}

function isZero(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
