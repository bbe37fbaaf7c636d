/** Proves the client, the applier and the informers against a real API server. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../../hack/cluster/api-only.ts';
import { ApiError } from '../../../operator/src/runtime/api-error.ts';
import { type Applier, type ApplyOutcome, createApplier } from '../../../operator/src/runtime/apply.ts';
import type { Informer } from '../../../operator/src/runtime/cache.ts';
import type { Client } from '../../../operator/src/runtime/client.ts';
import { createEventRecorder } from '../../../operator/src/runtime/event-recorder.ts';
import { createInformer } from '../../../operator/src/runtime/informer.ts';
import type { KubernetesObject, Live, Manifest, ResourceType } from '../../../operator/src/runtime/resource.ts';
import {
  configMaps,
  coreEvents,
  deployments,
  ingresses,
  namespaces,
  persistentVolumeClaims,
  secrets,
  services,
} from '../../../operator/src/runtime/resources.ts';
import { ambience, clientFor, eventually, kubeConfigFrom } from './harness.ts';

type Thing = KubernetesObject & Record<string, unknown>;
type Child = { type: ResourceType<Thing>; manifest: Manifest<Thing> };

const hashAnnotation = 'example.com/applied-hash';
const namespace = 'runtime';
let server: ApiServer;
let client: Client;
/** Someone else who writes to the same objects. */
let other: Client;

beforeAll(async () => {
  server = await startApiServer({ audit: true, name: 'runtime' });
  client = clientFor(kubeConfigFrom(server.kubeconfig));
  other = clientFor(kubeConfigFrom(server.kubeconfig), { fieldManager: 'someone-else' });
  await client.create(namespaces, { metadata: { name: namespace } });
});

afterAll(async () => {
  await client?.close();
  await other?.close();
  await server?.stop();
});

const started: Informer<never>[] = [];
afterAll(() => Promise.all(started.map((informer) => informer.stop())));

async function follow<T extends KubernetesObject>(type: ResourceType<T>, more: object = {}): Promise<Informer<T>> {
  const informer = createInformer<T>({ client, type, namespaces: [namespace], ...ambience(), ...more });
  started.push(informer as never);
  informer.start();
  await informer.waitForSync();
  return informer;
}

/** Verbs and names of all requests of our client so far, from the audit log. */
async function requests(): Promise<string[]> {
  const lines = (await readFile(server.auditLog ?? '', 'utf8')).trim().split('\n');
  return lines
    .map(
      (line) =>
        JSON.parse(line) as {
          stage: string;
          verb: string;
          userAgent?: string;
          objectRef?: { resource: string; name?: string };
        },
    )
    .filter(({ userAgent, stage }) => userAgent === 'runtime-test/1' && stage === 'ResponseComplete')
    .map(({ verb, objectRef }) => `${verb} ${objectRef?.resource} ${objectRef?.name}`);
}

const labels = { 'app.kubernetes.io/name': 'web' };
const meta = (name: string) => ({ namespace, name, labels });

/** One of each kind of child, with all that servers are known to default, rewrite or drop. */
const children: Child[] = [
  {
    type: deployments as never,
    manifest: {
      metadata: {
        ...meta('web'),
        annotations: { note: '' },
        ownerReferences: [
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            name: 'owner',
            uid: '7c1e0000-0000-4000-8000-000000000000',
            controller: true,
            blockOwnerDeletion: false,
          },
        ],
      },
      spec: {
        replicas: 0,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels, annotations: { 'example.com/config-hash': '1234' } },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 1000,
              fsGroup: 1000,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            nodeSelector: { disk: 'ssd', zone: 'a' },
            tolerations: [{ key: 'dedicated', operator: 'Exists' }],
            imagePullSecrets: [],
            containers: [
              {
                name: 'main',
                image: 'web:1',
                args: ['serve', ''],
                env: [
                  { name: 'EMPTY', value: '' },
                  { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                  { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } },
                ],
                ports: [
                  { name: 'http', containerPort: 8000 },
                  { name: 'dns', containerPort: 53, protocol: 'UDP' },
                  { name: 'dns-tcp', containerPort: 53 },
                ],
                resources: { requests: { cpu: '0.25', memory: '512Mi' }, limits: { memory: '2048Mi', cpu: '1000m' } },
                readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, failureThreshold: 3 },
                securityContext: {
                  readOnlyRootFilesystem: true,
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ['ALL'] },
                },
                volumeMounts: [
                  { name: 'data', mountPath: '/data', readOnly: false },
                  { name: 'config', mountPath: '/etc/config', readOnly: true, subPath: '' },
                ],
              },
            ],
            volumes: [
              { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
              { name: 'tmp', emptyDir: {} },
              { name: 'logs', emptyDir: { sizeLimit: '1024Mi' } },
              { name: 'config', configMap: { name: 'config', items: [{ key: 'a', path: 'b' }] } },
              { name: 'secret', secret: { secretName: 's', defaultMode: 256, optional: true } },
            ],
          },
        },
      },
    },
  },
  {
    type: services as never,
    manifest: {
      metadata: meta('web'),
      spec: {
        type: 'ClusterIP',
        selector: labels,
        ports: [
          { name: 'http', port: 8000, targetPort: 'http' },
          { name: 'dns', port: 53, protocol: 'UDP' },
        ],
      },
    },
  },
  {
    type: persistentVolumeClaims as never,
    manifest: {
      metadata: { ...meta('data'), finalizers: ['example.com/keep'] },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2048Mi' } } },
    },
  },
  {
    type: configMaps as never,
    manifest: { metadata: { namespace, name: 'empty', labels: {} }, data: {}, binaryData: {} },
  },
  { type: configMaps as never, manifest: { metadata: meta('config'), data: { 'config.yaml': 'a: 1\n', empty: '' } } },
  { type: secrets as never, manifest: { metadata: meta('token'), type: 'Opaque', data: { token: 'c2VjcmV0' } } },
  {
    type: ingresses as never,
    manifest: {
      metadata: { ...meta('web'), annotations: {} },
      spec: {
        ingressClassName: 'any',
        tls: [{ hosts: ['web.example.com'], secretName: 'tls' }],
        rules: [
          {
            host: 'web.example.com',
            http: {
              paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { name: 'http' } } } }],
            },
          },
        ],
      },
    },
  },
];

async function applyAll(applier: Applier): Promise<ApplyOutcome[]> {
  const outcomes: ApplyOutcome[] = [];
  for (const { type, manifest } of children) {
    const cache = await follow(type);
    outcomes.push((await applier.apply({ type, manifest, cache, isOurs: () => true })).outcome);
  }
  return outcomes;
}

describe('applying the children of an operator', () => {
  test('[operator.no-hot-loop] everything is created once, and after a restart not one request is a write', async () => {
    expect(await applyAll(createApplier({ client, hashAnnotation }))).toEqual(children.map(() => 'created'));
    const before = (await requests()).length;
    const differences: string[] = [];
    const restarted = createApplier({
      client,
      hashAnnotation,
      onWrite: (type, _object, _outcome, path) => differences.push(`${type.kind} ${path}`),
    });
    expect(await applyAll(restarted)).toEqual(children.map(() => 'unchanged'));
    expect(differences).toEqual([]);
    const since = (await requests()).slice(before);
    expect(since.filter((request) => !/^(list|watch) /.test(request))).toEqual([]);
  });

  const deployment = children[0] as Child;
  const web = { namespace, name: 'web' };
  const drifts: [string, object][] = [
    ['a changed image', { spec: { template: { spec: { containers: [{ name: 'main', image: 'evil:1' }] } } } }],
    ['an added key of an atomic map', { spec: { template: { spec: { nodeSelector: { extra: 'x' } } } } }],
    ['a removed key of an atomic map', { spec: { template: { spec: { nodeSelector: { zone: null } } } } }],
    ['a removed label', { metadata: { labels: { 'app.kubernetes.io/name': null } } }],
    ['a removed false', { spec: { template: { spec: { automountServiceAccountToken: null } } } }],
    ['a stripped owner reference', { metadata: { ownerReferences: null } }],
    ['a changed number', { spec: { replicas: 3 } }],
  ];

  test.each(drifts)('%s is put right with one write, and then left alone', async (_name, patch) => {
    const cache = await follow(deployment.type);
    const applier = createApplier({ client, hashAnnotation });
    const request = { ...deployment, cache, isOurs: () => true };
    await applier.apply(request);
    const before = cache.get(web);
    const changed = await other.mergePatch(deployment.type, web, patch);
    expect(changed.metadata.resourceVersion).not.toBe(before?.metadata.resourceVersion);
    await eventually(() => cache.get(web)?.metadata.resourceVersion === changed.metadata.resourceVersion);
    expect((await applier.apply(request)).outcome).toBe('configured');
    expect((await applier.apply(request)).outcome).toBe('unchanged');
    const spec = (object: Live<Thing> | undefined) =>
      JSON.stringify({ spec: object?.spec, labels: object?.metadata.labels, owners: object?.metadata.ownerReferences });
    expect(spec(await client.get(deployment.type, web))).toBe(spec(before));
  });

  test('what others add beside ours is left alone', async () => {
    const cache = await follow(deployment.type);
    const applier = createApplier({ client, hashAnnotation });
    const changed = await other.mergePatch(deployment.type, web, {
      metadata: { labels: { added: 'x' } },
      spec: { minReadySeconds: 7 },
    });
    await eventually(() => cache.get(web)?.metadata.resourceVersion === changed.metadata.resourceVersion);
    expect((await applier.apply({ ...deployment, cache, isOurs: () => true })).outcome).toBe('unchanged');
  });

  test('a field that is desired no longer is removed, also a key of an atomic map', async () => {
    const cache = await follow(deployment.type);
    const applier = createApplier({ client, hashAnnotation });
    const manifest = structuredClone(deployment.manifest) as typeof deployment.manifest & {
      spec: { template: { spec: { nodeSelector: object; tolerations?: object } } };
    };
    manifest.spec.template.spec.nodeSelector = { disk: 'ssd' };
    delete manifest.spec.template.spec.tolerations;
    const { outcome, object } = await applier.apply({ ...deployment, manifest, cache, isOurs: () => true });
    expect(outcome).toBe('configured');
    expect(object.spec).toMatchObject({ template: { spec: { nodeSelector: { disk: 'ssd' } } } });
    expect(JSON.stringify(object.spec)).not.toContain('zone');
    expect(JSON.stringify(object.spec)).not.toContain('dedicated');
    expect((await applier.apply({ ...deployment, manifest, cache, isOurs: () => true })).outcome).toBe('unchanged');
  });

  test('an object of someone else is refused and not touched, also when the cache does not show it', async () => {
    const theirs = await other.create(configMaps, { metadata: { namespace, name: 'theirs' }, data: { a: '1' } });
    const cache = await follow(configMaps, { labelSelector: 'app.kubernetes.io/name=web' });
    const applier = createApplier({ client, hashAnnotation });
    const manifest = { metadata: meta('theirs'), data: { a: '2' } };
    const { outcome } = await applier.apply({
      type: configMaps,
      manifest,
      cache,
      isOurs: ({ metadata }) => metadata.labels !== undefined,
    });
    expect(outcome).toBe('refused');
    expect((await client.get(configMaps, { namespace, name: 'theirs' })).metadata.resourceVersion).toBe(
      theirs.metadata.resourceVersion,
    );
  });

  test('a namesake made since the decision is not written to', async () => {
    const old = await client.apply(configMaps, { metadata: { namespace, name: 'twin' }, data: { a: '1' } });
    await client.delete(configMaps, { namespace, name: 'twin' });
    await other.create(configMaps, { metadata: { namespace, name: 'twin' }, data: { b: '2' } });
    const stale = { get: () => old, note: () => {} } as never;
    const applier = createApplier({ client, hashAnnotation });
    await expect(
      applier.apply({
        type: configMaps,
        manifest: { metadata: { namespace, name: 'twin' }, data: { a: '3' } },
        cache: stale,
        isOurs: () => true,
      }),
    ).rejects.toBeInstanceOf(ApiError);
    expect((await client.get(configMaps, { namespace, name: 'twin' })).data).toEqual({ b: '2' });
  });
});

describe('what goes wrong has a code', () => {
  const at = (name: string) => ({ namespace, name });
  const codeOf = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'none',
      (error: ApiError) => error.code,
    );

  test('NotFound, AlreadyExists, Conflict, Invalid, Expired, and each says what to do', async () => {
    await client.create(configMaps, { metadata: at('x') });
    const x = await client.get(configMaps, at('x'));
    expect(await codeOf(client.get(configMaps, at('nothing')))).toBe('NotFound');
    expect(await client.find(configMaps, at('nothing'))).toBeUndefined();
    expect(await codeOf(client.create(configMaps, { metadata: at('x') }))).toBe('AlreadyExists');
    expect(await codeOf(client.update(configMaps, { ...x, metadata: { ...x.metadata, resourceVersion: '1' } }))).toBe(
      'Conflict',
    );
    expect(await codeOf(client.delete(configMaps, at('x'), { uid: 'other' }))).toBe('Conflict');
    expect(await codeOf(client.delete(configMaps, at('x'), { resourceVersion: '1' }))).toBe('Conflict');
    expect(await codeOf(client.create(configMaps, { metadata: at('NOT_A_NAME') }))).toBe('Invalid');
    expect(await codeOf(client.create(configMaps, { metadata: at('y'), dta: {} } as never))).toBe('Invalid');
    // The server itself calls an unknown field of an apply its own fault.
    expect(await codeOf(client.apply(configMaps, { metadata: at('y'), dta: {} } as never))).toBe('ServerError');
    expect(await codeOf(client.list(configMaps, { continueToken: 'nonsense' }))).toBe('Invalid');
    await client.delete(configMaps, at('x'), { uid: x.metadata.uid });
    expect(await client.find(configMaps, at('x'))).toBeUndefined();
  });

  test('Forbidden for who may not', async () => {
    const config = kubeConfigFrom(server.kubeconfig);
    const user = config.getCurrentUser();
    config.users = [{ ...user, name: user?.name ?? '', impersonateUser: 'nobody' }];
    const nobody = clientFor(config);
    expect(await codeOf(nobody.list(secrets))).toBe('Forbidden');
    await nobody.close();
  });

  test('Timeout when the answer takes longer than allowed, Aborted when the caller gives up', async () => {
    expect(await codeOf(client.list(configMaps, { timeoutMs: 0 }))).toBe('Timeout');
    expect(await codeOf(client.list(configMaps, { signal: AbortSignal.abort() }))).toBe('Aborted');
  });

  test('NotLeader for a write that the guard does not let through, and reads go on', async () => {
    const guarded = clientFor(kubeConfigFrom(server.kubeconfig), { mayWrite: () => false });
    expect(await codeOf(guarded.create(configMaps, { metadata: at('guarded') }))).toBe('NotLeader');
    expect(await codeOf(guarded.list(configMaps))).toBe('none');
    await guarded.close();
    expect(await client.find(configMaps, at('guarded'))).toBeUndefined();
  });
});

test('[operator.secrets-by-name] a metadata-only cache sees that a Secret changed, and never what it holds', async () => {
  await client.create(secrets, {
    metadata: { namespace, name: 'hidden', labels: { a: 'b' } },
    data: { password: 'aHVudGVyMg==' },
  });
  const cache = await follow(secrets, { metadataOnly: true, indexedLabels: ['a'] });
  const changes: string[] = [];
  cache.onChange(({ type, object }) => changes.push(`${type} ${object.metadata.name}`));
  expect(JSON.stringify(cache.list())).not.toContain('aHVudGVyMg');
  expect(cache.labelled('a', 'b').map(({ metadata }) => metadata.name)).toEqual(['hidden']);
  await other.mergePatch(secrets, { namespace, name: 'hidden' }, { data: { password: 'b3RoZXI=' } });
  await eventually(() => changes.includes('changed hidden'));
  expect(JSON.stringify(cache.list())).not.toContain('b3RoZXI=');
});

test('discovery names the resources of a group version, and undefined for one that is not there', async () => {
  expect(await client.discover('apps/v1')).toContain('deployments');
  expect(await client.discover('v1')).toContain('configmaps');
  expect(await client.discover('monitoring.coreos.com/v1')).toBeUndefined();
  expect(await client.serverVersion()).toMatch(/^v1\./);
});

test('[operator.events] an event is seen by who describes the object, and its repetitions are counted', async () => {
  const regarding = await client.get(configMaps, { namespace, name: 'config' });
  const recorder = createEventRecorder({ client, controller: 'example.com/tester', instance: 'pod-1', ...ambience() });
  const happening = {
    regarding,
    type: 'Warning' as const,
    reason: 'Broken',
    action: 'Reconcile',
    note: 'ä'.repeat(2_000),
  };
  for (let i = 0; i < 3; i++) recorder.record(happening);
  await recorder.flush(5_000);
  const fieldSelector = `involvedObject.uid=${regarding.metadata.uid}`;
  const { items } = await client.list(coreEvents, { namespace, fieldSelector });
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({
    type: 'Warning',
    reason: 'Broken',
    reportingComponent: 'example.com/tester',
    series: { count: 3 },
  });
});
