/** Decides what "down" means: nothing of the cluster runs, is mounted or configured on this machine any more. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import { cacheRoot, stateOf } from './cluster/cache.ts';
import { operatorNamespace, operatorRelease } from './cluster/deploy/operator.ts';
import { stopNode } from './cluster/node.ts';
import { consoleProgress as progress, step } from './cluster/progress.ts';
import { clusterName } from './cluster/providers.ts';
import { findResidue, renderResidue } from './cluster/residue.ts';

/** Provider of the cluster that `hack/up` started, from the variables that it wrote. */
async function providerOf(name: string): Promise<string> {
  const text = await readFile(join(stateOf(name), 'env'), 'utf8').catch(() => '');
  return text.match(/CLUSTER_PROVIDER='(\w+)'/)?.[1] ?? 'node';
}

async function down({ purge, context }: { purge: boolean; context?: string }): Promise<void> {
  const name = clusterName(undefined, context);
  const provider = await providerOf(name);
  if (provider === 'docker') {
    const { stopDocker } = await import('./cluster/provider-docker.ts');
    await stopDocker(name);
  }
  await step(progress, { name: `end the cluster ${name}`, usual: 2 }, () => stopNode(name));
  if (provider === 'context') {
    progress.write(
      `Your own cluster was left as it is. To take the operator out: helm -n ${operatorNamespace} uninstall ${operatorRelease}`,
    );
  }
  if (purge) {
    // Other clusters of this cache would lose their programs.
    for (const other of await readdir(join(cacheRoot(), 'nodes')).catch(() => [])) {
      await stopNode(other);
    }
    await step(progress, { name: `remove ${cacheRoot()}`, usual: 5 }, () =>
      rm(cacheRoot(), { recursive: true, force: true }),
    );
  }
  const residue = await findResidue(name);
  process.stdout.write(`${renderResidue(residue)}\n`);
  if (residue.some(({ left }) => left.length > 0)) process.exitCode = 1;
}

const program = new Command('hack/down')
  .description(
    'Ends the cluster that hack/up started and shows that nothing of it is left. What was built stays cached.',
  )
  .option('--purge', 'remove the cache too: binaries, images, Node (the next hack/up takes 25 minutes again)', false)
  .option('--context <name>', 'forget what hack/up --context kept on this machine; your cluster is left as it is')
  .action(down);

try {
  await program.parseAsync();
} catch (error) {
  progress.write(`hack/down: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
