/** Decides the answer to a request for work that this version cannot do: phase Failed, once, with an error that says so. */

import type { Logger } from 'pino';
import { apiVersion } from '../api/group.ts';
import { createApplier } from '../runtime/apply.ts';
import type { Informer } from '../runtime/cache.ts';
import type { Client } from '../runtime/client.ts';
import type { Clock, Random } from '../runtime/clock.ts';
import { type Controller, createController, watch } from '../runtime/controller.ts';
import type { EventRecorder } from '../runtime/events.ts';
import { toItself } from '../runtime/map.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { KubernetesObject, ResourceType } from '../runtime/resource.ts';

/** An object that asks for one piece of work and tells how far it is. */
export type Job = KubernetesObject & { status?: { phase?: string; completedAt?: string; error?: string } };

export type RefusingControllerOptions = {
  client: Client;
  cache: Informer<Job>;
  events: EventRecorder;
  clock: Clock;
  random: Random;
  metrics: Metrics;
  logger: Logger;
};

/** A controller that refuses every object of the type. A phase, once set, is never changed. */
export function createRefusingController(
  type: ResourceType<Job>,
  error: string,
  { client, cache, events, ...ambience }: RefusingControllerOptions,
): Controller {
  const applier = createApplier({ client, hashAnnotation: apiVersion });
  return createController({
    name: type.kind.toLowerCase(),
    watches: [watch(cache, toItself)],
    exists: (key) => cache.get(key) !== undefined,
    async reconcile(key, { signal }) {
      const live = cache.get(key);
      if (live === undefined || live.metadata.deletionTimestamp !== undefined || live.status?.phase !== undefined)
        return {};
      const completedAt = `${new Date(ambience.clock.now()).toISOString().slice(0, 19)}Z`;
      await applier.applyStatus({ type, live, status: { phase: 'Failed', completedAt, error }, cache, signal });
      events.record({ regarding: live, type: 'Warning', reason: 'NotSupported', action: 'Reconcile', note: error });
      return {};
    },
    ...ambience,
  });
}
