/** Decides whether several processes over one published index are as good as one that never stops. */
import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callTool, eventually } from '../mcp/support/server-process.ts';
import { createFleet, type Fleet, type Server } from './support/fleet.ts';
import { startLoad } from './support/load.ts';
import { type PlainProxy, startConnectionProxy, startRequestProxy } from './support/proxies.ts';

const minute = 60_000;
let fleet: Fleet;
let requests: PlainProxy;
let connections: PlainProxy;

beforeAll(async () => {
  fleet = await createFleet(3);
  // Servers that search may be there before there is anything to search.
  await fleet.searchers[0]?.start();
  await fleet.indexer.start();
  await Promise.all(fleet.searchers.slice(1).map((one) => one.start()));
  await Promise.all(
    fleet.searchers.map((one) => eventually(async () => (await statesOf(one)) === 'Ready,Ready', one.name, one.logs)),
  );
  requests = await startRequestProxy(fleet.searchers);
  connections = await startConnectionProxy(fleet.searchers);
}, 2 * minute);

afterAll(async () => {
  await requests?.close();
  await connections?.close();
  await fleet?.stop();
});

async function structured(
  url: URL,
  name: string,
  args: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  const { result } = (await (await callTool(url, name, args)).json()) as {
    result: { structuredContent?: Record<string, unknown>; content: { text: string }[]; isError?: boolean };
  };
  if (result.isError) throw new Error(result.content[0]?.text);
  return result.structuredContent ?? {};
}

async function statesOf({ url }: Server): Promise<string> {
  const { codebases } = await structured(url, 'get_index_status');
  return (codebases as { state: string }[]).map(({ state }) => state).join();
}

async function versionOf({ internal }: Server): Promise<string | undefined> {
  const headers = { Authorization: `Bearer ${fleet.token}` };
  const status = (await (await fetch(new URL('/admin/v1/status', internal), { headers })).json()) as {
    codebases: { version?: string }[];
  };
  return status.codebases[0]?.version;
}

async function finds({ url }: Server, pattern: string): Promise<boolean> {
  const { results } = await structured(url, 'search_codebase', { codebase_path: 'shop', pattern });
  return (results as unknown[]).length > 0;
}

/** Runs `work` while clients ask through both proxies; prints and returns what came of it. */
async function underLoad(what: string, work: () => Promise<void>): Promise<{ failures: readonly string[] }> {
  const load = startLoad([requests.url, connections.url]);
  await eventually(async () => load.answered() > 20, 'the first answers');
  try {
    await work();
    const before = load.answered();
    await eventually(async () => load.answered() > before + 50, 'further answers');
  } finally {
    await load.stop();
  }
  console.info(`${what}: ${load.answered()} calls, ${load.failures.length} failed`);
  return { failures: load.failures };
}

describe('three servers that search over one index', () => {
  test('[replicas.follow] a new version appears on all of them within seconds', async () => {
    const before = await versionOf(fleet.indexer);
    await writeFile(path.join(fleet.shop, 'src/new.ts'), 'export const somethingNew = 1;\n');
    await structured(fleet.indexer.url, 'index_codebase', { path: 'shop' });
    const publishedAt = performance.now();
    const version = await versionOf(fleet.indexer);
    expect(version).not.toBe(before);
    for (const one of fleet.searchers) {
      await eventually(() => finds(one, 'somethingNew'), `${one.name} to follow`, one.logs);
      expect(await versionOf(one)).toBe(version);
    }
    console.info(`all have it after ${Math.round(performance.now() - publishedAt)} ms`);
  });

  test('[replicas.restart] each is restarted in turn, and no call fails', { timeout: 4 * minute }, async () => {
    const { failures } = await underLoad('restart of each', async () => {
      for (const one of fleet.searchers) {
        expect(await one.end('SIGTERM')).toEqual({ code: 0, signal: null });
        await one.start();
      }
    });
    expect(failures).toEqual([]);
    for (const one of fleet.searchers) expect(requests.counts.get(one.name)).toBeGreaterThan(0);
    for (const one of fleet.searchers) expect(connections.counts.get(one.name)).toBeGreaterThan(0);
  });

  test('[server.reload] SIGHUP takes over what it can, and no call fails', { timeout: 2 * minute }, async () => {
    const more = path.join(fleet.root, 'more');
    const change = {
      sources: [
        { name: 'shop', path: fleet.shop, exclude: ['nothing/**'] },
        { name: 'lib', git: { url: path.join(fleet.root, 'lib'), depth: 0, intervalSeconds: 5 } },
        { name: 'more', path: more },
      ],
      limits: { jsonDepth: 40 },
      logging: { level: 'debug' as const },
      cache: { search: 10 },
    };
    const { failures } = await underLoad('reload', async () => {
      for (const [server, config] of [
        ...fleet.searchers.map((one) => [one, fleet.searchConfig({ ...change, memory: { maxMB: 3000 } })] as const),
        [fleet.indexer, fleet.indexerConfig(change)] as const,
      ]) {
        await server.configure(config);
        server.child().kill('SIGHUP');
        const isReloaded = async () => server.logs().includes('The configuration was reloaded');
        await eventually(isReloaded, `${server.name} to reload`, server.logs);
      }
      for (const { url } of fleet.searchers) {
        const { codebases } = await structured(url, 'list_codebases');
        expect((codebases as { name: string }[]).map(({ name }) => name)).toEqual(['shop', 'lib', 'more']);
        expect(await structured(url, 'get_configuration')).toMatchObject({
          configuration: { limits: { jsonDepth: 40 }, cache: { search: 10 }, memory: { maxMB: 2048 } },
          restart_needed: ['memory.maxMB'],
        });
      }
      for (const server of fleet.searchers) {
        await server.configure({ logging: { level: 'loud' } } as never);
        server.child().kill('SIGHUP');
        const isRefused = async () => server.logs().includes('The new configuration is refused');
        await eventually(isRefused, `${server.name} to refuse`, server.logs);
        expect(server.logs()).toContain('Write one of: debug, info, warn, error.');
        await server.configure(fleet.searchConfig());
        server.child().kill('SIGHUP');
      }
      await fleet.indexer.configure(fleet.indexerConfig());
      fleet.indexer.child().kill('SIGHUP');
    });
    expect(failures).toEqual([]);
    const isAlone = async () =>
      ((await structured(fleet.indexer.url, 'list_codebases')).codebases as unknown[]).length === 2;
    await eventually(isAlone, 'the codebase to go');
  });

  test('[replicas.survive] the indexer is killed, and no call fails', { timeout: 2 * minute }, async () => {
    const { failures } = await underLoad('kill of the indexer', async () => {
      expect(await fleet.indexer.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
      await fleet.indexer.start();
    });
    expect(failures).toEqual([]);
  });

  test.each([60, 0])(
    '[replicas.survive] everything is made anew, replaced data is kept for %i s, and no call fails',
    { timeout: 2 * minute },
    async (graceSeconds) => {
      await fleet.indexer.end();
      await fleet.indexer.configure(fleet.indexerConfig({ replication: { role: 'Indexer', graceSeconds } }));
      await fleet.indexer.start();
      const { failures } = await underLoad(`full rebuilds, ${graceSeconds} s of grace`, async () => {
        for (let i = 0; i < 3; i++) {
          await structured(fleet.indexer.url, 'index_codebase', { path: 'shop', full: true });
          const version = await versionOf(fleet.indexer);
          for (const one of fleet.searchers)
            await eventually(async () => (await versionOf(one)) === version, `${one.name} to follow`, one.logs);
        }
      });
      expect(failures).toEqual([]);
      const generations = (await readdir(path.join(fleet.data, 'index/shop'))).filter((name) => /^g\d+$/.test(name));
      // The one that serves, and of those before it at most two.
      expect(generations.length).toBe(graceSeconds === 0 ? 1 : 3);
    },
  );

  test('[replicas.forward] indexing is asked of the indexer, with progress, and what is new is found at once', async () => {
    const [searcher] = fleet.searchers as [Server];
    await writeFile(path.join(fleet.shop, 'src/asked.ts'), 'export const askedFor = 1;\n');
    const client = new Client({ name: 'codesage-test', version: '0' });
    await client.connect(new StreamableHTTPClientTransport(searcher.url));
    const steps: number[] = [];
    const answer = await client.callTool(
      { name: 'index_codebase', arguments: { path: 'shop' } },
      { onprogress: ({ progress }) => steps.push(progress) },
    );
    expect(answer.structuredContent).toMatchObject({ codebase: 'shop', state: 'Ready', files_added: 1 });
    expect(steps.length).toBeGreaterThan(0);
    expect(await finds(searcher, 'askedFor')).toBe(true);
    await client.close();
  });

  test('[replicas.forward] an indexer that is away is told with what to do', { timeout: 2 * minute }, async () => {
    const [searcher] = fleet.searchers as [Server];
    await fleet.indexer.end();
    await expect(structured(searcher.url, 'index_codebase', { path: 'shop' })).rejects.toThrow(
      /^IndexerUnavailable: The indexer does not answer: .*Try again when it is back\./,
    );
    const headers = { Authorization: `Bearer ${fleet.token}` };
    const refused = await fetch(new URL('/admin/v1/reindex', searcher.internal), { method: 'POST', headers });
    expect([refused.status, await refused.json()]).toMatchObject([
      503,
      { error: expect.stringMatching(/^The indexer does not answer: .*Try again when it is back\./) },
    ]);
  });

  // After the test before, the indexer is gone.
  test('[replicas.follow] they write nothing where the index is', { timeout: 2 * minute }, async () => {
    const before = await everyFile(fleet.data);
    const [searcher] = fleet.searchers as [Server];
    await searcher.end();
    await searcher.start();
    const load = startLoad([searcher.url]);
    await eventually(async () => load.answered() > 60, 'answers', searcher.logs);
    await load.stop();
    await searcher.end();
    expect(load.failures).toEqual([]);
    expect(await everyFile(fleet.data)).toEqual(before);
  });
});

/** Every file and directory with what changes when it is written to. */
async function everyFile(root: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of ['', ...(await readdir(root, { recursive: true }))]) {
    const { ino, size, mtimeMs, ctimeMs } = await stat(path.join(root, name));
    found[name] = [ino, size, mtimeMs, ctimeMs].join(' ');
  }
  return found;
}
