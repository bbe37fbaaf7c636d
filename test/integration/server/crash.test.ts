/** Proves that an operator that dies after any of its writes leaves nothing that its successor cannot finish. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../../hack/cluster/api-only.ts';
import type { Client } from '../../../operator/src/runtime/client.ts';
import type { KubernetesObject, ResourceType } from '../../../operator/src/runtime/resource.ts';
import {
  configMaps,
  deployments,
  ingresses,
  persistentVolumeClaims,
  secrets,
  services,
} from '../../../operator/src/runtime/resources.ts';
import { about, clientFor, eventually, installCrds, newNamespace, startOperator } from './harness.ts';
import { type PlayedNode, startPlayedNode } from './played-node.ts';
import { type PlayedServers, startPlayedServers } from './played-server.ts';

let api: ApiServer;
let client: Client;
let node: PlayedNode;
let played: PlayedServers;

beforeAll(async () => {
  [api, played] = await Promise.all([startApiServer({ name: 'crash', controllerManager: true }), startPlayedServers()]);
  client = clientFor(api, 'test');
  await installCrds(client);
  node = await startPlayedNode(client);
});

afterAll(async () => {
  await node?.stop();
  await played?.stop();
  await client?.close();
  await api?.stop();
});

const kinds = [
  deployments,
  services,
  configMaps,
  ingresses,
  persistentVolumeClaims,
  secrets,
] as unknown as ResourceType[];

/** Names of all children in the namespace. */
async function children(namespace: string): Promise<string[]> {
  const lists = await Promise.all(
    kinds.map(async (type) =>
      (await client.list<KubernetesObject>(type, { namespace, labelSelector: 'codesage.dev/server=demo' })).items.map(
        ({ metadata }) => `${type.kind} ${metadata.name}`,
      ),
    ),
  );
  return lists.flat().sort();
}

const expected = [
  'ConfigMap demo-config',
  'Deployment demo',
  'Ingress demo',
  'PersistentVolumeClaim demo-index',
  'Secret demo-internal-token',
  'Service demo',
  'Service demo-internal',
];

// Seven children and the first statuses, with the events between them.
const writes = Array.from({ length: 16 }, (_, index) => index);

test.each(writes)(
  '[operator.children] an operator that dies after %i writes is succeeded without a trace',
  async (limit) => {
    const namespace = await newNamespace(client);
    const demo = about(client, namespace, 'demo');
    await demo.apply({ ingress: { host: `${namespace}.example.com` } });
    let left = limit;
    let refused = 0;
    const mayWrite = () => {
      if (left > 0) return left-- > 0;
      refused += 1;
      return false;
    };
    const first = await startOperator(api, played.access, { mayWrite });
    await eventually(() => refused > 0);
    await first.stop();
    const token = (await client.find(secrets, { namespace, name: 'demo-internal-token' }))?.data?.token;
    const second = await startOperator(api, played.access);
    try {
      await demo.ready();
      expect(await children(namespace)).toEqual(expected);
      const now = (await client.get(secrets, { namespace, name: 'demo-internal-token' })).data?.token;
      expect(now).toBe(token ?? now);
    } finally {
      await second.stop();
      await demo.delete();
    }
  },
);
