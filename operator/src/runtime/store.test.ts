import { describe, expect, test } from 'vitest';
import type { KubernetesObject, Live } from './resource.ts';
import { Store } from './store.ts';

const live = (name: string, uid: string, resourceVersion: string, more: object = {}): Live => ({
  metadata: { namespace: 'ns', name, uid, resourceVersion, ...more },
});

const told = (events: { type: string; object: Live }[]): string[] =>
  events.map(({ type, object }) => `${type} ${object.metadata.uid}@${object.metadata.resourceVersion}`);

describe('the store of a cache', () => {
  test('a list tells what came, changed and went, and nothing about the rest', () => {
    const store = new Store();
    store.replace([live('a', 'ua', '1'), live('b', 'ub', '1'), live('c', 'uc', '1')]);
    const events = store.replace([live('a', 'ua', '1'), live('b', 'ub', '2'), live('d', 'ud', '3')]);
    expect(told(events)).toEqual(['removed uc@1', 'changed ub@2', 'added ud@3']);
  });

  test('[operator.watch-survives] an object deleted and made anew between two lists is removed, then added', () => {
    const store = new Store();
    store.replace([live('a', 'old', '1')]);
    expect(told(store.replace([live('a', 'new', '5')]))).toEqual(['removed old@1', 'added new@5']);
  });

  test('a list of one namespace leaves the others alone', () => {
    const store = new Store();
    store.replace([live('a', 'ua', '1')], 'ns');
    store.replace([live('b', 'ub', '1', { namespace: 'other' })], 'other');
    expect(told(store.replace([], 'ns'))).toEqual(['removed ua@1']);
    expect(store.list().map(({ metadata }) => metadata.name)).toEqual(['b']);
  });

  test('an event older than what is held, or the same, is ignored', () => {
    const store = new Store();
    store.put(live('a', 'ua', '10'));
    expect(store.put(live('a', 'ua', '9'))).toEqual([]);
    expect(store.put(live('a', 'ua', '10'))).toEqual([]);
    expect(told(store.put(live('a', 'ua', '11')))).toEqual(['changed ua@11']);
  });

  test('a list is the truth even when its versions are lower, as after a restored etcd', () => {
    const store = new Store();
    store.put(live('a', 'ua', '1000'));
    expect(told(store.replace([live('a', 'ua', '5')]))).toEqual(['changed ua@5']);
  });

  test('what a write returned does not bring back an object that the watch saw deleted', () => {
    const store = new Store();
    store.put(live('a', 'ua', '1'));
    store.remove(live('a', 'ua', '3'));
    expect(store.note(live('a', 'ua', '2'))).toEqual([]);
    expect(store.get({ namespace: 'ns', name: 'a' })).toBeUndefined();
  });

  test('the late news of a deletion leaves the namesake that we made since alone', () => {
    const store = new Store();
    store.put(live('a', 'old', '1'));
    expect(told(store.note(live('a', 'new', '5')))).toEqual(['removed old@1', 'added new@5']);
    expect(store.remove(live('a', 'old', '4'))).toEqual([]);
    expect(store.put(live('a', 'old', '3'))).toEqual([]);
    expect(store.get({ namespace: 'ns', name: 'a' })?.metadata.uid).toBe('new');
  });

  test('objects are found by owner and by indexed label, also after both change', () => {
    const store = new Store<KubernetesObject>(['app']);
    const owner = (uid: string) => ({ ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid }] });
    store.put(live('a', 'ua', '1', { ...owner('o1'), labels: { app: 'one' } }));
    store.put(live('b', 'ub', '1', { ...owner('o1'), labels: { app: 'two' } }));
    expect(store.ownedBy('o1')).toHaveLength(2);
    store.put(live('a', 'ua', '2', { ...owner('o2'), labels: { app: 'two' } }));
    expect(store.ownedBy('o1').map(({ metadata }) => metadata.name)).toEqual(['b']);
    expect(store.ownedBy('o2').map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(store.labelled('app', 'one')).toEqual([]);
    expect(store.labelled('app', 'two')).toHaveLength(2);
    store.remove(live('a', 'ua', '3'));
    expect(store.ownedBy('o2')).toEqual([]);
    expect(() => store.labelled('other', 'x')).toThrow(RangeError);
  });
});
