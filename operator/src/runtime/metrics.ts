/** Decides what the runtime measures, under the names that dashboards for controller-runtime already know. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

const seconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** All metrics of one process, in a registry of their own so that tests do not share them. */
export function createMetrics(options: { processMetrics?: boolean } = {}) {
  const registry = new Registry();
  if (options.processMetrics) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    requests: new Counter({
      name: 'rest_client_requests_total',
      help: 'Requests to the API server, by status code ("<error>" when none came), method and host.',
      labelNames: ['code', 'method', 'host'] as const,
      registers,
    }),
    requestSeconds: new Histogram({
      name: 'rest_client_request_duration_seconds',
      help: 'Seconds until the answer was complete, or for a watch until it was accepted.',
      labelNames: ['method', 'host'] as const,
      buckets: seconds,
      registers,
    }),
    reconciles: new Counter({
      name: 'controller_runtime_reconcile_total',
      help: 'Reconciles by controller and result: success, error, requeue_after.',
      labelNames: ['controller', 'result'] as const,
      registers,
    }),
    reconcileErrors: new Counter({
      name: 'controller_runtime_reconcile_errors_total',
      help: 'Reconciles that failed.',
      labelNames: ['controller'] as const,
      registers,
    }),
    reconcileSeconds: new Histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'Seconds of one reconcile.',
      labelNames: ['controller'] as const,
      buckets: seconds,
      registers,
    }),
    activeWorkers: new Gauge({
      name: 'controller_runtime_active_workers',
      help: 'Workers that are reconciling now.',
      labelNames: ['controller'] as const,
      registers,
    }),
    maxWorkers: new Gauge({
      name: 'controller_runtime_max_concurrent_reconciles',
      help: 'Most reconciles at the same time.',
      labelNames: ['controller'] as const,
      registers,
    }),
    queueDepth: new Gauge({
      name: 'workqueue_depth',
      help: 'Keys that wait for a worker.',
      labelNames: ['name'] as const,
      registers,
    }),
    queueAdds: new Counter({
      name: 'workqueue_adds_total',
      help: 'Keys added; one that is already waiting is not added again.',
      labelNames: ['name'] as const,
      registers,
    }),
    queueSeconds: new Histogram({
      name: 'workqueue_queue_duration_seconds',
      help: 'Seconds that a key waited for a worker.',
      labelNames: ['name'] as const,
      buckets: seconds,
      registers,
    }),
    workSeconds: new Histogram({
      name: 'workqueue_work_duration_seconds',
      help: 'Seconds that a worker held a key.',
      labelNames: ['name'] as const,
      buckets: seconds,
      registers,
    }),
    queueRetries: new Counter({
      name: 'workqueue_retries_total',
      help: 'Keys put back after a failure.',
      labelNames: ['name'] as const,
      registers,
    }),
    leader: new Gauge({
      name: 'leader_election_master_status',
      help: '1 while this process holds the lease of that name, else 0.',
      labelNames: ['name'] as const,
      registers,
    }),
    informerObjects: new Gauge({
      name: 'informer_objects',
      help: 'Objects in the cache of a kind.',
      labelNames: ['kind'] as const,
      registers,
    }),
    informerRestarts: new Counter({
      name: 'informer_restarts_total',
      help: 'Lists and watches begun again after a failure, by kind and by the code of the failure.',
      labelNames: ['kind', 'code'] as const,
      registers,
    }),
    eventsDropped: new Counter({
      name: 'events_dropped_total',
      help: 'Kubernetes Events that were not written: repeated, failed, or overflow.',
      labelNames: ['reason'] as const,
      registers,
    }),
  };
}
