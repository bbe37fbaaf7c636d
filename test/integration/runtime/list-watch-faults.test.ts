/** Proves that a cache ends up holding the truth whatever the wire does to its lists and watches. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CacheEvent, Informer } from '../../../operator/src/runtime/cache.ts';
import type { Client } from '../../../operator/src/runtime/client.ts';
import { createInformer, type InformerOptions } from '../../../operator/src/runtime/informer.ts';
import type { KubernetesObject } from '../../../operator/src/runtime/resource.ts';
import { configMaps } from '../../../operator/src/runtime/resources.ts';
import { FakeApiServer, refuse, reset } from './fake-api-server.ts';
import { ambience, clientFor, eventually, holds, plainKubeConfig } from './harness.ts';

const tuning = { backoff: { baseMs: 10, maxMs: 100 }, idleTimeoutMs: 2_000, requestTimeoutMs: 1_000 };

let server: FakeApiServer;
let client: Client;
let informer: Informer;
let events: string[];

beforeEach(async () => {
  server = new FakeApiServer();
  await server.start();
  client = clientFor(plainKubeConfig(server.url));
});

afterEach(async () => {
  await informer.stop();
  await client.close();
  await server.stop();
});

function follow(options: Partial<InformerOptions<KubernetesObject>> = {}): void {
  informer = createInformer<KubernetesObject>({ client, type: configMaps as never, tuning, ...ambience(), ...options });
  events = [];
  informer.onChange((event) => events.push(tell(event)));
  informer.start();
}

const tell = ({ type, object }: CacheEvent<KubernetesObject>): string =>
  `${type} ${object.metadata.name} ${object.metadata.uid}`;

const held = (): Record<string, string> =>
  Object.fromEntries(
    informer.list().map(({ metadata }) => [metadata.name, `${metadata.uid}@${metadata.resourceVersion}`]),
  );

/** Waits until the cache holds what the server holds. */
const agreed = (): Promise<void> => holds(() => expect(held()).toEqual(server.truth()));

/** A cache that holds two objects and watches. */
async function settled(options: Partial<InformerOptions<KubernetesObject>> = {}): Promise<void> {
  server.put('a');
  server.put('b');
  follow(options);
  await informer.waitForSync();
  await eventually(() => server.openWatches > 0);
  events.length = 0;
}

describe('[operator.watch-survives] while watching', () => {
  test('a reset connection is watched again from the last version, without a list', async () => {
    await settled();
    server.resetWatches();
    server.put('a');
    server.delete('b');
    server.put('c');
    await agreed();
    expect(server.count('LIST')).toBe(1);
    expect(events).toEqual(['changed a uid-1', 'removed b uid-2', 'added c uid-3']);
  });

  test('a watch that the server ends in peace is begun again from the last version', async () => {
    await settled();
    server.put('a');
    await agreed();
    server.endWatches();
    await eventually(() => server.count('WATCH') === 2);
    server.put('c');
    await agreed();
    expect(server.count('LIST')).toBe(1);
  });

  test('half a line before the connection breaks is not taken for an event', async () => {
    await settled();
    server.sendLine('{"type":"DELETED","object":{"metadata":{"name":"a","namespace":"ns","uid":"uid-1","resour');
    server.resetWatches();
    server.put('c');
    await agreed();
    expect(events).toEqual(['added c uid-3']);
  });

  test('a connection that is half open is given up after the idle time', async () => {
    await settled({ tuning: { ...tuning, idleTimeoutMs: 300 } });
    server.freezeWatches();
    server.put('a');
    server.delete('b');
    await agreed();
    expect(server.count('LIST')).toBe(1);
  });

  test('bookmarks keep a quiet watch alive and are where the next one begins', async () => {
    await settled({ tuning: { ...tuning, idleTimeoutMs: 400 } });
    server.put('x', 'elsewhere');
    await agreed();
    for (let i = 0; i < 6; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      server.bookmark();
    }
    expect(server.count('WATCH')).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    server.compact();
    server.resetWatches();
    await eventually(() => server.count('WATCH') === 2);
    server.put('c');
    await agreed();
    expect(server.count('LIST')).toBe(1);
  });

  test('an expired version answered with 410 leads to a new list', async () => {
    await settled();
    server.freezeWatches();
    server.put('a');
    server.delete('b');
    server.compact();
    server.resetWatches();
    await agreed();
    expect(server.count('LIST')).toBe(2);
    expect(events).toEqual(['removed b uid-2', 'changed a uid-1']);
  });

  test('an expired version told in-stream leads to a new list', async () => {
    await settled();
    server.freezeWatches();
    server.delete('a');
    server.sendLine({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } });
    await agreed();
    expect(server.count('LIST')).toBe(2);
  });

  test('another error told in-stream leads to another watch', async () => {
    await settled();
    server.sendLine({ type: 'ERROR', object: { kind: 'Status', code: 500, message: 'etcd leader changed' } });
    await eventually(() => server.count('WATCH') === 2);
    server.put('c');
    await agreed();
    expect(server.count('LIST')).toBe(1);
  });

  test.each([429, 500, 502, 503])('a watch answered with %i is tried again', async (code) => {
    await settled();
    server.watchFaults.push(refuse(code), refuse(code));
    server.resetWatches();
    server.put('c');
    await agreed();
  });

  test('Retry-After of a refused watch is kept', async () => {
    await settled();
    server.watchFaults.push(refuse(429, { 'retry-after': '1' }));
    server.resetWatches();
    const before = performance.now();
    await eventually(() => server.count('WATCH') === 3);
    expect(performance.now() - before).toBeGreaterThan(900);
  });

  test('a malformed line loses nothing: the watch begins again from before it', async () => {
    await settled();
    server.freezeWatches();
    server.put('a');
    server.sendLine('<html>Bad gateway</html>\n');
    await agreed();
    expect(events).toEqual(['changed a uid-1']);
    expect(server.count('LIST')).toBe(1);
  });

  test('an event without a version or of an unknown type is malformed, too', async () => {
    await settled();
    server.sendLine({ type: 'ADDED', object: { metadata: { name: 'ghost', uid: 'g' } } });
    await eventually(() => server.count('WATCH') === 2);
    server.sendLine({ type: 'EXPLODED', object: { metadata: { name: 'ghost', uid: 'g', resourceVersion: '1' } } });
    server.put('c');
    await agreed();
  });

  test('an object deleted and made anew while nobody watched is removed and added, not changed', async () => {
    await settled();
    server.freezeWatches();
    server.delete('a');
    server.put('a');
    server.compact();
    server.resetWatches();
    await agreed();
    expect(events).toEqual(['removed a uid-1', 'added a uid-3']);
  });

  test('versions that went back, as after a restored etcd, are found out and listed anew', async () => {
    await settled();
    server.turnBack();
    server.resetWatches();
    await agreed();
    server.put('a');
    await agreed();
  });

  test('a handler that throws harms neither the other handlers nor later events', async () => {
    await settled();
    informer.onChange(() => {
      throw new Error('handler');
    });
    const later: string[] = [];
    informer.onChange((event) => later.push(tell(event)));
    server.put('c');
    server.delete('a');
    await agreed();
    expect(later).toEqual(['added c uid-3', 'removed a uid-1']);
    expect(server.count('WATCH')).toBe(1);
  });

  test('a server that ends every watch at once is not asked without pause', async () => {
    await settled();
    server.watchFaults.push(
      ...Array.from(
        { length: 1_000 },
        () => (response: { writeHead(code: number): { end(): unknown } }) => void response.writeHead(200).end(),
      ),
    );
    server.endWatches();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(server.count('WATCH')).toBeGreaterThan(3);
    expect(server.count('WATCH')).toBeLessThan(40);
    server.watchFaults.length = 0;
    server.put('c');
    await agreed();
  });
});

describe('[operator.watch-survives] while listing', () => {
  test.each([403, 404, 429, 500, 503])(
    'a list answered with %i at the start is tried again until it succeeds',
    async (code) => {
      server.put('a');
      server.listFaults.push(refuse(code), refuse(code), refuse(code));
      follow();
      await eventually(() => informer.problem());
      expect(informer.hasSynced()).toBe(false);
      await agreed();
      expect(informer.hasSynced()).toBe(true);
      await eventually(() => informer.problem() === undefined);
    },
  );

  test('a server that is not there at the start is waited for', async () => {
    const port = new URL(server.url).port;
    server.put('a');
    await server.stop();
    follow();
    expect(await eventually(() => informer.problem())).toMatchObject({ code: 'Unreachable' });
    await server.start(Number(port));
    await agreed();
  });

  test('a reset, an answer that never comes, and one that is no JSON are tried again', async () => {
    server.put('a');
    server.listFaults.push(
      reset,
      () => {},
      (response) => response.end('<html>'),
      (response) => response.end('{"items":[]}'),
    );
    follow();
    await agreed();
    expect(server.count('LIST')).toBe(5);
  });

  test('a long list is fetched in pages', async () => {
    for (let i = 0; i < 25; i++) server.put(`o${i}`);
    follow({ tuning: { ...tuning, pageSize: 10 } });
    await agreed();
    expect(server.requests.filter(({ verb }) => verb === 'LIST').map(({ query }) => query.get('continue'))).toEqual([
      null,
      '10',
      '20',
    ]);
  });

  test('pages that expired half-way are asked for in one piece', async () => {
    for (let i = 0; i < 25; i++) server.put(`o${i}`);
    server.listFaults.push(undefined as never, refuse(410));
    follow({ tuning: { ...tuning, pageSize: 10 } });
    await agreed();
    expect(server.requests.filter(({ verb }) => verb === 'LIST').map(({ query }) => query.get('limit'))).toEqual([
      '10',
      '10',
      null,
    ]);
  });
});

describe('an informer', () => {
  test('started twice lists and watches once', async () => {
    await settled();
    informer.start();
    server.put('c');
    await agreed();
    expect([server.count('LIST'), server.count('WATCH')]).toEqual([1, 1]);
  });

  test('stops for good and closes its connection', async () => {
    await settled();
    await informer.stop();
    await eventually(() => server.openWatches === 0);
    const requests = server.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(server.requests.length).toBe(requests);
  });

  test('stops while a list never answers', async () => {
    server.listFaults.push(() => {});
    follow();
    await eventually(() => server.count('LIST') === 1);
    await informer.stop();
  });

  test('[operator.namespaces] follows the namespaces it is given, and is complete when all are listed', async () => {
    server.put('a', 'one');
    server.put('b', 'two');
    server.put('c', 'three');
    server.listFaults.push(refuse(403), refuse(403), refuse(403));
    follow({ namespaces: ['one', 'two'] });
    await informer.waitForSync();
    expect(
      informer
        .list()
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual(['a', 'b']);
    expect(server.requests.map(({ path }) => path)).not.toContain('/api/v1/configmaps');
    await eventually(() => server.openWatches === 2);
    server.put('d', 'two');
    server.put('e', 'three');
    server.delete('a', 'one');
    await holds(() => expect(Object.keys(held()).sort()).toEqual(['b', 'd']));
  });

  test('[operator.secrets-by-name] asks for metadata only, and passes selectors on, in lists and watches', async () => {
    follow({ metadataOnly: true, labelSelector: 'app=x' });
    await eventually(() => server.openWatches === 1);
    expect(server.requests.map(({ accept }) => accept)).toEqual([
      'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    ]);
    expect(server.requests.map(({ query }) => query.get('labelSelector'))).toEqual(['app=x', 'app=x']);
    expect(server.requests[1]?.query.get('allowWatchBookmarks')).toBe('true');
    expect(Number(server.requests[1]?.query.get('timeoutSeconds'))).toBeGreaterThanOrEqual(300);
  });
});

test('[operator.watch-survives] a hundred random faults among three hundred random changes leave the cache with the truth', async () => {
  let seed = 20_26;
  const random = () => {
    // A linear congruential generator: the same faults on every run.
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const faults = [
    () => server.resetWatches(),
    () => server.endWatches(),
    () => server.freezeWatches(),
    () => server.compact(),
    () => server.sendLine('{"type":"MOD'),
    () => server.sendLine('nonsense\n'),
    () => server.sendLine({ type: 'ERROR', object: { code: pick([410, 429, 500]) } }),
    () => server.watchFaults.push(refuse(pick([410, 429, 500, 503]))),
    () => server.listFaults.push(pick([refuse(500), reset])),
    () => server.bookmark(),
  ];
  follow({ tuning: { ...tuning, idleTimeoutMs: 150, pageSize: 7, backoff: { baseMs: 2, maxMs: 20 } } });
  // What a controller would believe, from events alone.
  const believed = new Map<string, string>();
  informer.onChange(({ type, object }) => {
    const { name, uid } = object.metadata;
    if (type === 'added') expect(believed.has(name)).toBe(false);
    else expect(believed.get(name)).toBe(uid);
    if (type === 'removed') believed.delete(name);
    else believed.set(name, uid);
  });
  for (let i = 0; i < 300; i++) {
    if (i % 3 === 0) pick(faults)();
    const name = `o${Math.floor(random() * 30)}`;
    if (random() < 0.3) server.delete(name);
    else server.put(name);
    if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  server.watchFaults.length = 0;
  server.listFaults.length = 0;
  server.put('last');
  await agreed();
  expect(Object.fromEntries(believed)).toEqual(
    Object.fromEntries(informer.list().map(({ metadata }) => [metadata.name, metadata.uid])),
  );
});
