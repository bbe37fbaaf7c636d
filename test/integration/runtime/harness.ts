/** Decides how the runtime's tests make a client, and how they wait for what they expect. */
import { KubeConfig } from '@kubernetes/client-node';
import { pino } from 'pino';
import { createClient } from '../../../operator/src/runtime/api-client.ts';
import type { Client } from '../../../operator/src/runtime/client.ts';
import { systemClock } from '../../../operator/src/runtime/clock.ts';
import { createConnection } from '../../../operator/src/runtime/connection.ts';
import { createMetrics } from '../../../operator/src/runtime/metrics.ts';
import { createTransport } from '../../../operator/src/runtime/transport.ts';

export const silent = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' });

/** What every part of the runtime is made with. */
export function ambience() {
  return { clock: systemClock, random: Math.random, metrics: createMetrics(), logger: silent };
}

/** A kubeconfig for a plain HTTP server. */
export function plainKubeConfig(url: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'c', server: url, skipTLSVerify: true }, { name: 'u' });
  return config;
}

export function kubeConfigFrom(file: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(file);
  return config;
}

export function clientFor(
  config: KubeConfig,
  options: { fieldManager?: string; mayWrite?: () => boolean } = {},
): Client {
  const { clock, metrics } = ambience();
  const transport = createTransport({
    connection: createConnection(config, clock),
    clock,
    metrics,
    userAgent: 'runtime-test/1',
  });
  return createClient({ transport, fieldManager: 'runtime-test', ...options });
}

/** Waits until `look` returns something that is neither undefined nor false. */
export async function eventually<T>(
  look: () => T | Promise<T>,
  timeoutMs = 10_000,
): Promise<Exclude<T, undefined | false>> {
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen as Exclude<T, undefined | false>;
    if (performance.now() > giveUpAt) throw new Error(`still ${String(seen)} after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits until the expectations in `look` hold, and throws the last failure when they never do. */
export async function holds(look: () => unknown, timeoutMs = 10_000): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  let failure: unknown;
  const met = await eventually(async () => {
    try {
      await look();
      return true;
    } catch (error) {
      failure = error;
      return performance.now() > giveUpAt ? 'failed' : false;
    }
  }, timeoutMs + 1_000);
  if (met === 'failed') throw failure;
}

/** The same kubeconfig with the address of a proxy on this machine. */
export function proxiedKubeConfig(file: string, port: number): KubeConfig {
  const config = kubeConfigFrom(file);
  config.clusters = config.clusters.map((cluster) => ({ ...cluster, server: `https://127.0.0.1:${port}` }));
  return config;
}
