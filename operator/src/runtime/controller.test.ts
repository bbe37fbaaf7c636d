import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { ApiError } from './api-error.ts';
import type { CacheEvent, CacheHandler, Informer } from './cache.ts';
import { type ControllerOptions, createController, watch } from './controller.ts';
import { toItself } from './map.ts';
import { createMetrics } from './metrics.ts';
import type { KubernetesObject, Live } from './resource.ts';
import { Store } from './store.ts';
import { createManualClock, settle } from './testing/manual-clock.ts';

const object = (name: string, resourceVersion = '1'): Live => ({
  metadata: { namespace: 'ns', name, uid: `uid-${name}`, resourceVersion },
});

/** An informer that holds what the test puts in. */
function fakeInformer(names: string[]) {
  const store = new Store<KubernetesObject>();
  store.replace(names.map((name) => object(name)));
  const handlers = new Set<CacheHandler<KubernetesObject>>();
  const synced = Promise.withResolvers<void>();
  const tell = (events: CacheEvent<KubernetesObject>[]) => {
    for (const event of events) for (const handler of handlers) handler(event);
  };
  const informer: Informer = {
    get: (reference) => store.get(reference),
    list: (namespace) => store.list(namespace),
    ownedBy: (uid) => store.ownedBy(uid),
    labelled: (label, value) => store.labelled(label, value),
    hasSynced: () => true,
    onChange(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    note: () => {},
    start: () => {},
    waitForSync: (signal) =>
      new Promise((resolve, reject) => {
        void synced.promise.then(resolve);
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
    problem: () => undefined,
    stop: async () => {},
  };
  return {
    informer,
    sync: () => synced.resolve(),
    put: (live: Live) => tell(store.put(live)),
    remove: (live: Live) => tell(store.remove(live)),
  };
}

function setup(names: string[], reconcile: ControllerOptions['reconcile'], more: Partial<ControllerOptions> = {}) {
  const clock = createManualClock();
  const metrics = createMetrics();
  const source = fakeInformer(names);
  const controller = createController({
    name: 'test',
    reconcile,
    watches: [watch(source.informer, toItself)],
    exists: (key) => source.informer.get(key) !== undefined,
    clock,
    random: () => 1,
    metrics,
    logger: pino({ level: 'silent' }),
    ...more,
  });
  return { clock, metrics, source, controller };
}

describe('a controller', () => {
  test('reconciles nothing before its caches are complete, then every object once', async () => {
    const seen: string[] = [];
    const { source, controller } = setup(['a', 'b'], async ({ name }) => {
      seen.push(name);
      return {};
    });
    controller.start();
    controller.start();
    await settle();
    expect(seen).toEqual([]);
    source.sync();
    await settle();
    expect(seen).toEqual(['a', 'b']);
    await controller.stop();
  });

  test('never reconciles one key twice at the same time, however many workers it has', async () => {
    let running = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    const { source, controller } = setup(
      ['a'],
      async () => {
        most = Math.max(most, ++running);
        await gate.promise;
        running--;
        return {};
      },
      { workers: 4 },
    );
    controller.start();
    source.sync();
    await settle();
    for (let i = 2; i < 6; i++) source.put(object('a', String(i)));
    await settle();
    gate.resolve();
    await settle();
    expect(most).toBe(1);
    await controller.stop();
  });

  test('retries a failure with growing waits and tells the attempt', async () => {
    const attempts: number[] = [];
    const { source, controller, clock } = setup(
      ['a'],
      async (_key, { attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error('no');
        return {};
      },
      { backoff: { baseMs: 100, maxMs: 10_000 } },
    );
    controller.start();
    source.sync();
    await clock.advance(100);
    expect(attempts).toEqual([0, 1]);
    await clock.advance(200);
    await clock.advance(400);
    expect(attempts).toEqual([0, 1, 2, 3]);
    await controller.stop();
  });

  test('waits as long as the API server asked for with Retry-After', async () => {
    let calls = 0;
    const { source, controller, clock } = setup(['a'], async () => {
      calls++;
      throw new ApiError('TooManyRequests', 'busy', { retryAfterMs: 30_000 });
    });
    controller.start();
    source.sync();
    await clock.advance(29_000);
    expect(calls).toBe(1);
    await clock.advance(1_000);
    expect(calls).toBe(2);
    await controller.stop();
  });

  test('[operator.queue] looks at each object again within ten minutes, and never again at one that is gone', async () => {
    const seen: string[] = [];
    const { source, controller, clock } = setup(
      ['a', 'b'],
      async ({ name }) => {
        seen.push(name);
        return {};
      },
      { resyncMs: 3_600_000 },
    );
    controller.start();
    source.sync();
    await clock.advance(1);
    source.remove(object('b'));
    await clock.advance(1);
    seen.length = 0;
    await clock.advance(600_000);
    expect(seen.filter((name) => name === 'a')).toHaveLength(1);
    seen.length = 0;
    await clock.advance(600_000);
    expect(seen).toEqual(['a']);
    await controller.stop();
  });

  test('comes back when the reconcile asked to, and counts it as requeue_after', async () => {
    let calls = 0;
    const { source, controller, clock, metrics } = setup(['a'], async () => {
      calls++;
      return { requeueAfterMs: 5_000 };
    });
    controller.start();
    source.sync();
    await clock.advance(10_000);
    expect(calls).toBe(3);
    const text = await metrics.registry.getSingleMetricAsString('controller_runtime_reconcile_total');
    expect(text).toContain('controller_runtime_reconcile_total{controller="test",result="requeue_after"} 3');
    await controller.stop();
  });

  test('survives a reconcile that throws something that is no error, and goes on with other keys', async () => {
    const seen: string[] = [];
    const { source, controller } = setup(['a', 'b'], ({ name }) => {
      seen.push(name);
      throw undefined;
    });
    controller.start();
    source.sync();
    await settle();
    expect(seen).toEqual(['a', 'b']);
    await controller.stop();
  });

  test('stopping waits for the running reconcile, takes no new one, and aborts it when the grace is over', async () => {
    const seen: string[] = [];
    let aborted = false;
    const { source, controller, clock } = setup(
      ['a', 'b'],
      ({ name }, { signal }) => {
        seen.push(name);
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            resolve({});
          });
        });
      },
      { workers: 1, stopGraceMs: 5_000 },
    );
    controller.start();
    source.sync();
    await settle();
    let stopped = false;
    const stopping = controller.stop().then(() => {
      stopped = true;
    });
    await clock.advance(4_999);
    expect({ stopped, aborted, seen }).toEqual({ stopped: false, aborted: false, seen: ['a'] });
    await clock.advance(1);
    await stopping;
    expect({ stopped, aborted, seen }).toEqual({ stopped: true, aborted: true, seen: ['a'] });
  });

  test('stopping before the caches are complete ends at once', async () => {
    const { controller } = setup(['a'], async () => ({}));
    controller.start();
    await controller.stop();
  });

  test('aborts the signal of a reconcile that takes too long', async () => {
    const reasons: string[] = [];
    const { source, controller, clock } = setup(
      ['a'],
      (_key, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(String(signal.reason));
            reject(signal.reason);
          });
        }),
      { reconcileTimeoutMs: 1_000 },
    );
    controller.start();
    source.sync();
    await clock.advance(1_000);
    expect(reasons).toEqual(['Error: took longer than 1000 ms']);
    await controller.stop();
  });
});
