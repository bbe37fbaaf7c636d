/** Decides how an object is named in queues and caches: `namespace/name`, or `name` for cluster-scoped kinds. */
import type { KubernetesObject, ObjectReference } from './resource.ts';

export type ObjectKey = string;

/** The key of a namespace and a name. Neither can hold a slash, so the two forms never collide. */
export function keyOf(reference: ObjectReference): ObjectKey {
  return reference.namespace === undefined || reference.namespace === ''
    ? reference.name
    : `${reference.namespace}/${reference.name}`;
}

/** The key of an object that the API server returned. */
export function keyOfObject(object: KubernetesObject): ObjectKey {
  return keyOf({ namespace: object.metadata?.namespace, name: object.metadata?.name ?? '' });
}

/** The namespace and name that a key was made of. */
export function parseKey(key: ObjectKey): ObjectReference {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
