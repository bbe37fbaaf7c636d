/** Decides Available: whether the wanted pods run and are ready, and if not, why. */
import { verdict } from '../../api/conditions.ts';
import { wantedReplicas } from '../names.ts';
import type { ChildOutcome, Observed } from '../observed.ts';
import { firstOf, isSuspended, type Judgement } from './first.ts';
import { isReady, isRunning, troubleOf } from './pods.ts';

type Available = Judgement<'Available'>;

function byOutcome(outcome: ChildOutcome, foreign: 'DeploymentOwnedByAnother' | 'ConfigMapOwnedByAnother') {
  if (outcome.state === 'foreign') {
    return verdict(
      'Available',
      'False',
      foreign,
      `${outcome.kind} ${outcome.name} exists and ${outcome.owner}; it was left alone. Delete or rename it, or give the CodeSageServer another name.`,
    );
  }
  if (outcome.state === 'refused') {
    return verdict(
      'Available',
      'False',
      'ChildRefused',
      `The API server refused ${outcome.kind} ${outcome.name}: ${outcome.message}. Correct what it names in spec.podTemplate, spec.scheduling or spec.resources.`,
    );
  }
  if (outcome.state === 'predecessor') {
    return verdict(
      'Available',
      'False',
      'Starting',
      `Waits until ${outcome.kind} ${outcome.name} of the deleted CodeSageServer of the same name is gone.`,
    );
  }
  return outcome.state === 'held'
    ? verdict('Available', 'False', 'Blocked', `Pods are not created: ${outcome.because}.`)
    : undefined;
}

const childProblem: Available = ({ outcomes }) =>
  byOutcome(outcomes.configMap, 'ConfigMapOwnedByAnother') ??
  byOutcome(outcomes.deployment, 'DeploymentOwnedByAnother');

const suspended: Available = (observed) => {
  if (!isSuspended(observed)) return undefined;
  const cause = observed.server.spec.suspend ? 'spec.suspend is true' : 'spec.replicas is 0';
  return verdict('Available', 'False', 'Suspended', `No pods are wanted: ${cause}. All data is kept.`);
};

/** True when the Deployment's pods are all there, ready, and of its present template. */
export function isRolledOut({ deployment, server }: Pick<Observed, 'deployment' | 'server'>): boolean {
  const { status, metadata } = deployment ?? {};
  const wanted = wantedReplicas(server);
  return (
    status !== undefined &&
    (status.observedGeneration ?? 0) >= (metadata?.generation ?? 0) &&
    (status.replicas ?? 0) === wanted &&
    (status.updatedReplicas ?? 0) === wanted &&
    (status.readyReplicas ?? 0) === wanted
  );
}

const rolledOut: Available = (observed) =>
  isRolledOut(observed)
    ? verdict(
        'Available',
        'True',
        'PodsReady',
        observed.server.spec.replicas === 1
          ? 'The pod is ready.'
          : `All ${observed.server.spec.replicas} pods are ready.`,
      )
    : undefined;

const podRefused: Available = ({ deployment }) => {
  const failure = deployment?.status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  return failure === undefined
    ? undefined
    : verdict(
        'Available',
        'False',
        'PodRefused',
        `The API server refuses the pod: ${failure.message ?? failure.reason}. Raise the quota or change the policy that it names.`,
      );
};

const podTrouble: Available = ({ pods }) => {
  const [trouble] = pods.map(troubleOf).filter((found) => found !== undefined);
  return trouble === undefined ? undefined : verdict('Available', 'False', trouble.reason, trouble.message);
};

const notReady: Available = ({ pods }) => {
  const started = pods.find(
    (pod) => isRunning(pod) && !isReady(pod) && pod.status?.containerStatuses?.some(({ started }) => started),
  );
  return started === undefined
    ? undefined
    : verdict(
        'Available',
        'False',
        'NotReady',
        `Pod ${started.metadata?.name} runs and its index is not open yet. If this lasts, read its log: kubectl logs ${started.metadata?.name}.`,
      );
};

const starting: Available = ({ pods }) => {
  const name = pods.find(({ metadata }) => metadata?.deletionTimestamp === undefined)?.metadata?.name;
  return name === undefined
    ? undefined
    : verdict(
        'Available',
        'False',
        'Starting',
        `Pod ${name} is being started. If this lasts, look at its events: kubectl describe pod ${name}.`,
      );
};

/** Judges Available. */
export const judgeAvailable = firstOf<'Available'>(
  [childProblem, suspended, rolledOut, podRefused, podTrouble, notReady, starting],
  () => verdict('Available', 'False', 'Starting', 'The pod is being created.'),
);
