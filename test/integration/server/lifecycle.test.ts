/** Proves the life of a CodeSageServer against a real API server and its controllers: birth, drift, change, rest, death, return. */
import { join } from 'node:path';
import { x } from 'tinyexec';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../../hack/cluster/api-only.ts';
import { ensureBinaries } from '../../../hack/cluster/binaries.ts';
import type { Client } from '../../../operator/src/runtime/client.ts';
import {
  configMaps,
  deployments,
  ingresses,
  persistentVolumeClaims,
  pods,
  secrets,
  services,
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
import { type PlayedNode, startPlayedNode } from './played-node.ts';
import { indexed, type PlayedServers, startPlayedServers } from './played-server.ts';

let api: ApiServer;
let client: Client;
let node: PlayedNode;
let played: PlayedServers;
let operator: Operator;

beforeAll(async () => {
  [api, played] = await Promise.all([
    startApiServer({ name: 'server', controllerManager: true, audit: true }),
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

test('[runbook-1.1] [operator.children] [api.columns] [operator.verified] a server becomes Ready, with all children, and every column filled', async () => {
  const namespace = await newNamespace(client);
  const demo = about(client, namespace, 'demo');
  await demo.apply();
  const status = await demo.ready();
  expect(status).toMatchObject({
    phase: 'Ready',
    readyReplicas: 1,
    version: '0.0.0-test',
    url: `http://demo.${namespace}.svc:8000/mcp`,
    index: { files: 120, chunks: 900 },
    cache: { hitRate: '50%' },
    storage: { claimName: 'demo-index', capacity: '10Gi', usedPercent: 10 },
  });
  expect(status.conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([
    'StorageReady True Bound',
    'SecretsResolved True NoneReferenced',
    'SourcesSynced True Synced',
    'IndexReady True Indexed',
    'Available True PodsReady',
    'Progressing False Settled',
    'Verified True SearchAnswered',
    'ExposureReady True ClusterInternal',
    'Ready True Ready',
  ]);
  const { uid } = (await demo.get()).metadata;
  const owned = [
    await found(client, deployments, namespace, 'demo'),
    await found(client, services, namespace, 'demo'),
    await found(client, services, namespace, 'demo-internal'),
    await found(client, configMaps, namespace, 'demo-config'),
    await found(client, secrets, namespace, 'demo-internal-token'),
  ];
  for (const child of owned) {
    expect(child?.metadata.ownerReferences).toMatchObject([{ uid, controller: true }]);
    expect(child?.metadata.labels).toMatchObject({
      'app.kubernetes.io/managed-by': 'codesage-operator',
      'app.kubernetes.io/instance': 'demo',
    });
  }
  const secret = await client.get(secrets, { namespace, name: 'demo-internal-token' });
  const token = Buffer.from(secret.data?.token ?? '', 'base64').toString();
  expect(token.length).toBeGreaterThan(40);
  expect(new Set(played.tokens(namespace))).toEqual(new Set([token]));
  const reasons = await eventually(async () => {
    const told = (await demo.events()).map(({ reason }) => reason);
    return told.includes('Ready') && told;
  });
  expect(reasons).toContain('Created');
  // A healthy start is no cause for alarm.
  expect((await demo.events()).filter(({ type }) => type === 'Warning')).toEqual([]);

  const kubectl = join(await ensureBinaries(), 'kubectl');
  const { stdout } = await x(kubectl, ['--kubeconfig', api.kubeconfig, '-n', namespace, 'get', 'cgs', '-o', 'wide'], {
    throwOnError: true,
  });
  const [header, row] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/).map((cell) => cell.trim()));
  expect(header).toEqual([
    'NAME',
    'READY',
    'STATUS',
    'REPLICAS',
    'FILES',
    'AGE',
    'VERSION',
    'CHUNKS',
    'HIT-RATE',
    'URL',
    'MESSAGE',
  ]);
  expect(row).toHaveLength(header?.length ?? 0);
  expect(row?.slice(0, 5)).toEqual(['demo', 'True', 'Ready', '1', '120']);
});

test('[operator.no-hot-loop] [operator.status-only-when-different] an unchanged ready server costs zero writes, also after a restart of the operator', async () => {
  const namespace = await newNamespace(client);
  const names = ['one', 'two', 'three'];
  const servers = names.map((name) => about(client, namespace, name));
  for (const [index, server] of servers.entries()) {
    await server.apply({
      ingress: { host: `${names[index]}.example.com`, tls: {} },
      podTemplate: { extraEnv: [{ name: 'HTTPS_PROXY', value: 'http://proxy' }], labels: { team: 'a' } },
      resources: { limits: { cpu: '0.5', memory: '2048Mi' } },
      scheduling: { nodeSelector: { a: 'b' }, tolerations: [{ operator: 'Exists' }] },
    });
  }
  for (const server of servers) await server.ready();
  const polls = () => played.count(namespace, '/admin/v1/status');
  const afterPolls = async (count: number) => {
    const goal = polls() + count;
    await eventually(() => polls() >= goal, 30_000);
  };
  // Ready is told before the last notes of our own writes have come round.
  await afterPolls(6);
  const from = (await auditLines(api)).length;
  await afterPolls(12);
  expect(await writesSince(api, from)).toEqual([]);

  await operator.stop();
  const restarted = (await auditLines(api)).length;
  operator = await startOperator(api, played.access);
  await afterPolls(12);
  expect(await writesSince(api, restarted)).toEqual([]);

  // Figures that move a little are polled and not written; the cache's rate moved by less than a step.
  played.behave(namespace, { hitRate: 0.51 });
  await afterPolls(6);
  expect(await writesSince(api, restarted)).toEqual([]);
  // And one that moves far is.
  played.behave(namespace, { hitRate: 0.9 });
  await eventually(async () => (await servers[0]?.get())?.status?.cache?.hitRate === '90%');
});

test('[runbook-8.1-drift] [operator.children] a deleted or changed child is back', async () => {
  const namespace = await newNamespace(client);
  const demo = about(client, namespace, 'demo');
  await demo.apply({ ingress: { host: `${namespace}.example.com` } });
  await demo.ready();
  const token = (await found(client, secrets, namespace, 'demo-internal-token'))?.data?.token;
  const all = [
    [deployments, 'demo'],
    [services, 'demo'],
    [services, 'demo-internal'],
    [configMaps, 'demo-config'],
    [ingresses, 'demo'],
  ] as const;
  for (const [type, name] of all) {
    const before = await client.get(type as never, { namespace, name });
    await client.delete(type as never, { namespace, name });
    await eventually(async () => {
      const now = await found(client, type as never, namespace, name);
      return now !== undefined && (now as typeof before).metadata.uid !== before.metadata.uid;
    });
  }
  await client.mergePatch(services, { namespace, name: 'demo' }, { spec: { ports: [{ name: 'http', port: 9999 }] } });
  await eventually(
    async () => (await client.get(services, { namespace, name: 'demo' })).spec?.ports?.[0]?.port === 8000,
  );
  await client.mergePatch(deployments, { namespace, name: 'demo' }, { metadata: { ownerReferences: null } });
  await eventually(
    async () => (await client.get(deployments, { namespace, name: 'demo' })).metadata.ownerReferences?.length === 1,
  );
  await demo.ready();
  // The claim and the token were never touched: nothing is indexed again, and no token is rotated by accident.
  const held = await client.get(secrets, { namespace, name: 'demo-internal-token' });
  expect(held.data?.token).toBe(token);
  const generation = (await client.get(deployments, { namespace, name: 'demo' })).metadata.generation ?? 0;
  await client.delete(secrets, { namespace, name: 'demo-internal-token' });
  await eventually(
    async () => ((await found(client, secrets, namespace, 'demo-internal-token'))?.data?.token ?? token) !== token,
  );
  await eventually(
    async () => ((await client.get(deployments, { namespace, name: 'demo' })).metadata.generation ?? 0) > generation,
  );
  await demo.ready();
});

test('[operator.config-rollout] [runbook-5.3] what a pod reads at start rolls it, and nothing else does', async () => {
  const namespace = await newNamespace(client);
  const demo = about(client, namespace, 'demo');
  const spec = (change: object = {}) => ({
    sources: [{ name: 'code', git: { url: 'https://x.example.com/y', secretRef: { name: 'git' } } }],
    ...change,
  });
  const secret = (password: string, annotations = {}) =>
    client.apply(secrets, {
      metadata: { namespace, name: 'git', annotations },
      data: { password: Buffer.from(password).toString('base64') },
    });
  await secret('first');
  await demo.apply(spec());
  await demo.ready();
  const generation = async () => (await client.get(deployments, { namespace, name: 'demo' })).metadata.generation ?? 0;
  const first = await generation();
  await demo.apply(spec({ service: { annotations: { a: 'b' } } }));
  await eventually(
    async () => (await client.get(services, { namespace, name: 'demo' })).metadata.annotations?.a === 'b',
  );
  await secret('first', { touched: 'yes' });
  await demo.apply(spec({ service: { annotations: { a: 'c' } } }));
  await eventually(
    async () => (await client.get(services, { namespace, name: 'demo' })).metadata.annotations?.a === 'c',
  );
  expect(await generation()).toBe(first);
  await demo.apply(spec({ cache: { search: 5 } }));
  await eventually(async () => (await generation()) === first + 1);
  await secret('second');
  await eventually(async () => (await generation()) === first + 2);
  await demo.apply(spec({ cache: { search: 5 } }), { 'codesage.dev/reindex': 'now' });
  await eventually(async () => (await generation()) === first + 3);
  expect((await client.get(configMaps, { namespace, name: 'demo-config' })).data?.['config.yaml']).toContain(
    'reindex: now',
  );
  await demo.ready();
});

test('[operator.prune] an Ingress that is no longer asked for is removed', async () => {
  const namespace = await newNamespace(client);
  const demo = about(client, namespace, 'demo');
  await demo.apply({ ingress: { host: `${namespace}.example.com`, path: '/demo', tls: {} } });
  expect((await demo.ready()).url).toBe(`https://${namespace}.example.com/demo/mcp`);
  await demo.apply();
  await eventually(async () => (await found(client, ingresses, namespace, 'demo')) === undefined);
  await eventually(async () => (await demo.get()).status?.url === `http://demo.${namespace}.svc:8000/mcp`);
});

test('[runbook-1.2-suspend] suspend and kubectl scale give zero pods and keep the claim; the last figures stay in the status', async () => {
  const namespace = await newNamespace(client);
  const demo = about(client, namespace, 'demo');
  await demo.apply();
  await demo.ready();
  const claim = (await client.get(persistentVolumeClaims, { namespace, name: 'demo-index' })).metadata.uid;
  const podCount = async () => (await client.list(pods, { namespace })).items.length;
  await demo.patch({ spec: { suspend: true } });
  await demo.reaches('Ready', 'False', 'Suspended');
  await eventually(async () => (await podCount()) === 0);
  expect((await demo.get()).status).toMatchObject({ phase: 'Suspended', index: { files: 120 } });
  await demo.patch({ spec: { suspend: false } });
  await demo.ready();
  await demo.patch({ spec: { replicas: 0 } }, 'scale');
  await demo.reaches('Ready', 'False', 'Suspended');
  await eventually(async () => (await podCount()) === 0);
  await demo.patch({ spec: { replicas: 1 } }, 'scale');
  await demo.ready();
  expect((await client.get(persistentVolumeClaims, { namespace, name: 'demo-index' })).metadata.uid).toBe(claim);
});

test('[operator.retain-volume] [runbook-1.2] a deleted server leaves its claim, which a new one of the same name takes over; under Delete the claim goes too', async () => {
  const namespace = await newNamespace(client);
  const demo = about(client, namespace, 'demo');
  await demo.apply({ storage: { size: '20Gi' } });
  await demo.ready();
  const claim = await client.get(persistentVolumeClaims, { namespace, name: 'demo-index' });
  expect(claim.metadata.ownerReferences).toBeUndefined();
  await demo.delete();
  await eventually(async () => (await found(client, deployments, namespace, 'demo')) === undefined);
  await eventually(async () => (await found(client, secrets, namespace, 'demo-internal-token')) === undefined);
  // The new one asks for less than the claim has, which must not fail.
  await demo.apply({ storage: { size: '5Gi', reclaimPolicy: 'Delete' } });
  await demo.ready();
  const adopted = await client.get(persistentVolumeClaims, { namespace, name: 'demo-index' });
  expect(adopted.metadata.uid).toBe(claim.metadata.uid);
  expect(adopted.spec?.resources?.requests?.storage).toBe('20Gi');
  expect(adopted.metadata.ownerReferences).toHaveLength(1);
  await demo.delete();
  await eventually(async () => {
    const left = await found(client, persistentVolumeClaims, namespace, 'demo-index');
    return left === undefined || left.metadata.deletionTimestamp !== undefined;
  });
});

test('[api.storage-grows] the claim grows with the spec', async () => {
  const namespace = await newNamespace(client);
  const demo = about(client, namespace, 'demo');
  await demo.apply({ storage: { size: '1Gi' } });
  await demo.ready();
  await demo.apply({ storage: { size: '2Gi' } });
  await eventually(
    async () =>
      (await client.get(persistentVolumeClaims, { namespace, name: 'demo-index' })).spec?.resources?.requests
        ?.storage === '2Gi',
  );
  await eventually(async () => (await demo.get()).status?.storage?.capacity === '2Gi');
  await demo.ready();
});

test('[operator.paused] a paused server is touched in nothing, and its status says so once', async () => {
  const namespace = await newNamespace(client);
  const demo = about(client, namespace, 'demo');
  await demo.apply();
  await demo.ready();
  await demo.apply({}, { 'codesage.dev/reconcile': 'disabled' });
  await demo.reaches('Progressing', 'False', 'Paused');
  expect((await demo.get()).status?.phase).toBe('Paused');
  const from = (await auditLines(api)).length;
  await client.delete(services, { namespace, name: 'demo' });
  await demo.apply({ cache: { search: 1 } }, { 'codesage.dev/reconcile': 'disabled' });
  const seen = await operator.reconciles();
  await eventually(async () => (await operator.reconciles()) >= seen + 3);
  expect((await writesSince(api, from)).filter((write) => write.includes(`/namespaces/${namespace}/`))).toEqual([]);
  await demo.apply();
  await eventually(async () => (await found(client, services, namespace, 'demo')) !== undefined);
  await demo.ready();
});

test('[api.conditions] a first index is told as it grows, and only then the server is verified', async () => {
  const namespace = await newNamespace(client);
  const demo = about(client, namespace, 'demo');
  const building = indexed('code', {
    state: 'Indexing',
    indexedAt: undefined,
    files: 0,
    chunks: 0,
    progress: { filesDone: 46, filesTotal: 100, chunksDone: 9 },
  });
  played.behave(namespace, { codebases: [building] });
  await demo.apply();
  const condition = await demo.reaches('IndexReady', 'False', 'Indexing');
  expect(condition.message).toContain('40 % of 100 files');
  await eventually(async () => (await demo.get()).status?.phase === 'Indexing');
  expect(played.count(namespace, '/mcp')).toBe(0);
  played.behave(namespace, { codebases: [indexed()] });
  await demo.ready();
  expect(played.count(namespace, '/mcp')).toBeGreaterThan(0);
});

test('[operator.restricted-pods] pods are admitted where the restricted Pod Security standard is enforced', async () => {
  const namespace = await newNamespace(client, { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const demo = about(client, namespace, 'demo');
  await demo.apply();
  await demo.ready();
  expect((await client.list(pods, { namespace })).items).toHaveLength(1);
});
