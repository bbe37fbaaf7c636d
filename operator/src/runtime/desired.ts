/** Decides whether a live object already is what we desire, so that an unchanged object costs no request at all. */
import { createHash } from 'node:crypto';
import { sameAtomic, sameScalar } from './equality.ts';
import type { KubernetesObject, Live, ManagedFieldsEntry, Manifest } from './resource.ts';

/** A manifest with undefined and null left out and keys in order: what is sent, hashed and compared. */
export function normalise<T>(value: T): T {
  return (normaliseValue(value) ?? {}) as T;
}

function normaliseValue(value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.map((item) => normaliseValue(item)).filter((item) => item !== undefined);
  if (typeof value !== 'object') return value;
  const entries = Object.entries(value)
    .map(([key, item]) => [key, normaliseValue(item)] as const)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}

/** A short digest of a manifest, equal for manifests that differ only in the order of keys. */
export function hashOf(manifest: KubernetesObject): string {
  return digest(normalise(manifest));
}

/** A copy of `manifest` with its own hash in an annotation. */
export function withHash<T extends KubernetesObject>(manifest: Manifest<T>, annotation: string): Manifest<T> {
  const bare = normalise(manifest);
  const annotations = { ...bare.metadata.annotations, [annotation]: digest(bare) };
  return { ...bare, metadata: { ...bare.metadata, annotations } };
}

function digest(normalised: KubernetesObject): string {
  return createHash('sha256').update(JSON.stringify(normalised)).digest('hex').slice(0, 16);
}

type Fields = Record<string, unknown>;

/** Fields that name an object rather than configure it; the server never lists them as managed. */
const identity = {
  root: new Set(['apiVersion', 'kind', 'status']),
  metadata: new Set([
    'name',
    'namespace',
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'managedFields',
  ]),
};

/**
 * The first path at which `live` is not what `manifest` desires, or undefined when nothing needs to be written.
 *
 * `manifest` must be what was or would be applied (after `withHash`). Three things must hold: every desired field is
 * in the live object with the same value (defaults beside it are fine); the server lists each as ours, so nobody
 * changed a list or map as a whole or removed a field; and it lists nothing as ours that we no longer desire.
 * The hash, itself a desired field, covers what the list of managed fields is too coarse for: a key that left an atomic map.
 *
 * The structure of lists (keyed, set or atomic) is read from `managedFields`, so no schema is needed.
 * Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
export function firstDifference<T extends KubernetesObject>(
  live: Live<T>,
  manifest: Manifest<T>,
  fieldManager: string,
): string | undefined {
  const owned = live.metadata.managedFields?.find((entry) => isOurs(entry, fieldManager, manifest));
  if (owned?.fieldsV1 === undefined) return 'metadata.managedFields';
  return compareMap(manifest, live, owned.fieldsV1, '');
}

function isOurs(entry: ManagedFieldsEntry, fieldManager: string, manifest: KubernetesObject): boolean {
  return (
    entry.manager === fieldManager &&
    entry.operation === 'Apply' &&
    (entry.subresource ?? '') === '' &&
    entry.apiVersion === manifest.apiVersion
  );
}

function compare(desired: unknown, live: unknown, fields: Fields, path: string): string | undefined {
  const members = Object.keys(fields).filter((key) => key !== '.');
  if (members.length === 0) return sameAtomic(desired, live, path) ? undefined : path;
  if (Array.isArray(desired)) return compareList(desired, live, fields, members, path);
  return compareMap(desired, live, fields, path);
}

function compareMap(desired: unknown, live: unknown, fields: Fields, path: string): string | undefined {
  if (!isMap(desired) || !isMap(live)) return path;
  const skipped = path === '' ? identity.root : path === 'metadata' ? identity.metadata : undefined;
  const wanted = Object.keys(desired).filter((key) => desired[key] !== undefined && !skipped?.has(key));
  const surplus = Object.keys(fields).find((key) => key.startsWith('f:') && !wanted.includes(key.slice(2)));
  if (surplus !== undefined) return join(path, surplus.slice(2));
  for (const key of wanted) {
    const below = fields[`f:${key}`];
    const at = join(path, key);
    if (below === undefined) {
      // Not listed though applied: metadata with nothing but the identity, and keyed lists without an item.
      if (at === 'metadata' || isEmptyList(desired[key])) continue;
      return at;
    }
    const difference = compare(desired[key], live[key], below as Fields, at);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function compareList(
  desired: unknown[],
  live: unknown,
  fields: Fields,
  members: string[],
  path: string,
): string | undefined {
  if (!Array.isArray(live) || members.length !== desired.length) return path;
  const left = [...desired];
  for (const member of members) {
    const at = `${path}[${member.slice(2)}]`;
    const value: unknown = JSON.parse(member.slice(2));
    if (member.startsWith('v:')) {
      const item = take(left, (candidate) => sameScalar(candidate, value, path));
      if (item === undefined || !live.some((candidate) => sameScalar(candidate, value, path))) return at;
      continue;
    }
    if (!member.startsWith('k:') || !isMap(value)) return path;
    const item = takeKeyed(left, value);
    const counterpart = live.find((candidate) => hasKey(candidate, value, 'exactly'));
    if (item === undefined || counterpart === undefined) return at;
    const difference = compare(item, counterpart, fields[member] as Fields, at);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** Removes and returns the first item that fits, or undefined. */
function take(items: unknown[], fits: (item: unknown) => boolean): unknown {
  const index = items.findIndex(fits);
  return index < 0 ? undefined : items.splice(index, 1)[0];
}

/** The desired item that a list key names. A key field that the item leaves out was defaulted by the server. */
function takeKeyed(items: unknown[], key: Fields): unknown {
  return take(items, (item) => hasKey(item, key, 'exactly')) ?? take(items, (item) => hasKey(item, key, 'or left out'));
}

function hasKey(item: unknown, key: Fields, how: 'exactly' | 'or left out'): boolean {
  if (!isMap(item)) return false;
  return Object.entries(key).every(([field, value]) =>
    item[field] === undefined ? how === 'or left out' : sameScalar(item[field], value, field),
  );
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
