/** Decides which objects are to be reconciled when another object changes. */
import { keyOf, type ObjectKey } from './key.ts';
import type { KubernetesObject, Live, ResourceType } from './resource.ts';

/** The keys to reconcile after a change of `object`. */
export type Mapping<T extends KubernetesObject = KubernetesObject> = (object: Live<T>) => ObjectKey[];

/** The object itself. */
export const toItself: Mapping = (object) => [
  keyOf({ namespace: object.metadata.namespace, name: object.metadata.name }),
];

/** The owners of this kind; in the same namespace, as owners always are. */
export function toOwner(owner: ResourceType): Mapping {
  return (object) =>
    (object.metadata.ownerReferences ?? [])
      .filter((reference) => reference.kind === owner.kind && groupOf(reference.apiVersion) === owner.group)
      .map((reference) =>
        keyOf({ namespace: owner.namespaced ? object.metadata.namespace : undefined, name: reference.name }),
      );
}

/** The object that a label names; for children that outlive their owner and so have no owner reference. */
export function toLabelled(label: string): Mapping {
  return (object) => {
    const name = object.metadata.labels?.[label];
    return name === undefined || name === '' ? [] : [keyOf({ namespace: object.metadata.namespace, name })];
  };
}

/** All objects in a cache that refer to the changed object, such as the users of a Secret. */
export function toReferrers<T extends KubernetesObject, Owner extends KubernetesObject>(
  owners: { list(namespace?: string): Live<Owner>[] },
  refersTo: (owner: Live<Owner>, object: Live<T>) => boolean,
): Mapping<T> {
  return (object) =>
    owners
      .list(object.metadata.namespace)
      .filter((owner) => refersTo(owner, object))
      .map((owner) => keyOf({ namespace: owner.metadata.namespace, name: owner.metadata.name }));
}

/** Several mappings as one; a key that more than one yields appears once. */
export function toAny<T extends KubernetesObject>(...mappings: Mapping<T>[]): Mapping<T> {
  return (object) => [...new Set(mappings.flatMap((mapping) => mapping(object)))];
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
