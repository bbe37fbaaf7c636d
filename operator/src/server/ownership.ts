/** Decides whose an object is: a child of this CodeSageServer, of its deleted namesake, or of someone else. */
import { fieldManager, labels } from '../api/group.ts';
import type { CodeSageServer } from '../api/kinds.ts';
import type { KubernetesObject, Live } from '../runtime/resource.ts';

/**
 * - `ours`: controlled by this very resource, or labelled as its child and controlled by nobody (a retained claim, or a
 *   child whose owner reference was stripped);
 * - `predecessor`: controlled by a deleted CodeSageServer of the same name; the garbage collector is about to remove it;
 * - `foreign`: anything else.
 */
export type Ownership = 'ours' | 'predecessor' | 'foreign';

export function ownershipOf(object: Live<KubernetesObject>, server: CodeSageServer): Ownership {
  const owner = object.metadata.ownerReferences?.find((reference) => reference.controller);
  if (owner !== undefined) {
    if (owner.uid === server.metadata.uid) return 'ours';
    return owner.kind === server.kind && owner.name === server.metadata.name ? 'predecessor' : 'foreign';
  }
  const own = object.metadata.labels ?? {};
  return own[labels.managedBy] === fieldManager && own[labels.server] === server.metadata.name ? 'ours' : 'foreign';
}

/** Who an object belongs to, for people. */
export function describeOwner(object: KubernetesObject): string {
  const owner = object.metadata?.ownerReferences?.find((reference) => reference.controller);
  if (owner !== undefined) return `belongs to ${owner.kind} ${owner.name}`;
  const manager = object.metadata?.labels?.[labels.managedBy];
  return manager === undefined ? 'was made by someone else' : `is managed by ${manager}`;
}
