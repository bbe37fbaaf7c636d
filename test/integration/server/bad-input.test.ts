/** Proves that each wrong input gives a condition with a reason and a remedy, an event, and heals when the cause is gone. */
import type { V1ResourceQuota } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../../hack/cluster/api-only.ts';
import type { ConditionType } from '../../../operator/src/api/conditions.ts';
import type { Client } from '../../../operator/src/runtime/client.ts';
import type { KubernetesObject, ResourceType, Wire } from '../../../operator/src/runtime/resource.ts';
import {
  configMaps,
  deployments,
  ingresses,
  persistentVolumeClaims,
  secrets,
  services,
  storageClasses,
} from '../../../operator/src/runtime/resources.ts';
import {
  about,
  auditLines,
  clientFor,
  eventually,
  found,
  installCrds,
  newNamespace,
  type Operator,
  startOperator,
  writesSince,
} from './harness.ts';
import { type PlayedNode, type PodStateName, persistentVolumes, startPlayedNode } from './played-node.ts';
import { failing, indexed, type PlayedServers, startPlayedServers } from './played-server.ts';

let api: ApiServer;
let client: Client;
let node: PlayedNode;
let played: PlayedServers;
let operator: Operator;

beforeAll(async () => {
  [api, played] = await Promise.all([
    startApiServer({ name: 'bad-input', controllerManager: true, audit: true }),
    startPlayedServers(),
  ]);
  client = clientFor(api, 'test');
  await installCrds(client);
  node = await startPlayedNode(client);
  operator = await startOperator(api, played.access);
});

afterAll(async () => {
  await operator?.stop();
  await node?.stop();
  await played?.stop();
  await client?.close();
  await api?.stop();
});

type Subject = ReturnType<typeof about>;

/** The condition, with a message that tells what to do, and one event of its reason. */
async function complains(server: Subject, type: ConditionType, reason: string, says: RegExp): Promise<void> {
  const condition = await server.reaches(type, 'False', reason);
  expect(condition.message).toMatch(says);
  const told = await eventually(async () => {
    const matching = (await server.events()).filter((event) => event.reason === reason);
    return matching.length > 0 && matching;
  });
  expect(told).toEqual([{ type: 'Warning', reason, note: expect.stringMatching(says) }]);
}

/** A server that waits for somebody's help comes to rest: over several looks at it nothing is written. */
async function isQuiet(namespace: string): Promise<void> {
  await eventually(async () => {
    const from = (await auditLines(api)).length;
    const seen = await operator.reconciles();
    await eventually(async () => (await operator.reconciles()) > seen + 5);
    return (await writesSince(api, from)).every((write) => !write.includes(`/namespaces/${namespace}/`));
  });
}

async function subject(name = 'demo'): Promise<{ namespace: string; demo: Subject }> {
  const namespace = await newNamespace(client);
  return { namespace, demo: about(client, namespace, name) };
}

describe('[operator.bad-input] sources', () => {
  const problems = [
    ['GitUnreachable', 'https://git.example.com/code.git does not answer. Check spec.sources[].git.url.'],
    ['GitAuthenticationFailed', 'The remote refused the credentials. Correct the Secret.'],
    ['GitRefNotFound', 'There is no ref release-9. Correct git.ref.'],
  ] as const;

  test.each(problems)('%s: told, evented, and nothing is lost when it comes later', async (code, message) => {
    const { namespace, demo } = await subject();
    played.behave(namespace, { codebases: [failing(code, message)] });
    await demo.apply();
    await complains(demo, 'SourcesSynced', code, new RegExp(`source code: ${message.slice(0, 20)}`));
    expect(await demo.condition('Ready')).toMatchObject({ status: 'False', message: expect.stringContaining(message) });
    expect((await demo.get()).status?.phase).toBe('Failed');
    played.behave(namespace, { codebases: [indexed()] });
    await demo.ready();
    // The same failure of a source that has an index leaves the server Ready on that index.
    played.behave(namespace, {
      codebases: [indexed('code', { problem: { code, message, since: '2026-01-01T00:00:00.000Z' } })],
    });
    await demo.reaches('SourcesSynced', 'False', code);
    expect(await demo.condition('Ready')).toMatchObject({ status: 'True', reason: 'Degraded' });
    expect((await demo.get()).status).toMatchObject({ phase: 'Degraded', index: { files: 120 } });
  });

  test('a missing Secret, then one without the key, then a good one', async () => {
    const { namespace, demo } = await subject();
    const data = (key: string) => ({ metadata: { namespace, name: 'git' }, data: { [key]: 'eA==' } });
    await demo.apply({
      sources: [{ name: 'code', git: { url: 'git@example.com:code.git', secretRef: { name: 'git' } } }],
    });
    await complains(demo, 'SecretsResolved', 'SecretNotFound', /Secret git does not exist .* key ssh-privatekey/);
    await client.apply(secrets, data('password'));
    await complains(demo, 'SecretsResolved', 'SecretIncomplete', /lacks the key ssh-privatekey/);
    await client.apply(secrets, data('ssh-privatekey'));
    await demo.reaches('SecretsResolved', 'True', 'Resolved');
    await demo.ready();
  });

  test('a missing volume claim of a source, which is mounted when it appears', async () => {
    const { namespace, demo } = await subject();
    await demo.apply({ sources: [{ name: 'code', volume: { claimName: 'mine', subPath: 'src' } }] });
    await complains(demo, 'SourcesSynced', 'SourceClaimNotFound', /PersistentVolumeClaim mine .* create it/);
    await client.apply(persistentVolumeClaims, {
      metadata: { namespace, name: 'mine' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    await demo.reaches('SourcesSynced', 'True');
    await demo.ready();
    const mounts = (await client.get(deployments, { namespace, name: 'demo' })).spec?.template.spec?.containers[0]
      ?.volumeMounts;
    expect(mounts).toContainEqual({
      name: 'source-code',
      mountPath: '/app/volumes/code',
      readOnly: true,
      subPath: 'src',
    });
  });
});

describe('[operator.bad-input] storage', () => {
  test('an unknown storage class, told until it exists', async () => {
    const { demo } = await subject();
    await demo.apply({ storage: { storageClassName: 'golden' } });
    await complains(
      demo,
      'StorageReady',
      'StorageClassNotFound',
      /StorageClass golden does not exist; there are played\. Create it/,
    );
    await client.create(storageClasses, { metadata: { name: 'golden' }, provisioner: 'example.com/none' });
    await demo.reaches('StorageReady', 'False', 'Provisioning');
  });

  test('an existing claim that does not exist, used as it is when it appears', async () => {
    const { namespace, demo } = await subject();
    await demo.apply({ storage: { existingClaim: 'mine' } });
    await complains(demo, 'StorageReady', 'ClaimNotFound', /PersistentVolumeClaim mine .* create it/);
    await client.apply(persistentVolumeClaims, {
      metadata: { namespace, name: 'mine' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    expect((await demo.ready()).storage?.claimName).toBe('mine');
    expect(await found(client, persistentVolumeClaims, namespace, 'demo-index')).toBeUndefined();
    expect((await client.get(persistentVolumeClaims, { namespace, name: 'mine' })).metadata.labels).toBeUndefined();
  });

  test('a volume that is gone', async () => {
    const { namespace, demo } = await subject();
    await demo.apply();
    await demo.ready();
    const volume = (await client.get(persistentVolumeClaims, { namespace, name: 'demo-index' })).spec?.volumeName ?? '';
    await client.delete(persistentVolumes, { name: volume });
    await client.mergePatch(persistentVolumes, { name: volume }, { metadata: { finalizers: null } });
    await complains(demo, 'StorageReady', 'ClaimLost', new RegExp(`${volume} .* is gone\\. Bring it back`));
  });

  test('a full volume leaves the published index serving', async () => {
    const { namespace, demo } = await subject();
    await demo.apply();
    await demo.ready();
    const problem = { code: 'VolumeFull', message: 'No space left.', since: '2026-01-01T00:00:00.000Z' } as const;
    played.behave(namespace, { codebases: [indexed('code', { problem })] });
    await complains(demo, 'StorageReady', 'VolumeFull', /Raise spec\.storage\.size \(now 10Gi\)/);
    expect(await demo.condition('Ready')).toMatchObject({ status: 'True', reason: 'Degraded' });
  });

  test('a class that cannot grow volumes', async () => {
    const { demo } = await subject();
    await demo.apply({ storage: { size: '1Gi' } });
    await demo.ready();
    await client.mergePatch(storageClasses, { name: 'played' }, { allowVolumeExpansion: false });
    await demo.apply({ storage: { size: '2Gi' } });
    await complains(demo, 'StorageReady', 'ResizeRefused', /cannot grow to 2Gi.*allowVolumeExpansion/);
    expect(await demo.condition('Ready')).toMatchObject({ status: 'True' });
    await client.mergePatch(storageClasses, { name: 'played' }, { allowVolumeExpansion: true });
    await demo.reaches('StorageReady', 'True');
  });
});

describe("[operator.foreign-owner] somebody else's objects are left alone, named, and replaced when they are gone", () => {
  const claim = { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
  const service = { spec: { ports: [{ port: 1 }] } };
  const podTemplate = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const cases = [
    [services, 'demo', service, 'ExposureReady', 'ServiceOwnedByAnother'],
    [services, 'demo-internal', service, 'ExposureReady', 'ServiceOwnedByAnother'],
    [
      deployments,
      'demo',
      { spec: { selector: { matchLabels: { a: 'b' } }, template: podTemplate } },
      'Available',
      'DeploymentOwnedByAnother',
    ],
    [configMaps, 'demo-config', { data: {} }, 'Available', 'ConfigMapOwnedByAnother'],
    [secrets, 'demo-internal-token', { data: { token: 'eA==' } }, 'SecretsResolved', 'SecretOwnedByAnother'],
    [persistentVolumeClaims, 'demo-index', claim, 'StorageReady', 'ClaimOwnedByAnother'],
    [
      ingresses,
      'demo',
      { spec: { defaultBackend: { service: { name: 'x', port: { number: 1 } } } } },
      'ExposureReady',
      'IngressOwnedByAnother',
    ],
  ] as unknown as [ResourceType, string, object, ConditionType, string][];
  const titled = cases.map(([type, name, ...rest]) => [`${type.kind} ${name}`, type, name, ...rest] as const);

  test.each(titled)('%s', async (_title, type, name, body, condition, reason) => {
    const { namespace, demo } = await subject();
    const theirs = await client.create(type, {
      metadata: { namespace, name, labels: { 'app.kubernetes.io/managed-by': 'helm' } },
      ...body,
    } as KubernetesObject);
    await demo.apply({ ingress: { host: `${namespace}.example.com` } });
    await complains(
      demo,
      condition,
      reason,
      new RegExp(`${type.kind} ${name}.* is managed by helm; it was left alone`),
    );
    expect((await demo.condition('Ready'))?.status).toBe('False');
    await isQuiet(namespace);
    const now = await client.get(type, { namespace, name });
    expect(now.metadata).toMatchObject({
      uid: theirs.metadata.uid,
      labels: { 'app.kubernetes.io/managed-by': 'helm' },
    });
    expect(now.metadata.ownerReferences).toBeUndefined();
    await client.delete(type, { namespace, name });
    await demo.ready();
  });
});

describe('[operator.bad-input] exposure', () => {
  test('a node port that another Service has', async () => {
    const { namespace, demo } = await subject();
    const ports = [{ port: 1, nodePort: 30123 }];
    await client.create(services, { metadata: { namespace, name: 'other' }, spec: { type: 'NodePort', ports } });
    await demo.apply({ service: { type: 'NodePort', nodePort: 30123 } });
    await complains(demo, 'ExposureReady', 'NodePortTaken', /30123.*already allocated.*Write another/);
    await demo.apply({ service: { type: 'NodePort', nodePort: 30124 } });
    await demo.ready();
    expect(await demo.condition('ExposureReady')).toMatchObject({ reason: 'ExposedWithoutAuthentication' });
    await demo.apply();
    await demo.reaches('ExposureReady', 'True', 'ClusterInternal');
  });

  test('a host and path that an older Ingress has, of another namespace', async () => {
    const [first, second] = [await subject('first'), await subject('second')];
    const ingress = { host: 'shared.example.com', path: '/code' };
    await first.demo.apply({ ingress });
    await first.demo.ready();
    await second.demo.apply({ ingress });
    await complains(
      second.demo,
      'ExposureReady',
      'IngressConflict',
      new RegExp(`${first.namespace}/first.*already serves shared.example.com/code`),
    );
    expect(await found(client, ingresses, second.namespace, 'second')).toBeUndefined();
    expect((await first.demo.condition('Ready'))?.status).toBe('True');
    await first.demo.delete();
    await second.demo.ready();
  });

  test('a certificate that is not there yet', async () => {
    const { namespace, demo } = await subject();
    await demo.apply({ ingress: { host: `${namespace}.example.com`, tls: { secretName: 'cert' } } });
    await complains(demo, 'ExposureReady', 'TLSSecretNotFound', /Secret cert .*create it/);
    await client.create(secrets, {
      metadata: { namespace, name: 'cert' },
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': '', 'tls.key': '' },
    });
    await demo.ready();
  });
});

describe('[operator.bad-input] [runbook-4.1-not-starting] pods', () => {
  const cases: [PodStateName, string, RegExp][] = [
    ['imagePull', 'ImagePullFailed', /cannot be pulled.*Correct spec\.image/],
    ['outOfMemory', 'OutOfMemory', /raise spec\.resources\.limits\.memory/],
    ['crashing', 'CrashLooping', /exit code 1.*kubectl logs --previous/],
    ['unschedulable', 'Unschedulable', /No node takes pod .*: 0\/1 nodes are available/],
  ];
  test.each(cases)('%s gives %s', async (state, reason, says) => {
    const { namespace, demo } = await subject();
    node.behave(namespace, state);
    await demo.apply();
    await complains(demo, 'Available', reason, says);
    node.behave(namespace, 'ready');
    await demo.ready();
  });

  test('a quota that leaves no room for the pod', async () => {
    const { namespace, demo } = await subject();
    const quotas: ResourceType<Wire<V1ResourceQuota>> = {
      group: '',
      version: 'v1',
      kind: 'ResourceQuota',
      plural: 'resourcequotas',
      namespaced: true,
    };
    await client.create(quotas, { metadata: { namespace, name: 'none' }, spec: { hard: { pods: '0' } } });
    // The quota counts from when the controller has looked at it.
    await eventually(async () => (await client.get(quotas, { namespace, name: 'none' })).status?.hard?.pods === '0');
    await demo.apply();
    await complains(demo, 'Available', 'PodRefused', /exceeded quota.*Raise the quota/);
  });

  test('a pod template that the API server refuses', async () => {
    const { demo } = await subject();
    await demo.apply({
      scheduling: {
        affinity: {
          nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1000, preference: {} }] },
        },
      },
    });
    await complains(demo, 'Available', 'ChildRefused', /refused Deployment demo: .*weight.*spec\.scheduling/);
    await demo.apply();
    await demo.ready();
  });

  test('[operator.verified] a search that fails through the Service', async () => {
    const { namespace, demo } = await subject();
    played.behave(namespace, { searchFails: true });
    await demo.apply();
    await complains(demo, 'Verified', 'SearchFailed', /the index is closed/);
    played.behave(namespace, { searchFails: false });
    await demo.ready();
  });
});
