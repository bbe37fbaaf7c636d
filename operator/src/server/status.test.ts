import { describe, expect, test } from 'vitest';
import type { ConditionType } from '../api/conditions.ts';
import type { Live } from '../runtime/resource.ts';
import type { Ingress, Pod } from '../runtime/resources.ts';
import type { Observed } from './observed.ts';
import { buildStatus, judgeAll } from './status.ts';
import { adminOf, claimOf, codebase, deploymentOf, observedOf, podOf, serverOf } from './testing/observed.ts';

const now = new Date('2026-02-01T10:00:00.500Z');
const since = '2026-01-01T00:00:00.000Z';
const problem = (code: NonNullable<typeof codebase.problem>['code']) => ({ code, message: `${code} happened.`, since });
const starting = {
  deployment: deploymentOf({ observedGeneration: 1, replicas: 1, updatedReplicas: 1 }),
  admin: { state: 'not-asked' },
  verification: { state: 'not-tried' },
} as const;
const unpublished = { ...codebase, indexedAt: undefined, files: 0, chunks: 0 };
const foreign = (kind: string, name: string) =>
  ({ state: 'foreign', kind, name, owner: 'belongs to Deployment web' }) as const;
const outcomes = (change: Partial<Observed['outcomes']>) => ({ outcomes: { ...observedOf().outcomes, ...change } });
const waiting = (reason: string, message = '') => podOf({ ready: false, state: { waiting: { reason, message } } });
const withoutClass = { classes: { readable: true, classes: [] } } as const;
const fresh = (phase: string) => claimOf(phase, '10Gi', { spec: { resources: { requests: { storage: '10Gi' } } } });

/** What is different from a healthy server, and the condition that this gives. */
const tokens = { auth: { mode: 'Token' as const, tokenSecretRef: { name: 'clients' } } };
const models = { llm: { providers: [{ name: 'groq' as const, apiKeySecretRef: { name: 'models', key: 'groq' } }] } };
const table: [string, Partial<Observed>, ConditionType, string, RegExp][] = [
  ['a healthy server', {}, 'StorageReady', 'True Bound', /demo-index is bound \(10Gi\)/],
  [
    'a claim that waits',
    { claim: claimOf('Pending') },
    'StorageReady',
    'False Provisioning',
    /kubectl describe pvc demo-index/,
  ],
  [
    'no default class',
    { ...withoutClass, claim: fresh('Pending') },
    'StorageReady',
    'False StorageClassNotFound',
    /no StorageClass is the default; the cluster has no class at all/,
  ],
  ['a class that is gone after binding', withoutClass, 'StorageReady', 'True Bound', /./],
  [
    'classes that may not be read',
    { classes: { readable: false }, claim: fresh('Pending') },
    'StorageReady',
    'False Provisioning',
    /./,
  ],
  [
    'a claim that grows',
    { claim: { ...claimOf('Bound', '20Gi'), status: { phase: 'Bound', capacity: { storage: '10Gi' } } } },
    'StorageReady',
    'True Resizing',
    /from 10Gi to 20Gi/,
  ],
  [
    'a claim that is being deleted',
    { claim: claimOf('Bound', '10Gi', { metadata: { name: 'demo-index', deletionTimestamp: since } } as never) },
    'StorageReady',
    'False ClaimDeleting',
    /is being deleted/,
  ],
  [
    'a refused growth',
    outcomes({
      claim: {
        state: 'refused',
        kind: 'PersistentVolumeClaim',
        name: 'demo-index',
        code: 'Forbidden',
        message: 'quota',
      },
    }),
    'StorageReady',
    'False ResizeRefused',
    /quota/,
  ],
  [
    'a full volume',
    { admin: adminOf({ index: { sizeBytes: 1, formatVersion: 1, embedding: 'x', problem: problem('VolumeFull') } }) },
    'StorageReady',
    'False VolumeFull',
    /Raise spec\.storage\.size/,
  ],
  ['no Secrets', {}, 'SecretsResolved', 'True NoneReferenced', /./],
  [
    'no Secret of tokens',
    { server: serverOf(tokens), secrets: { clients: undefined } },
    'SecretsResolved',
    'False SecretNotFound',
    /Secret clients does not exist \(auth\.tokenSecretRef\).*a key for each client/,
  ],
  [
    'a Secret without any token',
    { server: serverOf(tokens), secrets: { clients: { digest: 'd', keys: [] } } },
    'SecretsResolved',
    'False SecretIncomplete',
    /clients .*is empty/,
  ],
  [
    'a Secret without the key of a model provider',
    { server: serverOf(models), secrets: { models: { digest: 'd', keys: ['other'] } } },
    'SecretsResolved',
    'False SecretIncomplete',
    /lacks the key groq that is needed for llm provider groq/,
  ],
  [
    'tokens and model keys',
    {
      server: serverOf({ ...tokens, ...models }),
      secrets: { clients: { digest: 'd', keys: ['ci'] }, models: { digest: 'd', keys: ['groq'] } },
    },
    'SecretsResolved',
    'True Resolved',
    /All 2 Secrets/,
  ],
  [
    'first fetch',
    { admin: adminOf({ codebases: [{ ...unpublished, state: 'Syncing' }] }) },
    'SourcesSynced',
    'False Syncing',
    /Fetching code/,
  ],
  [
    'a pod of an older configuration',
    { admin: adminOf({ codebases: [] }) },
    'SourcesSynced',
    'False Syncing',
    /Fetching code/,
  ],
  ['no pod', starting, 'SourcesSynced', 'Unknown AwaitingServer', /./],
  [
    'a silent pod',
    { admin: { state: 'failed', message: 'no answer' } },
    'IndexReady',
    'Unknown AwaitingServer',
    /no answer.*kubectl logs demo-abc.*NetworkPolicies/,
  ],
  [
    'a first index',
    {
      admin: adminOf({
        codebases: [
          { ...unpublished, state: 'Indexing', progress: { filesDone: 129, filesTotal: 1000, chunksDone: 3 } },
        ],
      }),
    },
    'IndexReady',
    'False Indexing',
    /code \(10 % of 1000 files\)/,
  ],
  [
    'a source without index that fails',
    { admin: adminOf({ codebases: [{ ...unpublished, state: 'Failed', problem: problem('GitUnreachable') }] }) },
    'IndexReady',
    'False SourceFailed',
    /source code: GitUnreachable happened/,
  ],
  [
    'a first index that ran out of memory',
    { admin: adminOf({ codebases: [{ ...unpublished, state: 'Failed', problem: problem('OutOfMemory') }] }) },
    'IndexReady',
    'False OutOfMemory',
    /./,
  ],
  [
    'a corrupt index',
    {
      admin: adminOf({ index: { sizeBytes: 1, formatVersion: 1, embedding: 'x', problem: problem('IndexCorrupted') } }),
    },
    'IndexReady',
    'False IndexCorrupted',
    /./,
  ],
  [
    '[embedding.absent] a missing model',
    {
      admin: adminOf({
        index: { sizeBytes: 1, formatVersion: 1, embedding: 'none', problem: problem('EmbeddingModelMissing') },
      }),
    },
    'IndexReady',
    'True EmbeddingModelMissing',
    /files of one source are indexed\. EmbeddingModelMissing happened/,
  ],
  [
    '[embedding.absent] a model whose volume is not there',
    {
      missingModelClaim: 'models',
      admin: adminOf({
        index: { sizeBytes: 1, formatVersion: 1, embedding: 'none', problem: problem('EmbeddingModelMissing') },
      }),
    },
    'IndexReady',
    'True EmbeddingModelMissing',
    /PersistentVolumeClaim models of spec\.embedding\.modelVolume does not exist.*create it/,
  ],
  [
    '[embedding.absent] a wrong model, in the sum',
    {
      admin: adminOf({
        index: { sizeBytes: 1, formatVersion: 1, embedding: 'none', problem: problem('EmbeddingModelInvalid') },
      }),
    },
    'Ready',
    'True Degraded',
    /Serving, but EmbeddingModelInvalid happened/,
  ],
  ['a pod that starts', { ...starting, pods: [] }, 'Available', 'False Starting', /./],
  [
    'a Deployment whose controller is behind',
    { deployment: deploymentOf({ observedGeneration: 0, replicas: 1, updatedReplicas: 1, readyReplicas: 1 }) },
    'Available',
    'False Starting',
    /./,
  ],
  [
    'an image that is not there',
    { ...starting, pods: [waiting('ErrImagePull', 'not found')] },
    'Available',
    'False ImagePullFailed',
    /img:1 cannot be pulled: not found/,
  ],
  [
    'a Secret of extraEnv that is not there',
    { ...starting, pods: [waiting('CreateContainerConfigError', 'secret "x" not found')] },
    'Available',
    'False ContainerCreationFailed',
    /secret "x" not found/,
  ],
  [
    'a pod that no node takes',
    { ...starting, pods: [podOf({}, [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes.' }])] },
    'Available',
    'False Unschedulable',
    /0\/1 nodes\..*spec\.resources\.requests/,
  ],
  [
    'a pod whose index opens',
    { ...starting, pods: [podOf({ ready: false, started: true, state: { running: {} } })] },
    'Available',
    'False NotReady',
    /kubectl logs demo-abc/,
  ],
  [
    'a pod that was killed for memory and runs again',
    {
      ...starting,
      pods: [
        podOf({
          ready: false,
          state: { running: {} },
          lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
        }),
      ],
    },
    'Available',
    'False OutOfMemory',
    /limits\.memory/,
  ],
  [
    'a pod that ends with its cause',
    {
      ...starting,
      pods: [
        podOf({
          ready: false,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 2, message: 'a\nConfigInvalid: x' } },
        }),
      ],
    },
    'Available',
    'False CrashLooping',
    /exit code 2: ConfigInvalid: x/,
  ],
  [
    'a child of a deleted namesake',
    { ...starting, ...outcomes({ deployment: { state: 'predecessor', kind: 'Deployment', name: 'demo' } }) },
    'Available',
    'False Starting',
    /of the deleted CodeSageServer/,
  ],
  [
    'a claim of somebody else',
    {
      ...starting,
      ...outcomes({
        claim: foreign('PersistentVolumeClaim', 'demo-index'),
        deployment: { state: 'held', because: 'x' },
      }),
    },
    'Available',
    'False Blocked',
    /./,
  ],
  ['a pod to be verified', { verification: { state: 'not-tried' } }, 'Verified', 'Unknown AwaitingServer', /./],
  [
    'a Service that does not answer',
    { verification: { state: 'failed', reason: 'Unreachable', message: 'No answer.' } },
    'Verified',
    'False Unreachable',
    /No answer\..*Service demo/,
  ],
  ['a Service inside the cluster', {}, 'ExposureReady', 'True ClusterInternal', /./],
  [
    '[operator.access] an Ingress for everybody',
    { server: serverOf({ ingress: {} }) },
    'ExposureReady',
    'True ExposedWithoutAuthentication',
    /spec\.auth\.mode is None/,
  ],
  [
    'an Ingress for holders of tokens',
    { server: serverOf({ ingress: {}, ...tokens }) },
    'ExposureReady',
    'True IngressAwaitsAddress',
    /./,
  ],
  [
    'a load balancer that waits',
    { server: serverOf({ service: { type: 'LoadBalancer' } }) },
    'ExposureReady',
    'False LoadBalancerPending',
    /./,
  ],
  [
    'an Ingress without address',
    { server: serverOf({ ingress: { host: 'a.b' } }) },
    'ExposureReady',
    'True ExposedWithoutAuthentication',
    /className/,
  ],
  ['a settled server', {}, 'Progressing', 'False Settled', /./],
  [
    'a server that indexes a change',
    { admin: adminOf({ codebases: [{ ...codebase, state: 'Indexing' }] }) },
    'Progressing',
    'True Indexing',
    /code/,
  ],
  ['a server that starts', starting, 'Progressing', 'True RollingOut', /./],
  [
    'a server that cannot go on',
    { ...starting, pods: [waiting('ErrImagePull')] },
    'Progressing',
    'False Stalled',
    /Available/,
  ],
];

describe('[api.conditions] conditions', () => {
  test.each(table)('%s', (_what, change, type, expected, says) => {
    const found = judgeAll(observedOf(change)).find((verdict) => verdict.type === type);
    expect(`${found?.status} ${found?.reason}`).toBe(expected);
    expect(found?.message).toMatch(says);
  });
});

/** What is different, and the phase and Ready that this gives. */
const sums: [string, Partial<Observed>, string, RegExp][] = [
  ['a healthy server', {}, 'Ready True Ready', /^120 files of one source are indexed\.$/],
  [
    'a suspended one',
    { ...starting, server: serverOf({ suspend: true }) },
    'Suspended False Suspended',
    /spec\.suspend is true/,
  ],
  [
    'a claim that waits',
    { ...starting, claim: claimOf('Pending'), pods: [] },
    'Pending False NotReady',
    /^IndexReady|^Available/,
  ],
  ['a pod that starts', starting, 'Starting False NotReady', /./],
  [
    'a first index',
    { admin: adminOf({ codebases: [{ ...unpublished, state: 'Indexing' }] }), verification: { state: 'not-tried' } },
    'Indexing False NotReady',
    /^IndexReady: Indexing code/,
  ],
  [
    'a failure behind a wait',
    { ...starting, pods: [waiting('ErrImagePull')] },
    'Failed False NotReady',
    /^Available: Image/,
  ],
  [
    'a claim of somebody else',
    {
      ...starting,
      ...outcomes({
        claim: foreign('PersistentVolumeClaim', 'demo-index'),
        deployment: { state: 'held', because: 'x' },
      }),
    },
    'Failed False NotReady',
    /^StorageReady: PersistentVolumeClaim demo-index exists and belongs to Deployment web/,
  ],
  [
    'a remote that is down, with an index',
    { admin: adminOf({ codebases: [{ ...codebase, problem: problem('GitUnreachable') }] }) },
    'Degraded True Degraded',
    /^Serving, but SourcesSynced: source code: GitUnreachable/,
  ],
  [
    'a run that failed, with an index',
    { admin: adminOf({ codebases: [{ ...codebase, problem: problem('Internal') }] }) },
    'Degraded True Degraded',
    /^Serving, but source code: Internal/,
  ],
  [
    'a search that fails',
    { verification: { state: 'failed', reason: 'SearchFailed', message: 'It failed.' } },
    'Failed False NotReady',
    /^Verified: It failed/,
  ],
];

test.each(sums)('[api.conditions] Ready sums up %s', (_what, change, expected, says) => {
  const { phase, conditions } = buildStatus(observedOf(change), undefined, now);
  const ready = conditions?.at(-1);
  expect(`${phase} ${ready?.status} ${ready?.reason}`).toBe(expected);
  expect(ready?.message).toMatch(says);
});

describe('[operator.status-only-when-different] the status', () => {
  const first = buildStatus(observedOf(), undefined, now);
  const later = new Date('2026-02-02T00:00:00Z');

  test('does not change with time', () => expect(buildStatus(observedOf(), first, later)).toEqual(first));

  const small: [string, Partial<Observed>][] = [
    ['a little more of cache hits', { admin: adminOf({ cache: { hitRate: 0.5 } }) }],
    [
      'some bytes more on the volume',
      { admin: adminOf({ volume: { capacityBytes: 100, usedBytes: 11, usedPercent: 11 } }) },
    ],
    [
      'some bytes more of index',
      { admin: adminOf({ index: { sizeBytes: 1_240_000, formatVersion: 1, embedding: 'static' } }) },
    ],
    [
      'another restart time and memory',
      { admin: adminOf({ startedAt: later.toISOString(), memory: { rssBytes: 5, peakRssBytes: 5, maxBytes: 5 } }) },
    ],
  ];
  test.each(small)('does not change with %s', (_what, change) =>
    expect(buildStatus(observedOf(change), first, later)).toEqual(first),
  );

  test('keeps the time of a condition whose status stays, and moves it when that changes', () => {
    const silent = buildStatus(observedOf({ admin: { state: 'failed', message: 'x' } }), first, later);
    const timeOf = (type: string) =>
      silent.conditions?.find((condition) => condition.type === type)?.lastTransitionTime;
    expect(timeOf('Available')).toBe('2026-02-01T10:00:00Z');
    expect(timeOf('IndexReady')).toBe('2026-02-02T00:00:00Z');
  });

  test('keeps what a pod told last while none answers, but not of sources that are gone, and no health', () => {
    const silent = buildStatus(observedOf({ admin: { state: 'not-asked' } }), first, later);
    expect(silent).toMatchObject({ version: '1.2.3', index: { files: 120 }, codebases: [{ name: 'code' }] });
    expect(silent.health).toBeUndefined();
    const other = serverOf({ sources: [{ name: 'other', git: { url: 'https://x' } }] });
    expect(buildStatus(observedOf({ server: other, admin: { state: 'not-asked' } }), first, later).codebases).toEqual(
      [],
    );
  });
});

const withAddress = { status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } } } as Live<Ingress>;
const urls: [string, Partial<Observed>, string][] = [
  ['inside the cluster', {}, 'http://demo.team.svc:8000/mcp'],
  ['by host', { server: serverOf({ ingress: { host: 'a.b' } }) }, 'http://a.b/mcp'],
  [
    'by host, path and TLS',
    { server: serverOf({ ingress: { host: 'a.b', path: '/x', tls: {} } }) },
    'https://a.b/x/mcp',
  ],
  ["by the ingress's address", { server: serverOf({ ingress: {} }), ingress: withAddress }, 'http://10.0.0.1/mcp'],
  ['behind a wildcard', { server: serverOf({ ingress: { host: '*.b' } }) }, 'http://demo.team.svc:8000/mcp'],
];
test.each(urls)('the URL %s', (_what, change, expected) => {
  expect(buildStatus(observedOf(change), undefined, now).url).toBe(expected);
});

test('[operator.bad-input] every message of a failure says what to do', () => {
  const verbs =
    /\b(create|correct|raise|lower|delete|add|make|use|look|read|write|set|check|bring|change|give|enlarge|see)\b/i;
  for (const [what, change] of table) {
    for (const verdict of judgeAll(observedOf(change))) {
      if (verdict.status === 'False' && verdict.reason.match(/NotFound|Failed|Refused|Owned|Full|Crash|Unsched/)) {
        if (verdict.message.includes('happened')) continue; // the server's own words
        expect(verdict.message, `${what}: ${verdict.reason}`).toMatch(verbs);
      }
    }
  }
});

test('[api.columns] [runbook-3.2] every column of a ready server has a value, and the status tells how large the index and how full the volume is', () => {
  const status = buildStatus(observedOf(), undefined, now);
  expect(status).toMatchObject({
    phase: 'Ready',
    readyReplicas: 1,
    index: { files: 120, chunks: 900 },
    version: '1.2.3',
    cache: { hitRate: '50%' },
  });
  expect(status).toMatchObject({ index: { sizeBytes: 1_200_000 }, storage: { usedPercent: 10 } });
  expect(status.url).not.toBe('');
});

test('a terminating pod is no ready one', () => {
  const pod = { ...podOf(), metadata: { ...podOf().metadata, deletionTimestamp: since } } as Live<Pod>;
  expect(buildStatus(observedOf({ pods: [pod] }), undefined, now).readyReplicas).toBe(0);
});
