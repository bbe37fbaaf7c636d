/** Decides what controllers may ask of the objects that an informer holds. They are shared: never change one. */
import type { KubernetesObject, Live, ObjectReference } from './resource.ts';

/** Why a handler is called. `previous` is what the cache held before. */
export type CacheEvent<T extends KubernetesObject> =
  | { type: 'added'; object: Live<T> }
  | { type: 'changed'; object: Live<T>; previous: Live<T> }
  | { type: 'removed'; object: Live<T> };

export type CacheHandler<T extends KubernetesObject> = (event: CacheEvent<T>) => void;

/** A read-only view of the objects of one kind. All answers come from memory and may be some milliseconds old. */
export type Cache<T extends KubernetesObject = KubernetesObject> = {
  get(reference: ObjectReference): Live<T> | undefined;
  /** All objects, or those of one namespace; in no particular order. */
  list(namespace?: string): Live<T>[];
  /** Objects with an owner reference to this UID. */
  ownedBy(uid: string): Live<T>[];
  /** Objects whose label has this value. The label must be among the `indexedLabels` of the informer. */
  labelled(label: string, value: string): Live<T>[];
  /** True once every list that feeds the cache has succeeded. Before that, absence proves nothing. */
  hasSynced(): boolean;
};

/** A cache that keeps itself current, and tells others what changed. */
export type Informer<T extends KubernetesObject = KubernetesObject> = Cache<T> & {
  /** Calls `handler` on every change from now on; what it throws is logged and goes no further. Returns the undo. */
  onChange(handler: CacheHandler<T>): () => void;
  /**
   * Puts in what a write of ours returned, so that the next read sees it before the watch brings it.
   * Ignored when the cache holds a newer version, or another object by that name.
   */
  note(object: Live<T>): void;
  /** Starts to list and watch. Calling it again does nothing. */
  start(): void;
  /** Resolves when `hasSynced`; rejects with the signal's reason when that comes first. */
  waitForSync(signal?: AbortSignal): Promise<void>;
  /** Why the last list or watch failed, while nothing has succeeded since. */
  problem(): Error | undefined;
  stop(): Promise<void>;
};
