import { describe, expect, test } from 'vitest';
import { keyOf, parseKey } from './key.ts';
import { toAny, toItself, toLabelled, toOwner, toReferrers } from './map.ts';
import type { KubernetesObject, Live, OwnerReference } from './resource.ts';
import { deployments } from './resources.ts';

const object = (metadata: Partial<Live['metadata']>): Live => ({
  metadata: { namespace: 'ns', name: 'child', uid: 'u', resourceVersion: '1', ...metadata },
});
const owner = (apiVersion: string, kind: string, name: string): OwnerReference => ({
  apiVersion,
  kind,
  name,
  uid: 'o',
});

describe('which keys a changed object concerns', () => {
  test('its own', () => {
    expect(toItself(object({}))).toEqual(['ns/child']);
    expect(toItself({ metadata: { name: 'c', uid: 'u', resourceVersion: '1' } })).toEqual(['c']);
  });

  test('that of its owner, of the right kind and group, in any version', () => {
    const ownerReferences = [
      owner('apps/v1beta1', 'Deployment', 'mine'),
      owner('other.io/v1', 'Deployment', 'theirs'),
      owner('apps/v1', 'ReplicaSet', 'set'),
    ];
    expect(toOwner(deployments)(object({ ownerReferences }))).toEqual(['ns/mine']);
    expect(toOwner(deployments)(object({}))).toEqual([]);
  });

  test('that which a label names', () => {
    expect(toLabelled('app')(object({ labels: { app: 'web' } }))).toEqual(['ns/web']);
    expect(toLabelled('app')(object({ labels: { app: '' } }))).toEqual([]);
  });

  test('those of its namespace that refer to it', () => {
    const owners = [object({ name: 'one' }), object({ name: 'two' })] as Live<KubernetesObject>[];
    const asked: (string | undefined)[] = [];
    const cache = {
      list: (namespace?: string) => {
        asked.push(namespace);
        return owners;
      },
    };
    expect(toReferrers(cache, ({ metadata }) => metadata.name === 'two')(object({}))).toEqual(['ns/two']);
    expect(asked).toEqual(['ns']);
  });

  test('those of several mappings, each once', () => {
    expect(toAny(toItself, toLabelled('app'), toItself)(object({ labels: { app: 'web' } }))).toEqual([
      'ns/child',
      'ns/web',
    ]);
  });
});

test.each([{ namespace: 'ns', name: 'a' }, { name: 'a' }])('a key holds the whole reference %j', (reference) => {
  expect(parseKey(keyOf(reference))).toEqual(reference);
});
