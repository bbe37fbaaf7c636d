/** Proves the two commands that newcomers type: `hack/up` ends with a search and changes nothing twice; a node that is ended leaves nothing. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { repository } from '../../hack/cluster/cache.ts';
import { run } from '../../hack/cluster/command.ts';
import { ensureNode, stopNode } from '../../hack/cluster/node.ts';
import { findResidue } from '../../hack/cluster/residue.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  // The namespace that hack/up works in.
  world = await openWorld('codesage');
});
afterAll(() => world.close());

/** Runs the real command against the cluster that all these tests share. */
function hackUp(): Promise<string> {
  const { name, context } = inject('cluster');
  const args = context === undefined ? [] : ['--context', context];
  return run(join(repository, 'hack', 'up'), args, { env: { ...process.env, CODESAGE_NODE: name }, timeout: 240_000 });
}

/** What would change if anything were applied anew: pods and specs. */
async function identities(): Promise<string> {
  const path = '{range .items[*]}{.kind}/{.metadata.name} {.metadata.uid} {.metadata.generation}{"\\n"}{end}';
  const kinds = 'pods,deployments,services,ingresses,persistentvolumeclaims,codesageservers';
  const all = await world.kubectl.run(['get', kinds, '--all-namespaces', '--output', `jsonpath=${path}`]);
  return all.split('\n').sort().join('\n');
}

test('[cluster.up] hack/up ends with a Ready server and a search over TLS; run again it changes nothing, in less than a minute', async () => {
  const first = await hackUp();
  expect(first).toMatch(/^codesage +True +Ready/m);
  expect(first).toMatch(/Search ".+" by an MCP client \(\d+ tools/);
  expect(first).toMatch(/^ +\d+\.\d+ +codesage-operator\/\S+:\d+-\d+$/m);
  const before = await identities();
  const start = performance.now();
  await hackUp();
  expect((performance.now() - start) / 1000).toBeLessThan(60);
  expect(await identities()).toBe(before);
});

test('[cluster.down] a second node beside the first is ended without leaving anything on the machine', async () => {
  const name = 'codesage-e2e-second';
  const kinds = async () => (await findResidue(name)).filter(({ left }) => left.length > 0).map(({ kind }) => kind);
  await ensureNode(name);
  expect(await kinds()).toEqual(['process', 'cgroup']);
  await stopNode(name);
  expect(await kinds()).toEqual([]);
});
