/** Decides why a pod does not serve, from what the kubelet and the scheduler say about it. */
import type { V1ContainerStatus } from '@kubernetes/client-node';
import type { ReasonOf } from '../../api/conditions.ts';
import type { Wire } from '../../runtime/resource.ts';
import type { Pod } from '../../runtime/resources.ts';

export type PodTrouble = { reason: ReasonOf<'Available'>; message: string };

const pullReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
]);
const creationReasons = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'ContainerCannotRun',
]);

export function isReady(pod: Pod): boolean {
  return (
    pod.metadata?.deletionTimestamp === undefined &&
    pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
  );
}

/** True when the server's container runs, ready or not: it may answer questions. */
export function isRunning(pod: Pod): boolean {
  return (
    pod.metadata?.deletionTimestamp === undefined &&
    pod.status?.containerStatuses?.some(({ state }) => state?.running !== undefined) === true
  );
}

function unschedulable(pod: Pod): PodTrouble | undefined {
  const condition = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return condition?.status === 'False'
    ? {
        reason: 'Unschedulable',
        message: `No node takes pod ${pod.metadata?.name}: ${condition.message ?? condition.reason ?? 'no explanation'} Lower spec.resources.requests, change spec.scheduling, or add a node.`,
      }
    : undefined;
}

function fromContainer(status: Wire<V1ContainerStatus>): PodTrouble | undefined {
  const { waiting } = status.state ?? {};
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  if (waiting?.reason !== undefined && pullReasons.has(waiting.reason)) {
    return {
      reason: 'ImagePullFailed',
      message: `Image ${status.image} cannot be pulled: ${waiting.message ?? waiting.reason}. Correct spec.image, or add a pull secret (spec.image.pullSecrets).`,
    };
  }
  if (waiting?.reason !== undefined && creationReasons.has(waiting.reason)) {
    return {
      reason: 'ContainerCreationFailed',
      message: `The container cannot be created: ${waiting.message ?? waiting.reason}. Correct what it names in spec.podTemplate, or create it.`,
    };
  }
  if (status.ready || ended === undefined) return undefined;
  if (ended.reason === 'OOMKilled') {
    return {
      reason: 'OutOfMemory',
      message:
        'The server was killed because it went over its memory limit: raise spec.resources.limits.memory, or lower spec.cache and spec.indexing.concurrency. The published index is kept.',
    };
  }
  if (waiting?.reason !== 'CrashLoopBackOff' && status.state?.terminated === undefined) return undefined;
  // A container that ends with 0 was told to; anything else is a crash.
  if (ended.exitCode === 0 && waiting === undefined) return undefined;
  const told = ended.message?.trim().split('\n').at(-1);
  return {
    reason: 'CrashLooping',
    message: `The server ended with exit code ${ended.exitCode}${told ? `: ${told}` : ''}. Read its last log: kubectl logs --previous.`,
  };
}

/** Why the pod does not serve, or undefined when it serves or is only on its way. */
export function troubleOf(pod: Pod): PodTrouble | undefined {
  if (pod.metadata?.deletionTimestamp !== undefined || isReady(pod)) return undefined;
  const [first] = (pod.status?.containerStatuses ?? []).map(fromContainer).filter((trouble) => trouble !== undefined);
  return unschedulable(pod) ?? first;
}
