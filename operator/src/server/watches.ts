/** Decides which CodeSageServers are reconciled when something in the cluster changes. */
import { labels } from '../api/group.ts';
import type { CacheEvent, Informer } from '../runtime/cache.ts';
import { type ControllerWatch, watch } from '../runtime/controller.ts';
import { type Mapping, toAny, toItself, toLabelled, toOwner, toReferrers } from '../runtime/map.ts';
import type { Ingress } from '../runtime/resources.ts';
import { codeSageServers, type ServerCaches, type ServerObject } from './caches.ts';
import { servesSame } from './ingress-conflict.ts';
import { referencesOf } from './references.ts';

/** Our own status writes must not bring us back: only what people change does. */
export function isForUs(event: CacheEvent<ServerObject>): boolean {
  if (event.type !== 'changed') return true;
  const { object, previous } = event;
  return (
    object.metadata.uid !== previous.metadata.uid ||
    object.metadata.generation !== previous.metadata.generation ||
    object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
    JSON.stringify(object.metadata.annotations) !== JSON.stringify(previous.metadata.annotations)
  );
}

/** Servers of all namespaces that ask for a host and path that this Ingress serves: one that goes may end a conflict. */
function toCompetitors(servers: Informer<ServerObject>): Mapping<Ingress> {
  return (ingress) =>
    servers.list().flatMap((object) => {
      const wanted = referencesOf(object).ingress;
      return wanted !== undefined && servesSame(ingress, wanted) ? toItself(object) : [];
    });
}

/** All watches of the CodeSageServer controller. */
export function serverWatches(caches: ServerCaches): ControllerWatch[] {
  const { servers } = caches;
  const toServer = toAny(toLabelled(labels.server), toOwner(codeSageServers));
  const everyServer: Mapping = () => servers.list().flatMap((object) => toItself(object));
  return [
    watch(servers, toItself, isForUs),
    watch(caches.deployments, toServer),
    watch(caches.pods, toLabelled(labels.server)),
    watch(caches.services, toServer),
    watch(caches.configMaps, toServer),
    watch(caches.ingresses, toAny<Ingress>(toServer, toCompetitors(servers))),
    watch(
      caches.claims,
      toAny(
        toServer,
        toReferrers(servers, (server, claim) => referencesOf(server).claims.has(claim.metadata.name)),
      ),
    ),
    watch(
      caches.secrets,
      toAny(
        toServer,
        toReferrers(servers, (server, secret) => referencesOf(server).secrets.has(secret.metadata.name)),
      ),
    ),
    ...(caches.storageClasses === undefined ? [] : [watch(caches.storageClasses, everyServer)]),
  ];
}
