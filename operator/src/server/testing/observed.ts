/** Decides what a healthy server looks like to the pure parts, so that each test says only what is different. */
import type { AdminStatus } from '@codesage/server/contract';
import { apiVersion } from '../../api/group.ts';
import { type CodeSageServer, serverKind } from '../../api/kinds.ts';
import { type ServerSpecInput, serverSpecSchema } from '../../api/server-spec.ts';
import type { Live } from '../../runtime/resource.ts';
import type { Deployment, PersistentVolumeClaim, Pod, Service } from '../../runtime/resources.ts';
import type { DesiredInput } from '../desired/input.ts';
import type { ChildOutcome, Observed } from '../observed.ts';

export type SpecChange = Partial<ServerSpecInput>;

const code = { name: 'code', git: { url: 'https://git.example.com/code.git' } };

/** The smallest server, with `change` over it. */
export function serverOf(change: SpecChange = {}, metadata: Partial<CodeSageServer['metadata']> = {}): CodeSageServer {
  return {
    apiVersion,
    kind: serverKind.kind,
    metadata: { name: 'demo', namespace: 'team', uid: 'uid-demo', generation: 1, ...metadata },
    spec: serverSpecSchema.parse({ sources: [code], ...change }),
  };
}

export function inputOf(change: SpecChange = {}, more: Partial<DesiredInput> = {}): DesiredInput {
  return {
    server: serverOf(change),
    settings: { serverImage: 'localhost/codesage-server:1.2.3' },
    internalToken: 'secret-token',
    secretDigests: {},
    presentClaims: new Set(),
    ...more,
  };
}

export function claimOf(
  phase = 'Bound',
  size = '10Gi',
  change: Partial<PersistentVolumeClaim> = {},
): Live<PersistentVolumeClaim> {
  return {
    metadata: { name: 'demo-index', namespace: 'team', uid: 'uid-claim', resourceVersion: '1' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'standard',
      volumeName: 'pv-1',
      resources: { requests: { storage: size } },
    },
    status: { phase, capacity: { storage: size } },
    ...change,
  } as Live<PersistentVolumeClaim>;
}

export function deploymentOf(
  status: Deployment['status'] = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1 },
): Live<Deployment> {
  return {
    metadata: { name: 'demo', namespace: 'team', uid: 'uid-deployment', resourceVersion: '1', generation: 1 },
    status,
  } as Live<Deployment>;
}

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

/** A pod whose only container has this state; ready and running without one. */
export function podOf(
  container: Partial<ContainerStatus> = { ready: true, started: true, state: { running: {} } },
  conditions: { type: string; status: string; message?: string }[] = [],
): Live<Pod> {
  return {
    metadata: { name: 'demo-abc', namespace: 'team', uid: 'uid-pod', resourceVersion: '1' },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: container.ready ? 'True' : 'False' }, ...conditions],
      containerStatuses: [{ name: 'server', image: 'img:1', imageID: '', restartCount: 0, ready: false, ...container }],
    },
  } as Live<Pod>;
}

export const codebase: AdminStatus['codebases'][number] = {
  name: 'code',
  state: 'Ready',
  revision: 'abc',
  files: 120,
  chunks: 900,
  indexedAt: '2026-01-01T00:00:00.000Z',
  skipped: {},
};

export function adminOf(change: Partial<AdminStatus> = {}): Observed['admin'] {
  return {
    state: 'answered',
    status: {
      version: '1.2.3',
      startedAt: '2026-01-01T00:00:00.000Z',
      health: { http: 'ok', mcp: 'ok', memory: 'ok', index: 'ok' },
      codebases: [codebase],
      index: { sizeBytes: 1_234_567, formatVersion: 1, embedding: 'static' },
      volume: { capacityBytes: 100, usedBytes: 12, usedPercent: 12 },
      cache: { hitRate: 0.48 },
      embeddedChunks: 0,
      memory: { rssBytes: 1, peakRssBytes: 1, maxBytes: 2 },
      ...change,
    },
  };
}

const applied: ChildOutcome = { state: 'applied' };

/** A server of which all is well. */
export function observedOf(change: Partial<Observed> = {}): Observed {
  return {
    server: serverOf(),
    image: 'localhost/codesage-server:1.2.3',
    claim: claimOf(),
    missingClaims: [],
    missingModelClaim: undefined,
    classes: {
      readable: true,
      classes: [
        {
          metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
          provisioner: 'p',
          allowVolumeExpansion: true,
        },
      ],
    },
    secrets: {},
    tlsSecretExists: undefined,
    deployment: deploymentOf(),
    pods: [podOf()],
    service: { metadata: { name: 'demo' }, spec: { type: 'ClusterIP', ports: [{ port: 8000 }] } } as Live<Service>,
    ingress: undefined,
    conflictingIngress: undefined,
    outcomes: {
      claim: applied,
      token: applied,
      configMap: applied,
      service: applied,
      internalService: applied,
      deployment: applied,
      ingress: { state: 'unwanted' },
    },
    admin: adminOf(),
    verification: { state: 'answered', server: 'CodeSage 1.2.3' },
    ...change,
  };
}
