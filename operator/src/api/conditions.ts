/** Decides which conditions a CodeSageServer reports, and every reason that they can give, with what each reason means. */

/** In the order in which they are reported; `Ready` is last because it sums up the others. */
export const conditionTypes = [
  'StorageReady',
  'SecretsResolved',
  'SourcesSynced',
  'IndexReady',
  'Available',
  'Progressing',
  'Verified',
  'ExposureReady',
  'Ready',
] as const;
export type ConditionType = (typeof conditionTypes)[number];

/** What each condition tells when it is True. */
export const conditionMeanings: Record<ConditionType, string> = {
  StorageReady: 'The volume that holds the index is bound, large enough and not full.',
  SecretsResolved: 'Every Secret that the spec names exists and has the keys that are needed.',
  SourcesSynced: 'Every source was fetched when it was last looked at.',
  IndexReady: 'Every source has a published index that can be searched.',
  Available: 'The wanted number of pods runs and answers its readiness probe.',
  Progressing: 'Something is changing: pods are being rolled out, or sources are being indexed.',
  Verified: 'The operator made an MCP handshake and a search through the Service, and both were answered.',
  ExposureReady: 'The Service, and the Ingress if one is asked for, exist and belong to this resource.',
  Ready: 'The server answers searches from an index of every source. Sums up the other conditions.',
};

/** Every reason of every condition. A reason never changes its meaning; tools may rely on it. */
export const reasons = {
  StorageReady: {
    Bound: 'The volume claim is bound.',
    Resizing: 'The volume is growing; the server keeps serving.',
    Provisioning: 'The volume claim waits for a volume.',
    StorageClassNotFound:
      'spec.storage.storageClassName names a class that does not exist, or there is no default class.',
    ClaimNotFound: 'spec.storage.existingClaim names a claim that does not exist.',
    ClaimDeleting: 'Someone deleted the volume claim; it goes when no pod uses it any more.',
    ClaimLost: 'The volume behind the claim is gone.',
    ClaimOwnedByAnother: 'A claim of the needed name exists and is not managed by this resource; it was left alone.',
    ResizeRefused: 'The cluster refused to grow the claim.',
    VolumeFull: 'The volume has no room left for the index; the published index keeps serving.',
    ChildRefused: 'The API server refused the volume claim.',
  },
  SecretsResolved: {
    NoneReferenced: 'The spec names no Secrets.',
    Resolved: 'All Secrets are there.',
    SecretNotFound: 'A Secret that the spec names does not exist (or may not be read).',
    SecretIncomplete: 'A Secret lacks the keys that are needed.',
    SecretOwnedByAnother:
      'A Secret of the name needed for the internal token is not managed by this resource; it was left alone.',
    ChildRefused: 'The API server refused the internal token Secret.',
  },
  SourcesSynced: {
    Synced: 'All sources were fetched.',
    Syncing: 'A source is being fetched for the first time.',
    AwaitingServer: 'No server pod answers that could tell.',
    Suspended: 'No pods are wanted, so nothing is fetched.',
    SourceClaimNotFound: 'A source names a volume claim that does not exist.',
    GitUnreachable: 'A git remote does not answer.',
    GitAuthenticationFailed: 'A git remote refused the credentials.',
    GitRefNotFound: 'A git remote has no such branch, tag or commit.',
    GitFailed: 'Git failed for another cause, which the message tells.',
    PathNotFound: 'The directory of a source does not exist in its volume.',
  },
  IndexReady: {
    Indexed: 'All sources have a published index.',
    EmbeddingModelMissing:
      'All sources have a published index; the embedding model is not there, so searches are ranked by full text alone.',
    EmbeddingModelInvalid:
      'All sources have a published index; the embedding model cannot be loaded, so searches are ranked by full text alone.',
    Indexing: 'A source is being indexed for the first time.',
    AwaitingServer: 'No server pod answers that could tell.',
    Suspended: 'No pods are wanted; the index is kept on its volume.',
    SourceFailed: 'A source could not be fetched yet, so it has no index; see SourcesSynced.',
    VolumeFull: 'A source has no index because the volume is full; see StorageReady.',
    IndexCorrupted: 'The index cannot be read.',
    IndexFormatUnsupported: 'The index was written by a newer server.',
    OutOfMemory: 'Indexing ran out of memory.',
    Internal: 'Indexing failed for a cause that the server did not foresee; the message tells it.',
  },
  Available: {
    PodsReady: 'All wanted pods are ready.',
    Starting: 'Pods are being started.',
    Suspended: 'No pods are wanted (spec.suspend, or replicas 0); all data is kept.',
    Unschedulable: 'No node takes the pod.',
    ImagePullFailed: 'The image cannot be pulled.',
    OutOfMemory: 'The container was killed because it went over its memory limit.',
    CrashLooping: 'The container keeps ending.',
    ContainerCreationFailed: 'The container cannot be created; the message tells why.',
    PodRefused: 'The API server refuses the pod, for example for a quota or a pod security level.',
    NotReady: 'The pod runs and its readiness probe fails.',
    DeploymentOwnedByAnother: 'A Deployment of the needed name is not managed by this resource; it was left alone.',
    ConfigMapOwnedByAnother: 'A ConfigMap of the needed name is not managed by this resource; it was left alone.',
    ChildRefused: 'The API server refused the Deployment or its ConfigMap; the message tells why.',
    Blocked: 'Pods are not created before another condition is met.',
  },
  Progressing: {
    Settled: 'Nothing is changing.',
    RollingOut: 'Pods are being replaced or started.',
    Indexing: 'A source is being fetched or indexed.',
    Stalled: 'Something is to change and cannot; another condition tells why.',
    ReconcileFailed:
      'The operator cannot look after this resource at the moment; the message tells why. It keeps trying.',
    Suspended: 'No pods are wanted.',
    Paused: 'The operator touches nothing (spec.paused, or the annotation codesage.dev/reconcile: disabled).',
  },
  Verified: {
    SearchAnswered: 'Handshake and search were answered.',
    AwaitingServer: 'Nothing is there yet to be verified.',
    Suspended: 'No pods are wanted.',
    Unreachable: 'The Service does not answer the operator.',
    HandshakeFailed: 'The MCP initialize call was not answered as MCP demands.',
    SearchFailed: 'The search call was answered with an error.',
  },
  ExposureReady: {
    ClusterInternal: 'The Service is there; no Ingress is asked for.',
    ExposedWithoutAuthentication:
      'The server can be reached from outside of the cluster, and spec.auth.mode is None: everybody who reaches it may search.',
    IngressReady: 'The Ingress is there and has an address.',
    IngressAwaitsAddress: 'The Ingress is there; its controller has told no address (some never do).',
    LoadBalancerPending: 'The cloud has not given the Service an address yet.',
    LoadBalancerReady: 'The Service has an external address.',
    NodePortReady: 'The Service is reachable on every node.',
    ServiceOwnedByAnother: 'A Service of the needed name is not managed by this resource; it was left alone.',
    NodePortTaken: 'The node port is used by another Service, or is outside of the range of the cluster.',
    IngressOwnedByAnother: 'An Ingress of the needed name is not managed by this resource; it was left alone.',
    IngressConflict: 'Another Ingress already uses this host and path.',
    TLSSecretNotFound: 'The Secret of spec.ingress.tls does not exist.',
    ChildRefused: 'The API server refused the Service or the Ingress; the message tells why.',
  },
  Ready: {
    Ready: 'The server serves.',
    Degraded: 'The server serves, but something needs attention; the message tells what.',
    Suspended: 'No pods are wanted.',
    NotReady: 'Another condition is not met; the message begins with its name.',
    SpecInvalid: 'The resource was stored by a version with another schema and cannot be understood.',
  },
} as const satisfies Record<ConditionType, Record<string, string>>;

export type ReasonOf<T extends ConditionType> = T extends ConditionType ? keyof (typeof reasons)[T] & string : never;
/** True, False, or Unknown while nothing is there that could tell. */
export type ConditionStatus = 'True' | 'False' | 'Unknown';

type VerdictOf<T extends ConditionType> = {
  type: T;
  status: ConditionStatus;
  reason: ReasonOf<T>;
  /** What is the case, and what to do about it. */
  message: string;
};
/** A condition as a decision made it, before it has a time. Its reason is one of its type. */
export type Verdict<T extends ConditionType = ConditionType> = { [Type in T]: VerdictOf<Type> }[T];

/** Makes a verdict whose reason belongs to its type. */
export function verdict<T extends ConditionType>(
  type: T,
  status: ConditionStatus,
  reason: ReasonOf<T>,
  message: string,
): Verdict<T> {
  return { type, status, reason, message } as Verdict<T>;
}
