/** Decides what the kubelet, Prometheus and the operator find on the internal port. */
import { Hono } from 'hono';
import type { Logger } from 'pino';
import { z } from 'zod';
import { overallHitRate } from '../cache/statistics.ts';
import { type AdminStatus, endpoints, headers, type ServerConfig } from '../contract.ts';
import type { Engine } from '../engine.ts';
import { CodeSageError, messageOf } from '../errors.ts';
import type { Metrics } from '../observability/metrics.ts';
import { registerCacheRoutes } from './cache-routes.ts';
import { type Component, checkAll, checkComponent, components, type HealthServices, isHealthy } from './health.ts';
import { registerIndexRoute } from './index-route.ts';
import { holdsToken } from './internal-token.ts';

export type InternalAppOptions = HealthServices & {
  config: ServerConfig;
  metrics: Metrics;
  version: string;
  startedAt: Date;
  rssBytes: () => number;
  /** The most it ever was. */
  peakRssBytes: () => number;
  /** The token file's text now, or undefined when there is none. */
  readToken: () => string | undefined;
  log: Logger;
};

/** Body of `POST /admin/v1/reindex`; all codebases when none is named. */
const reindexBody = z.strictObject({ codebases: z.array(z.string()).default([]), full: z.boolean().default(true) });

/** Makes the app; `app.request()` serves tests without sockets. */
export function createInternalApp(options: InternalAppOptions): Hono {
  const { engine, metrics, readToken, log } = options;
  const app = new Hono();

  // Alive means that the event loop turns: this answer itself is the proof. It must never depend on indexing.
  app.get(endpoints.livez, (context) => context.text('ok'));
  app.get(endpoints.readyz, (context) => {
    if (!engine.isServing()) return context.text('the index is not open yet', 503);
    return options.isListening() ? context.text('ok') : context.text('the http port takes no new clients', 503);
  });

  app.get(endpoints.health, async (context) => {
    const component = context.req.query('component');
    if (component !== undefined && !isComponent(component)) {
      return context.json(
        { error: `There is no component "${component}". Write one of: ${components.join(', ')}.` },
        400,
      );
    }
    const checks = component === undefined ? await checkAll(options) : [await checkComponent(component, options)];
    const healthy = checks.every(isHealthy);
    return context.json({ status: healthy ? 'ok' : 'failed', checks }, healthy ? 200 : 503);
  });

  app.get(endpoints.metrics, async (context) => {
    const { text, contentType } = await metrics.render();
    return context.body(text, 200, { 'Content-Type': contentType });
  });

  app.use('/admin/*', async (context, next) => {
    const token = readToken()?.trim();
    if (token === undefined || token === '')
      return context.json({ error: 'The admin API is off: there is no internal token file.' }, 503);
    const proxied = context.req.header(headers.internalToken);
    const authorization =
      context.req.header('authorization') ?? (proxied === undefined ? undefined : `Bearer ${proxied}`);
    if (holdsToken(authorization, token)) return next();
    return context.json({ error: 'Send the internal token as "Authorization: Bearer …".' }, 401, {
      'WWW-Authenticate': 'Bearer',
    });
  });

  app.get(endpoints.adminStatus, async (context) => context.json(await buildStatus(options)));

  app.post(endpoints.adminReindex, async (context) => {
    const body = reindexBody.safeParse(await context.req.json().catch(() => ({})));
    if (!body.success) return context.json({ error: z.prettifyError(body.error) }, 400);
    const known = (await engine.status()).codebases.map(({ name }) => name);
    const unknown = body.data.codebases.find((name) => !known.includes(name));
    if (unknown !== undefined)
      return context.json({ error: `There is no codebase "${unknown}". Write some of: ${known.join(', ')}.` }, 404);
    const away = await whyNotIndexed(engine);
    if (away !== undefined) return context.json({ error: away }, 503);
    const codebases = body.data.codebases.length === 0 ? known : body.data.codebases;
    for (const codebase of codebases) {
      engine
        .indexCodebase(codebase, { full: body.data.full })
        .catch((error) => log.warn({ codebase, err: messageOf(error) }, 'Requested indexing failed'));
    }
    return context.json({ codebases, full: body.data.full }, 202);
  });

  registerCacheRoutes(app, engine);
  registerIndexRoute(app, engine);

  app.onError((error, context) => {
    log.error({ err: error }, 'Internal request failed unexpectedly');
    return context.json({ error: messageOf(error) }, 500);
  });
  return app;
}

/** What keeps requests to index from being taken, and what to do about it. */
async function whyNotIndexed(engine: Engine): Promise<string | undefined> {
  try {
    await engine.canIndex?.();
    return undefined;
  } catch (error) {
    return error instanceof CodeSageError ? `${error.message} ${error.remedy}` : messageOf(error);
  }
}

function isComponent(text: string): text is Component {
  return (components as readonly string[]).includes(text);
}

async function buildStatus(options: InternalAppOptions): Promise<AdminStatus> {
  const { engine, config, version, startedAt } = options;
  const [checks, status] = await Promise.all([checkAll(options), engine.status()]);
  const health = Object.fromEntries(
    checks.map(({ component, status }) => [component, status]),
  ) as AdminStatus['health'];
  return {
    version,
    startedAt: startedAt.toISOString(),
    health,
    codebases: status.codebases,
    index: status.index,
    ...(status.volume !== undefined && { volume: status.volume }),
    cache: { hitRate: overallHitRate(engine.cacheStatistics()) },
    embeddedChunks: status.embeddedChunks,
    memory: {
      rssBytes: options.rssBytes(),
      peakRssBytes: options.peakRssBytes(),
      maxBytes: config.memory.maxMB * 1024 * 1024,
    },
  };
}
