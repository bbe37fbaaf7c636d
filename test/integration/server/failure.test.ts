/** Proves that a failure which keeps the operator from judging a resource is told in its status, and taken back when it is over. */
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { type ApiServer, startApiServer } from '../../../hack/cluster/api-only.ts';
import type { Client } from '../../../operator/src/runtime/client.ts';
import type { ResourceType } from '../../../operator/src/runtime/resource.ts';
import { secrets } from '../../../operator/src/runtime/resources.ts';
import { about, clientFor, eventually, installCrds, newNamespace, type Operator, startOperator } from './harness.ts';
import { type PlayedServers, startPlayedServers } from './played-server.ts';

const rbac = (kind: string, plural: string): ResourceType => ({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind,
  plural,
  namespaced: false,
});
const all = ['*'];
const otherRules = [
  {
    apiGroups: ['apps', 'networking.k8s.io', 'storage.k8s.io', 'codesage.dev', 'events.k8s.io'],
    resources: all,
    verbs: all,
  },
  { apiGroups: [''], resources: ['configmaps', 'services', 'persistentvolumeclaims', 'pods', 'events'], verbs: all },
];

let api: ApiServer;
let client: Client;
let played: PlayedServers;
let operator: Operator;

/** What the operator's user may do with Secrets; all else it may. */
async function grantOnSecrets(verbs: string[]): Promise<void> {
  const rules = [...otherRules, { apiGroups: [''], resources: ['secrets'], verbs }];
  await client.apply(rbac('ClusterRole', 'clusterroles'), { metadata: { name: 'limited' }, rules } as never);
}

beforeAll(async () => {
  [api, played] = await Promise.all([startApiServer({ name: 'failure' }), startPlayedServers()]);
  client = clientFor(api, 'test');
  await installCrds(client);
  await grantOnSecrets(['list', 'watch', 'create', 'patch']);
  const binding = {
    metadata: { name: 'limited' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'limited' },
    subjects: [{ kind: 'User', name: 'limited', apiGroup: 'rbac.authorization.k8s.io' }],
  };
  await client.apply(rbac('ClusterRoleBinding', 'clusterrolebindings'), binding as never);
  const config = parse(await readFile(api.kubeconfig, 'utf8'));
  config.users[0].user.as = 'limited';
  const kubeconfig = `${api.kubeconfig}.limited`;
  await writeFile(kubeconfig, stringify(config), { mode: 0o600 });
  operator = await startOperator({ ...api, kubeconfig }, played.access);
});

afterAll(async () => {
  await operator?.stop();
  await played?.stop();
  await client?.close();
  await api?.stop();
});

test('[operator.status-only-when-different] a right that is missing is told in the status, and taken back when it is given', async () => {
  const namespace = await newNamespace(client);
  await client.apply(secrets, { metadata: { namespace, name: 'git' }, data: { username: 'eA==', password: 'eA==' } });
  const demo = about(client, namespace, 'demo');
  await demo.apply({
    sources: [{ name: 'code', git: { url: 'https://git.example.com/code.git', secretRef: { name: 'git' } } }],
  });
  const told = await demo.reaches('Progressing', 'False', 'ReconcileFailed');
  expect(told.message).toMatch(/forbidden/i);
  expect(told.message).toMatch(/secrets/);
  expect(await demo.condition('Ready')).toMatchObject({ status: 'Unknown', reason: 'NotReady' });
  await grantOnSecrets(['get', 'list', 'watch', 'create', 'patch']);
  await eventually(async () => (await demo.condition('SecretsResolved'))?.status === 'True', 30_000);
  expect((await demo.condition('Progressing'))?.reason).not.toBe('ReconcileFailed');
});
