/** Decides the names of the built-in kinds that operators commonly own or watch. */
import type {
  CoreV1Event,
  EventsV1Event,
  V1ConfigMap,
  V1CustomResourceDefinition,
  V1Deployment,
  V1Ingress,
  V1Job,
  V1Lease,
  V1Namespace,
  V1PersistentVolumeClaim,
  V1Pod,
  V1Secret,
  V1Service,
  V1ServiceAccount,
  V1StorageClass,
} from '@kubernetes/client-node';
import type { ResourceType, Wire } from './resource.ts';

export type Deployment = Wire<V1Deployment>;
export type Service = Wire<V1Service>;
export type ConfigMap = Wire<V1ConfigMap>;
export type Secret = Wire<V1Secret>;
export type PersistentVolumeClaim = Wire<V1PersistentVolumeClaim>;
export type Pod = Wire<V1Pod>;
export type Ingress = Wire<V1Ingress>;
export type Job = Wire<V1Job>;
export type Lease = Wire<V1Lease>;
export type Namespace = Wire<V1Namespace>;
export type ServiceAccount = Wire<V1ServiceAccount>;
export type StorageClass = Wire<V1StorageClass>;
export type CustomResourceDefinition = Wire<V1CustomResourceDefinition>;
export type CoreEvent = Wire<CoreV1Event>;
export type Event = Wire<EventsV1Event>;

const core = { group: '', version: 'v1', namespaced: true } as const;

export const configMaps: ResourceType<ConfigMap> = { ...core, kind: 'ConfigMap', plural: 'configmaps' };
export const namespaces: ResourceType<Namespace> = {
  ...core,
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};
export const coreEvents: ResourceType<CoreEvent> = { ...core, kind: 'Event', plural: 'events' };
export const persistentVolumeClaims: ResourceType<PersistentVolumeClaim> = {
  ...core,
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
};
export const pods: ResourceType<Pod> = { ...core, kind: 'Pod', plural: 'pods' };
export const secrets: ResourceType<Secret> = { ...core, kind: 'Secret', plural: 'secrets' };
export const services: ResourceType<Service> = { ...core, kind: 'Service', plural: 'services' };
export const serviceAccounts: ResourceType<ServiceAccount> = {
  ...core,
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
};
export const deployments: ResourceType<Deployment> = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
};
export const jobs: ResourceType<Job> = { group: 'batch', version: 'v1', kind: 'Job', plural: 'jobs', namespaced: true };
export const ingresses: ResourceType<Ingress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  namespaced: true,
};
export const leases: ResourceType<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};
export const events: ResourceType<Event> = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};
export const storageClasses: ResourceType<StorageClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  namespaced: false,
};
export const customResourceDefinitions: ResourceType<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};
