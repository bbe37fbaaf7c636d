/** Decides what the admin API offers for the caches: their counters, and emptying them wholly or by age. */
import type { Hono } from 'hono';
import { z } from 'zod';
import { adviceFor, cacheNames, overallHitRate } from '../cache/statistics.ts';
import { type AdminCache, adminCachePruneBody, endpoints } from '../contract.ts';
import type { CacheName, Engine } from '../engine.ts';

/** Adds the routes; who may call them is decided before. */
export function registerCacheRoutes(app: Hono, engine: Engine): void {
  app.get(endpoints.adminCache, async (context) => {
    const caches = engine.cacheStatistics();
    const answer: AdminCache = {
      caches,
      hitRate: overallHitRate(caches),
      persistedBytes: await engine.persistedCacheBytes(),
      recommendations: cacheNames.flatMap((name) => adviceFor(name, caches[name])),
    };
    return context.json(answer);
  });

  app.delete(endpoints.adminCache, async (context) => {
    const named = context.req.queries('cache') ?? [];
    const unknown = named.find((name) => !isCacheName(name));
    if (unknown !== undefined)
      return context.json({ error: `There is no cache "${unknown}". Write some of: ${cacheNames.join(', ')}.` }, 404);
    const removed = await engine.clearCaches(named.length === 0 ? cacheNames : named.filter(isCacheName));
    return context.json({ removed });
  });

  app.post(endpoints.adminCachePrune, async (context) => {
    const body = adminCachePruneBody.safeParse(await context.req.json().catch(() => ({})));
    if (!body.success) return context.json({ error: z.prettifyError(body.error) }, 400);
    const { olderThanSeconds } = body.data;
    const removed = await engine.pruneCaches(olderThanSeconds === undefined ? undefined : olderThanSeconds * 1000);
    return context.json({ removed });
  });
}

function isCacheName(name: string): name is CacheName {
  return (cacheNames as readonly string[]).includes(name);
}
