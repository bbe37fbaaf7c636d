/** Decides how a cache is fed: one list-watch a namespace, one store, and handlers that cannot harm each other. */
import type { Logger } from 'pino';
import type { CacheEvent, CacheHandler, Informer } from './cache.ts';
import type { Client } from './client.ts';
import type { Clock, Random } from './clock.ts';
import { ListWatch, type ListWatchTuning } from './list-watch.ts';
import type { Metrics } from './metrics.ts';
import type { KubernetesObject, Live, ResourceType } from './resource.ts';
import { Store } from './store.ts';

export type InformerOptions<T extends KubernetesObject> = {
  client: Client;
  type: ResourceType<T>;
  /** Namespaces to follow; all of them when empty or left out. */
  namespaces?: readonly string[];
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** Holds metadata only: for kinds whose content must not be cached, such as Secrets. */
  metadataOnly?: boolean;
  /** Labels that `labelled` can ask for. */
  indexedLabels?: readonly string[];
  /** Drops what no reader needs before it is held. It must keep metadata.name, namespace, uid and resourceVersion. */
  transform?: (object: Live<T>) => Live<T>;
  tuning?: ListWatchTuning;
  clock: Clock;
  random: Random;
  metrics: Metrics;
  logger: Logger;
};

/** A cache of one kind of object that keeps itself current from `start` to `stop`. */
export function createInformer<T extends KubernetesObject>(options: InformerOptions<T>): Informer<T> {
  const { type, logger, metrics, transform = (object: Live<T>) => object } = options;
  const store = new Store<T>(options.indexedLabels);
  const handlers = new Set<CacheHandler<T>>();
  const scopes: (string | undefined)[] =
    type.namespaced && options.namespaces?.length ? [...options.namespaces] : [undefined];
  const unlisted = new Set(scopes);
  const synced = Promise.withResolvers<void>();

  function publish(events: CacheEvent<T>[]): void {
    metrics.informerObjects.set({ kind: type.kind }, store.size);
    for (const event of events) {
      for (const handler of handlers) {
        try {
          handler(event);
        } catch (error) {
          const { namespace, name } = event.object.metadata;
          logger.error({ err: error, kind: type.kind, namespace, name }, 'a handler of cache changes failed');
        }
      }
    }
  }

  const followers = scopes.map((namespace) => {
    const sink = {
      replace(objects: Live<T>[]) {
        const events = store.replace(objects.map(transform), namespace);
        unlisted.delete(namespace);
        publish(events);
        if (unlisted.size === 0) synced.resolve();
      },
      put: (object: Live<T>) => publish(store.put(transform(object))),
      remove: (object: Live<T>) => publish(store.remove(transform(object))),
    };
    return new ListWatch<T>({ ...options, ...options.tuning, namespace, sink });
  });

  return {
    get: (reference) => store.get(reference),
    list: (namespace) => store.list(namespace),
    ownedBy: (uid) => store.ownedBy(uid),
    labelled: (label, value) => store.labelled(label, value),
    hasSynced: () => unlisted.size === 0,
    onChange(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    note(object) {
      if (scopes.includes(undefined) || scopes.includes(object.metadata.namespace))
        publish(store.note(transform(object)));
    },
    start() {
      for (const follower of followers) follower.start();
    },
    waitForSync: (signal) => abortable(synced.promise, signal),
    problem: () => followers.map((follower) => follower.problem()).find((problem) => problem !== undefined),
    async stop() {
      await Promise.all(followers.map((follower) => follower.stop()));
    },
  };
}

/** `promise`, or a rejection with the signal's reason if that comes first. */
function abortable(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
