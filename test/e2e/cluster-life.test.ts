/** Proves the command that newcomers type first: `hack/up` ends with a search, and run again it changes nothing. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { repository } from '../../hack/cluster/cache.ts';
import { run } from '../../hack/cluster/command.ts';
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
