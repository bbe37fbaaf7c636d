/** What comes back by itself when someone deletes a part of a server, and that nothing is embedded again for it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../hack/cluster/deploy/mcp-session.ts';
import { type FixtureGitServer, smallCodeBase, startFixtureGitServer } from './support/fixture-repository.ts';
import { waitFor } from './support/wait.ts';
import { openWorld, type World } from './support/world.ts';

const host = 'self-repair.codesage.test';
const embeddedChunks = 'codesage_embedded_chunks_total';
let world: World;
let git: FixtureGitServer;

beforeAll(async () => {
  world = await openWorld('e2e-self-repair');
  git = await startFixtureGitServer(world.cluster);
  await git.createRepository('warehouse.git', smallCodeBase);
  await world.createTlsSecret('tls', host);
  await world.kubectl.apply({
    apiVersion: 'codesage.dev/v1alpha1',
    kind: 'CodeSageServer',
    metadata: { name: 'warehouse' },
    spec: {
      sources: [{ name: 'warehouse', git: { url: `${git.url}/warehouse.git/.git`, interval: '10s' } }],
      storage: { size: '1Gi' },
      ingress: { className: world.cluster.ingress.className, host, tls: { secretName: 'tls' } },
    },
  });
  await world.waitReady('warehouse');
});

afterAll(async () => {
  await world?.close();
  await git?.stop();
});

/** Searches through the ingress with a client that never connected before, until the answer is right. */
function searchAgain(): Promise<true> {
  return waitFor(
    'a search through the ingress',
    async () => {
      const session = await connect('sdk v2, 2026 era', world.endpoint(host), world.fetch);
      try {
        const answer = await session.call('semantic_search_codebase', {
          codebase_path: 'warehouse',
          query: 'order the stops of a lorry',
        });
        return !answer.isError && answer.text.includes('delivery/route.py') ? true : undefined;
      } finally {
        await session.close();
      }
    },
    { timeoutMs: 90_000, everyMs: 500 },
  );
}

async function uidOf(kind: string, selector: string[]): Promise<string[]> {
  const list = (await world.kubectl.json(['get', kind, ...selector])) as {
    items: { metadata: { uid: string; deletionTimestamp?: string } }[];
  };
  return list.items.filter((item) => item.metadata.deletionTimestamp === undefined).map((item) => item.metadata.uid);
}

const children = ['--selector', 'app.kubernetes.io/instance=warehouse'];

/** Deletes all children of a kind and waits until others of that kind stand in their place. */
async function deleteAndAwait(kind: string): Promise<void> {
  const before = await uidOf(kind, children);
  expect(before.length).toBeGreaterThan(0);
  await world.kubectl.run(['delete', kind, ...children, '--wait=true', '--timeout=60s']);
  await waitFor(
    `a new ${kind}`,
    async () => {
      const now = await uidOf(kind, children);
      return now.length === before.length && now.every((uid) => !before.includes(uid)) ? true : undefined;
    },
    { timeoutMs: 60_000 },
  );
}

describe('[runbook-8.1-drift] [runbook-1.3] a server whose parts are deleted', () => {
  test('embedded its chunks when it was first indexed', async () => {
    expect(await world.metric('warehouse', embeddedChunks)).toBeGreaterThan(0);
  });

  test.each(['pod', 'deployment'])('searches again after its %s was deleted, with 0 chunks embedded', async (kind) => {
    await deleteAndAwait(kind);
    await searchAgain();
    await world.waitReady('warehouse');
    expect(await world.metric('warehouse', embeddedChunks)).toBe(0);
  });

  test('searches again after its Services were deleted, with 0 chunks embedded', async () => {
    await deleteAndAwait('service');
    await searchAgain();
    await world.waitReady('warehouse');
    expect(await world.metric('warehouse', embeddedChunks)).toBe(0);
  });

  test('keeps its index when the resource itself is deleted and made anew', async () => {
    const manifest = (await world.kubectl.json(['get', 'codesageserver', 'warehouse'])) as { spec: object };
    await world.kubectl.run(['delete', 'codesageserver', 'warehouse', '--wait=true', '--timeout=60s']);
    await waitFor(
      'the Deployment to be gone',
      async () => ((await uidOf('deployment', children)).length === 0 ? true : undefined),
      { timeoutMs: 60_000 },
    );
    await world.kubectl.apply({
      apiVersion: 'codesage.dev/v1alpha1',
      kind: 'CodeSageServer',
      metadata: { name: 'warehouse' },
      spec: manifest.spec,
    });
    await world.waitReady('warehouse');
    await searchAgain();
    expect(await world.metric('warehouse', embeddedChunks)).toBe(0);
  });
});

describe('[index.incremental] a commit to the source', () => {
  test('is found soon after, and only its own chunks are embedded', async () => {
    const repository = await git.createRepository('warehouse.git', {
      'src/forklift.rs':
        '/// Raises the fork of the lift to a height in millimetres.\npub fn raise_forklift(height_mm: u32) -> bool {\n    height_mm < 6000\n}\n',
    });
    expect(repository.name).toBe('warehouse.git');
    await waitFor(
      'the new definition to be found',
      async () => {
        const session = await connect('sdk v1', world.endpoint(host), world.fetch);
        const answer = await session.call('semantic_search_codebase', {
          codebase_path: 'warehouse',
          query: 'raise_forklift',
        });
        await session.close();
        return answer.text.includes('src/forklift.rs') ? true : undefined;
      },
      { timeoutMs: 60_000, everyMs: 1000 },
    );
    expect(await world.metric('warehouse', embeddedChunks)).toBe(1);
  });
});
