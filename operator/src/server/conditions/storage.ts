/** Decides StorageReady: whether the volume of the index is there, large enough and not full. */
import { type ReasonOf, type Verdict, verdict } from '../../api/conditions.ts';
import type { PersistentVolumeClaim, StorageClass } from '../../runtime/resources.ts';
import { isMore } from '../desired/units.ts';
import { claimNameOf } from '../names.ts';
import type { Observed } from '../observed.ts';
import { enumerate, firstOf, type Judgement } from './first.ts';
import { problemsOf } from './problems.ts';

type Storage = Judgement<'StorageReady'>;

function no(reason: ReasonOf<'StorageReady'>, message: string): Verdict<'StorageReady'> {
  return verdict('StorageReady', 'False', reason, message);
}

const defaultClassAnnotation = 'storageclass.kubernetes.io/is-default-class';

/** Size that the claim asks for. */
export function requestedSize(claim: PersistentVolumeClaim | undefined): string | undefined {
  return claim?.spec?.resources?.requests?.storage;
}

/** The class of the claim, when classes can be read. */
export function classOf({ classes, claim }: Pick<Observed, 'classes' | 'claim'>): StorageClass | undefined {
  const name = claim?.spec?.storageClassName;
  return classes.readable ? classes.classes.find((candidate) => candidate.metadata?.name === name) : undefined;
}

/** True when the spec asks for more than the claim has and its class is known not to allow growth. */
export function cannotGrow(observed: Pick<Observed, 'server' | 'classes' | 'claim'>): boolean {
  const { storage } = observed.server.spec;
  const held = requestedSize(observed.claim);
  if (storage.existingClaim !== undefined || held === undefined || !isMore(storage.size, held)) return false;
  const storageClass = classOf(observed);
  return storageClass !== undefined && storageClass.allowVolumeExpansion !== true;
}

const ownedByAnother: Storage = ({ outcomes: { claim }, server }) =>
  claim.state === 'foreign'
    ? no(
        'ClaimOwnedByAnother',
        `PersistentVolumeClaim ${claim.name} exists and ${claim.owner}; it was left alone. To use it, create the CodeSageServer with spec.storage.existingClaim: ${claim.name}; else delete the claim, or give the CodeSageServer another name than ${server.metadata.name}.`,
      )
    : undefined;

const notFound: Storage = ({ claim, server }) =>
  claim === undefined && server.spec.storage.existingClaim !== undefined
    ? no(
        'ClaimNotFound',
        `PersistentVolumeClaim ${server.spec.storage.existingClaim} (spec.storage.existingClaim) does not exist: create it. It is used as soon as it appears.`,
      )
    : undefined;

const refusedAtCreation: Storage = ({ claim, outcomes }) =>
  claim === undefined && outcomes.claim.state === 'refused'
    ? no(
        'ChildRefused',
        `The API server refused PersistentVolumeClaim ${outcomes.claim.name}: ${outcomes.claim.message}. Correct spec.storage, or raise the quota that is named.`,
      )
    : undefined;

const lost: Storage = ({ claim }) =>
  claim?.status?.phase === 'Lost'
    ? no(
        'ClaimLost',
        `The volume ${claim.spec?.volumeName ?? ''} behind PersistentVolumeClaim ${claim.metadata?.name} is gone. Bring it back; or delete the claim, and the index is built again from its sources on a new volume.`,
      )
    : undefined;

const deleting: Storage = ({ claim }) =>
  claim?.metadata?.deletionTimestamp !== undefined
    ? no(
        'ClaimDeleting',
        `PersistentVolumeClaim ${claim.metadata.name} is being deleted and goes when the last pod leaves it; the index goes with it. Nothing is to be done if that is meant: a new claim is made, and the index is built again.`,
      )
    : undefined;

const full: Storage = (observed) => {
  const problem = problemsOf(observed).find(({ code }) => code === 'VolumeFull');
  if (problem === undefined) return undefined;
  const remedy =
    observed.server.spec.storage.existingClaim === undefined
      ? `Raise spec.storage.size (now ${observed.server.spec.storage.size})`
      : `Enlarge PersistentVolumeClaim ${claimNameOf(observed.server)}`;
  return no(
    'VolumeFull',
    `The volume of the index is full: ${problem.message} ${remedy}, or index less (exclude, maxFileSize). The published index keeps serving.`,
  );
};

function namesOf(classes: readonly StorageClass[]): string {
  const names = classes.map(({ metadata }) => metadata?.name ?? '');
  return names.length === 0 ? 'the cluster has no class at all' : `there are ${enumerate(names, 5)}`;
}

const classNotFound: Storage = ({ claim, classes, server }) => {
  if (!classes.readable || claim?.status?.phase === 'Bound') return undefined;
  const wanted = claim?.spec?.storageClassName ?? server.spec.storage.storageClassName;
  // An empty name asks for a volume that an administrator made by hand.
  if (wanted === '') return undefined;
  const has = (test: (candidate: StorageClass) => boolean) => classes.classes.some(test);
  if (wanted !== undefined && !has(({ metadata }) => metadata?.name === wanted)) {
    return no(
      'StorageClassNotFound',
      `StorageClass ${wanted} does not exist; ${namesOf(classes.classes)}. Create it; or create the CodeSageServer anew with another spec.storage.storageClassName (the class of a claim cannot be changed; delete the pending claim too).`,
    );
  }
  if (wanted === undefined && !has(({ metadata }) => metadata?.annotations?.[defaultClassAnnotation] === 'true')) {
    return no(
      'StorageClassNotFound',
      `spec.storage.storageClassName is not set and no StorageClass is the default; ${namesOf(classes.classes)}. Make one the default, or create the CodeSageServer anew with a class.`,
    );
  }
  return undefined;
};

const pending: Storage = ({ claim, server }) =>
  claim === undefined || claim.status?.phase !== 'Bound'
    ? no(
        'Provisioning',
        `PersistentVolumeClaim ${claimNameOf(server)} waits for a volume. If this lasts, look at its events: kubectl describe pvc ${claimNameOf(server)}.`,
      )
    : undefined;

const resizeRefused: Storage = (observed) => {
  const { outcomes, server } = observed;
  const asked = `PersistentVolumeClaim ${claimNameOf(server)} cannot grow to ${server.spec.storage.size}`;
  const rest =
    'The server keeps serving on the present volume; to move to a larger one, create another CodeSageServer.';
  if (cannotGrow(observed))
    return no(
      'ResizeRefused',
      `${asked}: its StorageClass does not set allowVolumeExpansion. Set it to true if the driver can grow volumes. ${rest}`,
    );
  return outcomes.claim.state === 'refused'
    ? no('ResizeRefused', `${asked}: ${outcomes.claim.message}. ${rest}`)
    : undefined;
};

const resizing: Storage = ({ claim }) => {
  const requested = requestedSize(claim);
  const capacity = claim?.status?.capacity?.storage;
  return requested !== undefined && capacity !== undefined && isMore(requested, capacity)
    ? verdict('StorageReady', 'True', 'Resizing', `The volume grows from ${capacity} to ${requested}.`)
    : undefined;
};

/** Judges StorageReady. */
export const judgeStorage = firstOf<'StorageReady'>(
  [ownedByAnother, notFound, refusedAtCreation, lost, deleting, full, classNotFound, pending, resizeRefused, resizing],
  ({ claim, server }) =>
    verdict(
      'StorageReady',
      'True',
      'Bound',
      `PersistentVolumeClaim ${claimNameOf(server)} is bound (${claim?.status?.capacity?.storage ?? 'size unknown'}).`,
    ),
);
