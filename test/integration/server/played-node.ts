/** Decides what a node would do in a cluster that has none: bind claims to volumes, and run pods as the test tells. */
import type { V1PersistentVolume, V1PodStatus } from '@kubernetes/client-node';
import type { Client } from '../../../operator/src/runtime/client.ts';
import type { Live, ResourceType, Wire } from '../../../operator/src/runtime/resource.ts';
import {
  type PersistentVolumeClaim,
  type Pod,
  persistentVolumeClaims,
  pods,
  type StorageClass,
  storageClasses,
} from '../../../operator/src/runtime/resources.ts';

type PersistentVolume = Wire<V1PersistentVolume>;
export const persistentVolumes: ResourceType<PersistentVolume> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  namespaced: false,
};

export const playedClass = 'played';
export type PodState = Wire<V1PodStatus>;

const started = '2026-01-01T00:00:00Z';
const container = { name: 'server', image: 'i', imageID: 'i', restartCount: 0 };

/** States that a kubelet reports. */
export const podStates = {
  ready: {
    phase: 'Running',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: 'True' },
    ],
    containerStatuses: [{ ...container, ready: true, started: true, state: { running: { startedAt: started } } }],
  },
  running: {
    phase: 'Running',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: 'False' },
    ],
    containerStatuses: [{ ...container, ready: false, started: true, state: { running: { startedAt: started } } }],
  },
  imagePull: {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'True' }],
    containerStatuses: [
      { ...container, ready: false, state: { waiting: { reason: 'ImagePullBackOff', message: 'not found' } } },
    ],
  },
  outOfMemory: {
    phase: 'Running',
    conditions: [{ type: 'PodScheduled', status: 'True' }],
    containerStatuses: [
      {
        ...container,
        ready: false,
        restartCount: 3,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
      },
    ],
  },
  crashing: {
    phase: 'Running',
    conditions: [{ type: 'PodScheduled', status: 'True' }],
    containerStatuses: [
      {
        ...container,
        ready: false,
        restartCount: 2,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 1, reason: 'Error' } },
      },
    ],
  },
  unschedulable: {
    phase: 'Pending',
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: '0/1 nodes are available: 1 Insufficient memory.',
      },
    ],
  },
} as const satisfies Record<string, object>;
export type PodStateName = keyof typeof podStates;

export type PlayedNode = {
  /** What pods of this namespace do from now on. Default ready. */
  behave(namespace: string, state: PodStateName): void;
  stop(): Promise<void>;
};

/** Makes the default StorageClass `played`, and starts to bind claims of it and to run pods. */
export async function startPlayedNode(client: Client): Promise<PlayedNode> {
  await client.create(storageClasses, {
    metadata: { name: playedClass, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'example.com/played',
    allowVolumeExpansion: true,
  } as StorageClass);
  const behaviours = new Map<string, PodStateName>();
  const told = new Map<string, string>();
  let isRunning = true;

  async function bind(claim: Live<PersistentVolumeClaim>): Promise<void> {
    const { namespace, name, uid } = claim.metadata;
    const storage = claim.spec?.resources?.requests?.storage ?? '1Gi';
    const volume = `pv-${uid}`;
    const asked = told.get(uid);
    if (asked === storage) return;
    told.set(uid, storage);
    if (asked === undefined) {
      await client.create(persistentVolumes, {
        metadata: { name: volume },
        spec: {
          capacity: { storage },
          accessModes: claim.spec?.accessModes,
          storageClassName: playedClass,
          hostPath: { path: '/nowhere' },
          claimRef: { namespace, name, uid, kind: 'PersistentVolumeClaim', apiVersion: 'v1' },
        },
      } as PersistentVolume);
      return;
    }
    // What a resizer does: the volume first, then the claim's capacity.
    await client.mergePatch(persistentVolumes, { name: volume }, { spec: { capacity: { storage } } });
    await client.mergePatch(
      persistentVolumeClaims,
      { namespace: namespace ?? '', name },
      { status: { capacity: { storage } } },
      { subresource: 'status' },
    );
  }

  async function run(pod: Live<Pod>): Promise<void> {
    const { namespace = '', name, uid } = pod.metadata;
    const state = behaviours.get(namespace) ?? 'ready';
    if (told.get(uid) === state) return;
    told.set(uid, state);
    await client.mergePatch(pods, { namespace, name }, { status: podStates[state] }, { subresource: 'status' });
  }

  async function look(): Promise<void> {
    const [claims, running] = await Promise.all([client.list(persistentVolumeClaims), client.list(pods)]);
    for (const claim of claims.items) {
      if (claim.spec?.storageClassName === playedClass) await bind(claim).catch(() => told.delete(claim.metadata.uid));
    }
    for (const pod of running.items) await run(pod).catch(() => told.delete(pod.metadata.uid));
  }

  const loop = (async () => {
    while (isRunning) {
      await look().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();

  return {
    behave: (namespace, state) => void behaviours.set(namespace, state),
    async stop() {
      isRunning = false;
      await loop;
    },
  };
}
