/** Decides the volume claim that holds the index: it grows with the spec, and outlives the resource unless told otherwise. */
import type { Manifest } from '../../runtime/resource.ts';
import type { PersistentVolumeClaim } from '../../runtime/resources.ts';
import { childNames } from '../names.ts';
import type { DesiredInput } from './input.ts';
import { childMetadata } from './metadata.ts';
import { isMore } from './units.ts';

/** The claim, or undefined when the user brought one: that is used as it is. */
export function buildClaim({ server, claim }: DesiredInput): Manifest<PersistentVolumeClaim> | undefined {
  const { storage } = server.spec;
  if (storage.existingClaim !== undefined) return undefined;
  const held = claim?.spec?.resources?.requests?.storage;
  // A claim kept from a predecessor may be larger, and claims cannot shrink.
  const size = held !== undefined && isMore(held, storage.size) ? held : String(storage.size);
  // Class and modes of an existing claim cannot change; repeating them keeps the apply valid.
  const storageClassName = claim === undefined ? storage.storageClassName : claim.spec?.storageClassName;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: childMetadata(server, {
      name: childNames(server.metadata.name).claim,
      component: 'index',
      owned: storage.reclaimPolicy === 'Delete',
    }),
    spec: {
      accessModes: claim?.spec?.accessModes ?? storage.accessModes,
      ...(storageClassName !== undefined && { storageClassName }),
      resources: { requests: { storage: size } },
    },
  };
}
