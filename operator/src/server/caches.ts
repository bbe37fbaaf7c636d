/** Decides which objects the operator keeps in memory for CodeSageServers, and how much of each. */
import { fieldManager, group, labels, version } from '../api/group.ts';
import { serverKind } from '../api/kinds.ts';
import type { ServerStatus } from '../api/server-status.ts';
import type { Informer } from '../runtime/cache.ts';
import type { KubernetesObject, Live, PartialObjectMetadata, ResourceType } from '../runtime/resource.ts';
import {
  type ConfigMap,
  configMaps,
  type Deployment,
  deployments,
  type Ingress,
  ingresses,
  type PersistentVolumeClaim,
  type Pod,
  persistentVolumeClaims,
  pods,
  type Service,
  type StorageClass,
  secrets,
  services,
  storageClasses,
} from '../runtime/resources.ts';

/** A CodeSageServer as it comes from the API server: the spec is not parsed yet. */
export type ServerObject = KubernetesObject & { spec?: unknown; status?: ServerStatus };

export const codeSageServers: ResourceType<ServerObject> = {
  group,
  version,
  kind: serverKind.kind,
  plural: serverKind.plural,
  namespaced: true,
};

export type ServerCaches = {
  servers: Informer<ServerObject>;
  deployments: Informer<Deployment>;
  pods: Informer<Pod>;
  services: Informer<Service>;
  configMaps: Informer<ConfigMap>;
  /** All Ingresses: another one may serve the same host and path. */
  ingresses: Informer<Ingress>;
  /** All claims: a spec can name claims that are not ours. */
  claims: Informer<PersistentVolumeClaim>;
  /** Names, labels and versions of all Secrets; their content is read one by one. */
  secrets: Informer<PartialObjectMetadata>;
  /** Undefined where the operator may only read namespaces. */
  storageClasses: Informer<StorageClass> | undefined;
};

export type CacheOptions<T extends KubernetesObject> = {
  labelSelector?: string;
  metadataOnly?: boolean;
  indexedLabels?: readonly string[];
  transform?: (object: Live<T>) => Live<T>;
};

/** Makes one informer; whoever composes the process knows the client, the namespaces and the clock. */
export type InformerFactory = <T extends KubernetesObject>(
  type: ResourceType<T>,
  options: CacheOptions<T>,
) => Informer<T>;

const indexedLabels = [labels.server];
const ownChildren = { labelSelector: `${labels.managedBy}=${fieldManager}`, indexedLabels };

/** What a Secret's metadata is needed for; its annotations can hold a copy of the content (kubectl's last-applied). */
function identityOf(object: Live<PartialObjectMetadata>): Live<PartialObjectMetadata> {
  const { name, namespace, uid, resourceVersion, labels: own, ownerReferences } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { name, namespace, uid, resourceVersion, labels: own, ownerReferences },
  } as Live<PartialObjectMetadata>;
}

/** Of a pod only its state is read. */
function stateOf(pod: Live<Pod>): Live<Pod> {
  const { managedFields: _, ...metadata } = pod.metadata;
  return { apiVersion: pod.apiVersion, kind: pod.kind, metadata, status: pod.status } as Live<Pod>;
}

/** Makes all caches of the CodeSageServer controller. `clusterScoped` is false where there is no ClusterRole. */
export function createServerCaches(make: InformerFactory, { clusterScoped }: { clusterScoped: boolean }): ServerCaches {
  return {
    servers: make(codeSageServers, {}),
    deployments: make(deployments, ownChildren),
    pods: make(pods, { ...ownChildren, transform: stateOf }),
    services: make(services, ownChildren),
    configMaps: make(configMaps, ownChildren),
    ingresses: make(ingresses, { indexedLabels }),
    claims: make(persistentVolumeClaims, { indexedLabels }),
    secrets: make(secrets as ResourceType<PartialObjectMetadata>, {
      metadataOnly: true,
      indexedLabels,
      transform: identityOf,
    }),
    storageClasses: clusterScoped ? make(storageClasses, {}) : undefined,
  };
}

/** All caches, to be started and stopped together. */
export function cachesOf(caches: ServerCaches): Informer[] {
  return Object.values(caches).filter((cache) => cache !== undefined) as unknown as Informer[];
}
