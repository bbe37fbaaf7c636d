/** Decides which children are no longer wanted, and deletes them: ours by owner or label, never a volume claim. */
import type { CodeSageServer } from '../api/kinds.ts';
import { hasCode } from '../runtime/api-error.ts';
import type { Client } from '../runtime/client.ts';
import type { KubernetesObject, Live, ResourceType } from '../runtime/resource.ts';
import { configMaps, deployments, ingresses, services } from '../runtime/resources.ts';
import type { ServerCaches } from './caches.ts';
import { labelledWith } from './observe.ts';
import { ownershipOf } from './ownership.ts';

export type Removed = { kind: string; name: string };
export type Pruner = (
  server: CodeSageServer,
  wanted: readonly KubernetesObject[],
  signal: AbortSignal,
) => Promise<Removed[]>;

function identityOf({ kind, metadata }: KubernetesObject): string {
  return `${kind}/${metadata?.name}`;
}

export function createPruner(client: Client, caches: ServerCaches): Pruner {
  const places = [
    { type: deployments as ResourceType, cache: caches.deployments },
    { type: services as ResourceType, cache: caches.services },
    { type: configMaps as ResourceType, cache: caches.configMaps },
    { type: ingresses as ResourceType, cache: caches.ingresses },
  ];

  return async (server, wanted, signal) => {
    const keep = new Set(wanted.map(identityOf));
    const removed: Removed[] = [];
    for (const { type, cache } of places) {
      for (const object of labelledWith<KubernetesObject>(cache, server) as Live[]) {
        const { namespace, name, uid, deletionTimestamp } = object.metadata;
        if (keep.has(identityOf({ ...object, kind: type.kind })) || deletionTimestamp !== undefined) continue;
        if (ownershipOf(object, server) !== 'ours') continue;
        try {
          // The UID keeps a namesake that someone made since then.
          await client.delete(type, { namespace, name }, { uid, signal });
          removed.push({ kind: type.kind, name });
        } catch (error) {
          if (!hasCode(error, 'NotFound', 'Conflict')) throw error;
        }
      }
    }
    return removed;
  };
}
