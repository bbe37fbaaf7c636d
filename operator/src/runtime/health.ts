/** Decides whether this process is alive and ready, and what it answers on its metrics and health ports. */
import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Metrics } from './metrics.ts';

/** A named check: undefined when all is well, else what is wrong. It must answer at once, from memory. */
export type HealthCheck = { name: string; check: () => string | undefined };

/** `/metrics` in the text format of Prometheus. */
export function buildMetricsApp(metrics: Metrics): Hono {
  const app = new Hono();
  app.get('/metrics', async (context) =>
    context.body(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType }),
  );
  return app;
}

/** `/healthz` and `/readyz`: 200 with `ok`, or 503 with one line for each check that fails. */
export function buildHealthApp(checks: { liveness: readonly HealthCheck[]; readiness: readonly HealthCheck[] }): Hono {
  const app = new Hono();
  const answer = (list: readonly HealthCheck[]): Response => {
    const faults = list.flatMap(({ name, check }) => {
      const fault = check();
      return fault === undefined ? [] : [`${name}: ${fault}`];
    });
    return new Response(`${faults.length === 0 ? 'ok' : faults.join('\n')}\n`, {
      status: faults.length === 0 ? 200 : 503,
    });
  };
  app.get('/healthz', () => answer(checks.liveness));
  app.get('/readyz', () => answer(checks.readiness));
  return app;
}

/** An address to listen on: host (all of them when left out) and port. */
export type BindAddress = { host?: string | undefined; port: number };

/**
 * Reads `:8080`, `127.0.0.1:8080` or `[::1]:8080`. `0` is undefined: do not listen.
 *
 * @throws RangeError when it is none of these.
 */
export function parseBindAddress(text: string): BindAddress | undefined {
  if (text === '0') return undefined;
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new RangeError(`"${text}" is no address: write ":8080", "127.0.0.1:8080", or "0" for none`);
  const host = match[1] ?? match[2];
  return host === undefined || host === '' ? { port } : { host, port };
}

export type Listener = { readonly port: number; close(): Promise<void> };

/** Serves `app`; resolves once the port is open, rejects when it cannot be. */
export function listen(app: Hono, { host, port }: BindAddress): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, ...(host !== undefined && { hostname: host }) }, (info) => {
      resolve({
        port: info.port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            (server as Server).closeAllConnections();
          }),
      });
    });
    server.once('error', reject);
  });
}
