/** Proves that caches survive the death of the API server, of its connections, and of a half-open one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../../hack/cluster/api-only.ts';
import type { Informer } from '../../../operator/src/runtime/cache.ts';
import type { Client } from '../../../operator/src/runtime/client.ts';
import { createInformer } from '../../../operator/src/runtime/informer.ts';
import { type ConfigMap, configMaps } from '../../../operator/src/runtime/resources.ts';
import { ambience, clientFor, holds, kubeConfigFrom, proxiedKubeConfig } from './harness.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

let server: ApiServer;
let proxy: TcpProxy;
let direct: Client;
let proxied: Client;
let informer: Informer<ConfigMap>;
const place = { namespace: 'default', labelSelector: 'kept=yes' };
const labels = { kept: 'yes' };

beforeAll(async () => {
  server = await startApiServer({ name: 'restart' });
  const { hostname, port } = new URL(server.url);
  proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  direct = clientFor(kubeConfigFrom(server.kubeconfig));
  proxied = clientFor(proxiedKubeConfig(server.kubeconfig, proxy.port));
  const tuning = { idleTimeoutMs: 2_000, requestTimeoutMs: 2_000, backoff: { baseMs: 50, maxMs: 500 } };
  informer = createInformer({
    client: proxied,
    type: configMaps,
    namespaces: ['default'],
    labelSelector: 'kept=yes',
    tuning,
    ...ambience(),
  });
  informer.start();
  await informer.waitForSync();
});

afterAll(async () => {
  await informer?.stop();
  await proxied?.close();
  await direct?.close();
  await proxy?.stop();
  await server?.stop();
});

const put = (name: string, value: string) =>
  direct.apply(configMaps, { metadata: { namespace: 'default', name, labels }, data: { value } });

async function agreed(): Promise<void> {
  const { items } = await direct.list(configMaps, place);
  const versions = (objects: ConfigMap[]) =>
    Object.fromEntries(
      objects.map(({ metadata }) => [metadata?.name, `${metadata?.uid} ${metadata?.resourceVersion}`]),
    );
  await holds(() => expect(versions(informer.list())).toEqual(versions(items)), 20_000);
}

test('[operator.watch-survives] the API server killed and started again', async () => {
  await put('a', '1');
  await put('b', '1');
  await agreed();
  await server.kill();
  await holds(() => expect(informer.problem()).toMatchObject({ code: 'Unreachable' }));
  expect(informer.list()).toHaveLength(2);
  await server.revive();
  await put('a', '2');
  await direct.delete(configMaps, { namespace: 'default', name: 'b' });
  await put('c', '1');
  await agreed();
  await holds(() => expect(informer.problem()).toBeUndefined());
});

test('[operator.watch-survives] connections reset while objects are deleted and made anew', async () => {
  const before = informer.get({ namespace: 'default', name: 'a' });
  const events: string[] = [];
  informer.onChange(({ type, object }) => events.push(`${type} ${object.metadata.name}`));
  proxy.set('closed');
  await direct.delete(configMaps, { namespace: 'default', name: 'a' });
  await put('a', '3');
  proxy.set('open');
  await agreed();
  expect(informer.get({ namespace: 'default', name: 'a' })?.metadata.uid).not.toBe(before?.metadata.uid);
  expect(events).toEqual(['removed a', 'added a']);
});

test('[operator.watch-survives] a connection that hangs without being closed', async () => {
  proxy.set('hanging');
  await put('a', '4');
  await holds(() => expect(informer.problem()).toMatchObject({ code: 'Timeout' }));
  proxy.set('open');
  await agreed();
});
