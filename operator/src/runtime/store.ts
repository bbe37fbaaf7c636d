/** Decides what a list or a watch event changes in the held objects, and keeps them findable by owner and label. */
import type { CacheEvent } from './cache.ts';
import { keyOf, keyOfObject, type ObjectKey } from './key.ts';
import type { KubernetesObject, Live, ObjectReference } from './resource.ts';

/** Deleted objects that are remembered, so that a late answer to a write does not bring one back. */
const rememberedDeletions = 1_000;

/**
 * The objects of one kind. Each change returns the events that it amounts to: none for what was known already, and for
 * an object that was deleted and made anew under its name, `removed` and then `added`, even if nobody saw it go.
 */
export class Store<T extends KubernetesObject> {
  readonly #objects = new Map<ObjectKey, Live<T>>();
  readonly #indexes: Index<T>[];
  readonly #byOwner = new Index<T>((object) => (object.metadata.ownerReferences ?? []).map(({ uid }) => uid));
  readonly #byLabel = new Map<string, Index<T>>();
  readonly #deleted = new Set<string>();

  constructor(indexedLabels: readonly string[] = []) {
    for (const label of indexedLabels) {
      this.#byLabel.set(label, new Index<T>((object) => [object.metadata.labels?.[label] ?? []].flat()));
    }
    this.#indexes = [this.#byOwner, ...this.#byLabel.values()];
  }

  get size(): number {
    return this.#objects.size;
  }

  get(reference: ObjectReference): Live<T> | undefined {
    return this.#objects.get(keyOf(reference));
  }

  list(namespace?: string): Live<T>[] {
    const all = [...this.#objects.values()];
    return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace);
  }

  ownedBy(uid: string): Live<T>[] {
    return this.#all(this.#byOwner.keys(uid));
  }

  /** @throws RangeError for a label that is not indexed: an empty answer would look like a fact. */
  labelled(label: string, value: string): Live<T>[] {
    const index = this.#byLabel.get(label);
    if (index === undefined) throw new RangeError(`label ${label} is not indexed: name it in indexedLabels`);
    return this.#all(index.keys(value));
  }

  /** Makes `objects` the only ones in the namespace, or at all. A list is the truth, whatever versions were held. */
  replace(objects: readonly Live<T>[], namespace?: string): CacheEvent<T>[] {
    const present = new Set(objects.map(keyOfObject));
    const gone = this.list(namespace).filter((object) => !present.has(keyOfObject(object)));
    return [...gone.flatMap((object) => this.remove(object)), ...objects.flatMap((object) => this.#set(object))];
  }

  /** Takes in an object from a watch. Versions that are not newer than the held one are ignored. */
  put(object: Live<T>): CacheEvent<T>[] {
    const held = this.#objects.get(keyOfObject(object));
    // Our own writes are noted before the watch brings what came before them.
    if (held !== undefined && isNotNewer(object, held)) return [];
    return this.#set(object);
  }

  /** Takes in what a write of ours returned. Objects that are known to be deleted stay deleted. */
  note(object: Live<T>): CacheEvent<T>[] {
    return this.#deleted.has(object.metadata.uid) ? [] : this.put(object);
  }

  /** Takes an object out, unless its name already belongs to a newer one. */
  remove(object: Live<T>): CacheEvent<T>[] {
    this.#deleted.add(object.metadata.uid);
    if (this.#deleted.size > rememberedDeletions) this.#deleted.delete(this.#deleted.values().next().value ?? '');
    const key = keyOfObject(object);
    const held = this.#objects.get(key);
    if (held === undefined || held.metadata.uid !== object.metadata.uid) return [];
    this.#objects.delete(key);
    for (const index of this.#indexes) index.remove(key, held);
    return [{ type: 'removed', object: held }];
  }

  #set(object: Live<T>): CacheEvent<T>[] {
    const key = keyOfObject(object);
    const held = this.#objects.get(key);
    if (held !== undefined && held.metadata.uid !== object.metadata.uid)
      return [...this.remove(held), ...this.#set(object)];
    if (held?.metadata.resourceVersion === object.metadata.resourceVersion) return [];
    if (held !== undefined) for (const index of this.#indexes) index.remove(key, held);
    this.#objects.set(key, object);
    for (const index of this.#indexes) index.add(key, object);
    return [held === undefined ? { type: 'added', object } : { type: 'changed', object, previous: held }];
  }

  #all(keys: Iterable<ObjectKey>): Live<T>[] {
    return [...keys].flatMap((key) => this.#objects.get(key) ?? []);
  }
}

class Index<T extends KubernetesObject> {
  readonly #valuesOf: (object: Live<T>) => string[];
  readonly #keysByValue = new Map<string, Set<ObjectKey>>();

  constructor(valuesOf: (object: Live<T>) => string[]) {
    this.#valuesOf = valuesOf;
  }

  keys(value: string): Iterable<ObjectKey> {
    return this.#keysByValue.get(value) ?? [];
  }

  add(key: ObjectKey, object: Live<T>): void {
    for (const value of this.#valuesOf(object)) {
      const keys = this.#keysByValue.get(value) ?? new Set();
      this.#keysByValue.set(value, keys.add(key));
    }
  }

  remove(key: ObjectKey, object: Live<T>): void {
    for (const value of this.#valuesOf(object)) {
      const keys = this.#keysByValue.get(value);
      keys?.delete(key);
      if (keys?.size === 0) this.#keysByValue.delete(value);
    }
  }
}

const decimal = /^\d+$/;

/**
 * True when `object` is known to be no later than `held`. Versions that are not numbers cannot be compared.
 *
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions (comparable since 1.35, and numbers ever since)
 */
function isNotNewer(object: Live, held: Live): boolean {
  const incoming = object.metadata.resourceVersion;
  const present = held.metadata.resourceVersion;
  if (incoming === present) return true;
  return decimal.test(incoming) && decimal.test(present) && BigInt(incoming) < BigInt(present);
}
