/** What a user is told when the world is not as the resource assumes: a condition with a reason and a remedy, an event, no crash loop, no lost index. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type FixtureGitServer,
  type FixtureRepository,
  smallCodeBase,
  startFixtureGitServer,
} from './support/fixture-repository.ts';
import type { Condition } from './support/kubectl.ts';
import { waitFor } from './support/wait.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let git: FixtureGitServer;
let guarded: FixtureGitServer;
let growing: FixtureRepository;

type Case = { name: string; condition: string; reason: string; spec: () => object; before?: () => object[] };

const source = (url: string, more: object = {}) => ({
  sources: [{ name: 'code', git: { url, interval: '10s', ...more } }],
  storage: { size: '300Mi' },
  // All of them run at once on one small node.
  resources: { requests: { cpu: '20m' } },
});

const cases: Case[] = [
  {
    name: 'unreachable-git',
    condition: 'SourcesSynced',
    reason: 'GitUnreachable',
    spec: () => source(`${git.url.replace(/:\d+$/, ':9')}/none.git`),
  },
  {
    name: 'wrong-credential',
    condition: 'SourcesSynced',
    reason: 'GitAuthenticationFailed',
    before: () => [
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'wrong' },
        stringData: { username: 'reader', password: 'not-the-password' },
      },
    ],
    spec: () => source(`${guarded.url}/secret.git/.git`, { secretRef: { name: 'wrong' } }),
  },
  {
    name: 'missing-ref',
    condition: 'SourcesSynced',
    reason: 'GitRefNotFound',
    spec: () => source(`${git.url}/warehouse.git/.git`, { ref: 'no-such-branch' }),
  },
  {
    name: 'missing-secret',
    condition: 'SecretsResolved',
    reason: 'SecretNotFound',
    spec: () => source(`${guarded.url}/secret.git/.git`, { secretRef: { name: 'not-there' } }),
  },
  {
    name: 'unknown-class',
    condition: 'StorageReady',
    reason: 'StorageClassNotFound',
    spec: () => ({
      ...source(`${git.url}/warehouse.git/.git`),
      storage: { size: '300Mi', storageClassName: 'no-such-class' },
    }),
  },
  {
    name: 'port-taken',
    condition: 'ExposureReady',
    reason: 'NodePortTaken',
    before: () => [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'holder' },
        spec: { type: 'NodePort', selector: { app: 'none' }, ports: [{ port: 80, nodePort: 30_777 }] },
      },
    ],
    spec: () => ({ ...source(`${git.url}/warehouse.git/.git`), service: { type: 'NodePort', nodePort: 30_777 } }),
  },
  {
    name: 'foreign-service',
    condition: 'ExposureReady',
    reason: 'ServiceOwnedByAnother',
    before: () => [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'foreign-service', labels: { owner: 'someone' } },
        spec: { selector: { app: 'theirs' }, ports: [{ port: 4242 }] },
      },
    ],
    spec: () => source(`${git.url}/warehouse.git/.git`),
  },
  {
    name: 'bad-image',
    condition: 'Available',
    reason: 'ImagePullFailed',
    spec: () => ({
      ...source(`${git.url}/warehouse.git/.git`),
      image: { repository: 'localhost/no-such-image', tag: '1' },
    }),
  },
];

function conditionOf(name: string, type: string, reason: string): Promise<Condition> {
  return waitFor(
    `${name} to report ${type} ${reason}`,
    async () => {
      const condition = await world.kubectl.condition(name, type);
      if (condition?.reason === reason) return condition;
      throw new Error(`it is ${JSON.stringify(condition)}`);
    },
    { timeoutMs: 120_000, everyMs: 500 },
  );
}

/** A remedy is a sentence that tells the reader to do something. */
const remedy =
  /\b(check|set|create|choose|wait|grow|make|raise|give|use|name|delete|rename|remove|correct|fix|put|push|free|ask|add|change|see)\b/i;

beforeAll(async () => {
  world = await openWorld('e2e-bad-input');
  git = await startFixtureGitServer(world.cluster);
  guarded = await startFixtureGitServer(world.cluster, {
    credentials: { username: 'reader', password: 'the-password' },
  });
  await git.createRepository('warehouse.git', smallCodeBase);
  await guarded.createRepository('secret.git', smallCodeBase);
  growing = await git.createRepository('growing.git', smallCodeBase);
  for (const { name, spec, before } of cases) {
    const server = { apiVersion: 'codesage.dev/v1alpha1', kind: 'CodeSageServer', metadata: { name }, spec: spec() };
    await world.kubectl.apply(...(before?.() ?? []), server);
  }
});

afterAll(async () => {
  await world?.close();
  await git?.stop();
  await guarded?.stop();
});

async function restartsOf(name: string): Promise<number> {
  const pods = (await world.kubectl.json(['get', 'pods', '--selector', `app.kubernetes.io/instance=${name}`])) as {
    items: { status: { containerStatuses?: { restartCount: number }[] } }[];
  };
  return pods.items
    .flatMap((pod) => pod.status.containerStatuses ?? [])
    .reduce((sum, status) => sum + status.restartCount, 0);
}

async function eventReasons(name: string): Promise<string[]> {
  const selector = `involvedObject.kind=CodeSageServer,involvedObject.name=${name}`;
  const events = (await world.kubectl.json(['get', 'events', '--field-selector', selector])) as {
    items: { reason: string }[];
  };
  return events.items.map((event) => event.reason);
}

describe('[operator.bad-input] a resource that cannot work as it stands', () => {
  test.each(cases)(
    '$name says $condition=$reason, what to do, and does not crash',
    async ({ name, condition, reason }) => {
      const found = await conditionOf(name, condition, reason);
      expect(found.status).toBe('False');
      expect(found.message).toMatch(remedy);
      expect((await world.kubectl.condition(name, 'Ready'))?.status).toBe('False');
      await waitFor(
        `an event ${reason} of ${name}`,
        async () => ((await eventReasons(name)).includes(reason) ? true : undefined),
        { timeoutMs: 20_000 },
      );
      expect(await restartsOf(name)).toBe(0);
    },
  );

  test('leaves a Service of another owner as it was', async () => {
    const service = (await world.kubectl.json(['get', 'service', 'foreign-service'])) as {
      spec: { ports: { port: number }[] };
      metadata: { labels: object };
    };
    expect(service.spec.ports[0]?.port).toBe(4242);
    expect(service.metadata.labels).toEqual({ owner: 'someone' });
  });

  test('heals by itself once the missing Secret is there', async () => {
    await world.kubectl.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'not-there' },
      stringData: { username: 'reader', password: 'the-password' },
    });
    const view = await world.waitReady('missing-secret');
    expect(view.status.codebases[0]?.files).toBe(Object.keys(smallCodeBase).length);
  });
});

describe('[index.volume-full] a volume that fills up', () => {
  test('is told in a condition while the published index keeps serving', async () => {
    const spec = source(`${git.url}/growing.git/.git`);
    await world.kubectl.apply({
      apiVersion: 'codesage.dev/v1alpha1',
      kind: 'CodeSageServer',
      metadata: { name: 'growing' },
      spec,
    });
    const before = await world.waitReady('growing');
    // More than the volume holds, and incompressible.
    await growing.commit({ 'blob-1.bin': randomBytes(200 << 20), 'blob-2.bin': randomBytes(200 << 20) });
    const found = await conditionOf('growing', 'StorageReady', 'VolumeFull');
    expect(found.message).toMatch(remedy);
    const now = await world.kubectl.server('growing');
    expect(now.status.codebases[0]?.files).toBe(before.status.codebases[0]?.files);
    expect(now.status.codebases[0]?.revision).toBe(before.status.codebases[0]?.revision);
    expect(await restartsOf('growing')).toBe(0);
    const search = ['search', 'order the stops of a lorry', '--url', 'http://localhost:8000/mcp'];
    const answer = await world.kubectl.run([
      'exec',
      'deployment/growing',
      '--',
      'node',
      '/app/server/bin/codesage.js',
      ...search,
    ]);
    expect(answer).toContain('delivery/route.py');
  });
});
