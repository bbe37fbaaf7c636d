/** Decides how the parts of the operator are joined, and in which order they start and stop. */
import { randomBytes } from 'node:crypto';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Logger } from 'pino';
import { fieldManager, group } from './api/group.ts';
import { codeSageBackups, createBackupController } from './backup/controller.ts';
import { type Config, type ExitCode, exitCodes } from './config.ts';
import { codeSageRestores, createRestoreController } from './restore/controller.ts';
import { createClient } from './runtime/api-client.ts';
import { type Clock, type Random, sleep } from './runtime/clock.ts';
import { createConnection } from './runtime/connection.ts';
import { createElector, type Elector } from './runtime/elector.ts';
import { createEventRecorder } from './runtime/event-recorder.ts';
import { buildHealthApp, buildMetricsApp, type HealthCheck, type Listener, listen } from './runtime/health.ts';
import { createInformer } from './runtime/informer.ts';
import type { Metrics } from './runtime/metrics.ts';
import { createTransport } from './runtime/transport.ts';
import { createDnsAccess, createProxyAccess } from './server/access.ts';
import { cachesOf, createServerCaches, type InformerFactory } from './server/caches.ts';
import { createServerController } from './server/controller.ts';
import { version } from './version.ts';

export type OperatorOptions = {
  config: Config;
  kubeConfig: KubeConfig;
  clock: Clock;
  random: Random;
  metrics: Metrics;
  logger: Logger;
};

export type Operator = {
  /** Ports that are open, for those who asked for any free one. */
  readonly ports: { metrics: number | undefined; health: number | undefined };
  /** Resolves with an exit code when the operator can no longer act, which is when it lost the lease. */
  readonly ended: Promise<ExitCode>;
  /** Finishes what runs, writes the last events, frees the lease. Takes at most 25 s. Calling it again waits for the same. */
  stop(): Promise<void>;
};

/** Milliseconds for an orderly end beside the 15 s of the controllers; together less than a pod's grace period of 30 s. */
const grace = { eventsMs: 3_000, restMs: 5_000 };

/**
 * Starts the operator: ports first, so that probes are answered, then caches, then (as leader) the controllers.
 *
 * @throws Error when a port cannot be opened or the kubeconfig names no cluster.
 */
export async function startOperator(options: OperatorOptions): Promise<Operator> {
  const { config, clock, random, metrics, logger } = options;
  const connection = createConnection(options.kubeConfig, clock);
  const transport = createTransport({ connection, clock, metrics, userAgent: `${fieldManager}/${version}` });
  const ambience = { clock, random, metrics, logger };
  const ended = Promise.withResolvers<ExitCode>();

  let elector: Elector | undefined;
  const client = createClient({ transport, fieldManager, mayWrite: () => elector?.isLeader() ?? !config.leaderElect });
  const make: InformerFactory = (type, more) =>
    createInformer({ client, type, namespaces: config.watchNamespaces, ...ambience, ...more });
  const caches = createServerCaches(make, { clusterScoped: config.watchNamespaces.length === 0 });
  const [backups, restores] = [make(codeSageBackups, {}), make(codeSageRestores, {})];
  const informers = [...cachesOf(caches), backups, restores];
  const events = createEventRecorder({
    client,
    controller: `${group}/operator`,
    instance: config.identity,
    ...ambience,
  });
  const usesDns = config.serviceAccess === 'dns' || (config.serviceAccess === 'auto' && config.inCluster);
  const controllers = [
    createServerController({
      ...{ client, caches, events, randomBytes, ...ambience },
      access: usesDns ? createDnsAccess() : createProxyAccess(connection),
      settings: { serverImage: config.serverImage },
      workers: config.workers,
    }),
    createBackupController({ client, cache: backups, events, ...ambience }),
    createRestoreController({ client, cache: restores, events, ...ambience }),
  ];
  const startAll = (): void => {
    for (const controller of controllers) controller.start();
  };

  const readiness = Object.entries({ ...caches, backups, restores }).flatMap(([name, cache]): HealthCheck[] =>
    cache === undefined
      ? []
      : [{ name, check: () => (cache.hasSynced() ? undefined : (cache.problem()?.message ?? 'not listed yet')) }],
  );
  const listeners = await openPorts(config, metrics, readiness);
  for (const informer of informers) informer.start();
  if (config.leaderElect) {
    elector = createElector({
      // The lease is what guards all other writes, so its own are not guarded.
      client: createClient({ transport, fieldManager }),
      namespace: config.leaderElectionNamespace,
      name: config.leaderElectionId,
      identity: `${config.identity}_${randomBytes(4).toString('hex')}`,
      ...ambience,
      onElected: startAll,
      onLost: () => ended.resolve(exitCodes.leadershipLost),
    });
    elector.start();
  } else {
    startAll();
  }
  const ports = { metrics: listeners.metrics?.port, health: listeners.health?.port };
  logger.info(
    { version, namespaces: config.watchNamespaces, leaderElect: config.leaderElect, ports },
    'operator started',
  );

  async function stopAll(): Promise<void> {
    await Promise.all(controllers.map((controller) => controller.stop()));
    await events.flush(grace.eventsMs);
    const rest = [elector?.stop(), ...informers.map((informer) => informer.stop())];
    await Promise.race([Promise.all(rest), sleep(clock, grace.restMs)]);
    await Promise.all([listeners.metrics?.close(), listeners.health?.close(), transport.close()]);
    logger.info('operator stopped');
  }

  let stopping: Promise<void> | undefined;
  return {
    ports,
    ended: ended.promise,
    stop() {
      stopping ??= stopAll();
      return stopping;
    },
  };
}

type Listeners = { metrics: Listener | undefined; health: Listener | undefined };

async function openPorts(config: Config, metrics: Metrics, readiness: readonly HealthCheck[]): Promise<Listeners> {
  const { metricsBindAddress, healthProbeBindAddress } = config;
  const health =
    healthProbeBindAddress && (await listen(buildHealthApp({ liveness: [], readiness }), healthProbeBindAddress));
  return { health, metrics: metricsBindAddress && (await listen(buildMetricsApp(metrics), metricsBindAddress)) };
}
