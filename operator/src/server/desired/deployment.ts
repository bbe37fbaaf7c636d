/** Decides the Deployment of a server with one pod: one writer of one volume, locked down, replaced and never doubled. */
import { endpoints, environment, paths, ports } from '@codesage/server/contract';
import type { V1Container, V1EnvVar, V1PodSpec, V1Probe } from '@kubernetes/client-node';
import { childAnnotations } from '../../api/group.ts';
import type { CodeSageServer } from '../../api/kinds.ts';
import type { Manifest, Wire } from '../../runtime/resource.ts';
import type { Deployment } from '../../runtime/resources.ts';
import { childNames, wantedReplicas } from '../names.ts';
import { maxMemoryMB } from './config.ts';
import { configHash } from './config-hash.ts';
import { imageOf } from './image.ts';
import type { DesiredInput } from './input.ts';
import { childLabels, childMetadata, podSelector } from './metadata.ts';
import { buildVolumeMounts, buildVolumes } from './volumes.ts';

/** User and group of the server's image; the group owns the volume. */
const serverUser = 1000;
/** Seconds a pod may take to come to a safe point of its indexing and close the index. */
const terminationSeconds = 60;

function buildEnv({ server }: DesiredInput): Wire<V1EnvVar>[] {
  const own = {
    [environment.config]: paths.config,
    [environment.dataDir]: paths.data,
    [environment.internalTokenFile]: paths.internalToken,
    [environment.maxMemoryMB]: String(maxMemoryMB({ server })),
  };
  const extra = (server.spec.podTemplate?.extraEnv ?? []) as Wire<V1EnvVar>[];
  return [...Object.entries(own).map(([name, value]) => ({ name, value })), ...extra];
}

function probe(path: string, timing: Omit<Wire<V1Probe>, 'httpGet'>): Wire<V1Probe> {
  return { httpGet: { path, port: 'internal' }, ...timing };
}

function quantities(values: Record<string, string | number | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

function buildContainer(input: DesiredInput): Wire<V1Container> {
  const { image, resources } = input.server.spec;
  return {
    name: 'server',
    image: imageOf(image, input.settings.serverImage),
    imagePullPolicy: image.pullPolicy,
    ports: [
      { name: 'http', containerPort: ports.http, protocol: 'TCP' },
      { name: 'internal', containerPort: ports.internal, protocol: 'TCP' },
    ],
    env: buildEnv(input),
    resources: { requests: quantities(resources.requests), limits: quantities(resources.limits) },
    volumeMounts: buildVolumeMounts(input),
    // A large index may take minutes to open; liveness counts only from then on.
    startupProbe: probe(endpoints.livez, { periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 150 }),
    livenessProbe: probe(endpoints.livez, { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }),
    readinessProbe: probe(endpoints.readyz, { periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 3 }),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

function buildPodSpec(input: DesiredInput): Wire<V1PodSpec> {
  const { scheduling, serviceAccountName, image } = input.server.spec;
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(serviceAccountName !== undefined && { serviceAccountName }),
    ...(image.pullSecrets && { imagePullSecrets: image.pullSecrets }),
    terminationGracePeriodSeconds: terminationSeconds,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: serverUser,
      runAsGroup: serverUser,
      fsGroup: serverUser,
      // Changing the owner of every file of a large index at each start would take minutes.
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [buildContainer(input)],
    volumes: buildVolumes(input),
    ...(scheduling as Partial<Wire<V1PodSpec>> | undefined),
  };
}

function podAnnotations(input: DesiredInput): Record<string, string> {
  return {
    ...input.server.spec.podTemplate?.annotations,
    'kubectl.kubernetes.io/default-container': 'server',
    [childAnnotations.configHash]: configHash(input),
  };
}

function podLabels(server: CodeSageServer): Record<string, string> {
  return { ...server.spec.podTemplate?.labels, ...childLabels(server, 'server') };
}

export function buildDeployment(input: DesiredInput): Manifest<Deployment> {
  const { server } = input;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: childMetadata(server, { name: childNames(server.metadata.name).deployment, component: 'server' }),
    spec: {
      replicas: wantedReplicas(server),
      revisionHistoryLimit: 3,
      // Two pods must never write one index, and a ReadWriteOnce volume could not follow to another node.
      strategy: { type: 'Recreate' },
      selector: { matchLabels: podSelector(server) },
      template: {
        metadata: { labels: podLabels(server), annotations: podAnnotations(input) },
        spec: buildPodSpec(input),
      },
    },
  };
}
