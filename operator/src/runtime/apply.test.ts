import { describe, expect, test } from 'vitest';
import { createApplier } from './apply.ts';
import type { Informer } from './cache.ts';
import type { Client } from './client.ts';
import type { KubernetesObject, Live } from './resource.ts';
import { type ConfigMap, configMaps } from './resources.ts';

type Status = KubernetesObject & { status?: { phase?: string; note?: string | undefined } };

/** A client that notes each request, and a cache that holds one object. */
function setup(held: Live<ConfigMap> | undefined, answer: Partial<Live['metadata']> = {}) {
  const requests: string[] = [];
  const noted: Live[] = [];
  const respond = (verb: string) => async (_type: unknown, sent: KubernetesObject) => {
    requests.push(`${verb} ${sent.metadata?.name} ${sent.metadata?.uid}`);
    return { ...sent, metadata: { ...sent.metadata, name: 'a', uid: 'u', resourceVersion: '1', ...answer } };
  };
  const client = {
    fieldManager: 'tester',
    find: async (_type: unknown, { name }: { name: string }) => {
      requests.push(`find ${name}`);
      return undefined;
    },
    apply: respond('apply'),
    applyStatus: respond('applyStatus'),
  } as unknown as Client;
  const cache = { get: () => held, note: (object: Live) => noted.push(object) } as unknown as Informer<ConfigMap>;
  return { requests, noted, cache, applier: createApplier({ client, hashAnnotation: 'hash' }) };
}

const live: Live<ConfigMap> = {
  metadata: { namespace: 'n', name: 'a', uid: 'u', resourceVersion: '1' },
  data: { a: '1' },
};
const manifest = { metadata: { namespace: 'n', name: 'a' }, data: { a: '1' } };

describe('an applier', () => {
  test('asks the API server before it creates what the cache does not show, and notes the result', async () => {
    const { applier, cache, requests, noted } = setup(undefined);
    const { outcome } = await applier.apply({ type: configMaps, manifest, cache, isOurs: () => true });
    expect(outcome).toBe('created');
    expect(requests).toEqual(['find a', 'apply a undefined']);
    expect(noted).toHaveLength(1);
  });

  test('[operator.no-hot-loop] asks only once when the server finds nothing to change, though the comparison does', async () => {
    const { applier, cache, requests } = setup(live);
    for (let i = 0; i < 3; i++) {
      expect((await applier.apply({ type: configMaps, manifest, cache, isOurs: () => true })).outcome).toBe(
        'unchanged',
      );
    }
    expect(requests).toEqual(['apply a u']);
    const { outcome } = await applier.apply({
      type: configMaps,
      manifest: { ...manifest, data: { a: '2' } },
      cache,
      isOurs: () => true,
    });
    expect([outcome, requests.length]).toEqual(['unchanged', 2]);
  });

  test('[operator.foreign-owner] writes nothing to an object that is not ours', async () => {
    const { applier, cache, requests } = setup(live);
    const applied = await applier.apply({ type: configMaps, manifest, cache, isOurs: () => false });
    expect(applied).toEqual({ outcome: 'refused', object: live });
    expect(requests).toEqual([]);
  });

  test('[operator.status-only-when-different] writes a status only when it differs, and to this very object', async () => {
    const { applier, cache, requests } = setup(live, { resourceVersion: '2' });
    const held: Live<Status> = { ...live, status: { phase: 'Ready' } };
    const write = (status: NonNullable<Status['status']>) =>
      applier.applyStatus<Status>({ type: configMaps as never, live: held, status, cache: cache as never });
    expect(await write({ phase: 'Ready', note: undefined })).toBe(false);
    expect(requests).toEqual([]);
    expect(await write({ phase: 'Failed' })).toBe(true);
    expect(requests).toEqual(['applyStatus a u']);
  });
});
