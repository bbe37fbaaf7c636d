/** Decides whether the admin API shows and empties the caches as the contract says, for the holder of the token only. */
import { describe, expect, test } from 'vitest';
import { adminCacheRemovedSchema, adminCacheSchema, endpoints } from '../contract.ts';
import { assembleApps } from '../testing/assemble.ts';
import { createStubEngine } from '../testing/stub-engine.ts';

const headers = { Authorization: 'Bearer secret' };

function assemble() {
  const engine = createStubEngine();
  Object.assign(engine.caches.search, { hits: 30, misses: 270, evictions: 90, size: 100 });
  return assembleApps({ engine, token: 'secret' }).internal;
}

describe('caches in the admin API', () => {
  test('[cache.maintenance] are shown with advice', async () => {
    const answer = adminCacheSchema.parse(await (await assemble().request(endpoints.adminCache, { headers })).json());
    expect(answer).toMatchObject({
      caches: { search: { hits: 30, evictions: 90 } },
      hitRate: 0.1,
      persistedBytes: 4096,
    });
    expect(answer.recommendations).toEqual([expect.stringMatching(/Raise SEARCH_CACHE_SIZE .* 200/)]);
  });

  test.each([
    ['', { embedding: 0, search: 100, file: 0 }],
    ['?cache=file', { embedding: 0, search: 0, file: 0 }],
    ['?cache=file&cache=search', { embedding: 0, search: 100, file: 0 }],
  ])('[runbook-4.1-cache-clear] [cache.maintenance] DELETE %s clears', async (query, removed) => {
    const response = await assemble().request(`${endpoints.adminCache}${query}`, { headers, method: 'DELETE' });
    expect(adminCacheRemovedSchema.parse(await response.json())).toEqual({ removed });
  });

  test.each([
    [{}, 0],
    [{ olderThanSeconds: 60 }, 1],
  ])('[runbook-5.1-maintenance] pruning with %j', async (body, search) => {
    const init = { headers, method: 'POST', body: JSON.stringify(body) };
    const response = await assemble().request(endpoints.adminCachePrune, init);
    expect(adminCacheRemovedSchema.parse(await response.json()).removed.search).toBe(search);
  });

  test.each([
    ['an unknown cache', 'DELETE', `${endpoints.adminCache}?cache=disk`, undefined, 404, /Write some of: embedding/],
    ['a wrong age', 'POST', endpoints.adminCachePrune, '{"olderThanSeconds": -1}', 400, /olderThanSeconds/],
    ['an unknown field', 'POST', endpoints.adminCachePrune, '{"age": 1}', 400, /age/],
  ])('%s is refused with a reason', async (_, method, path, body, status, reason) => {
    const response = await assemble().request(path, { headers, method, ...(body !== undefined && { body }) });
    expect([response.status, await response.text()]).toEqual([status, expect.stringMatching(reason)]);
  });

  test('[server.internal-port] nobody without the token clears anything', async () => {
    for (const [method, path] of [
      ['GET', endpoints.adminCache],
      ['DELETE', endpoints.adminCache],
      ['POST', endpoints.adminCachePrune],
    ] as const)
      expect((await assemble().request(path, { method })).status).toBe(401);
  });
});
