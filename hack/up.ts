/** Decides what "up" means: a cluster with the operator, an index of real code in it, and a search that proves it. */
import process from 'node:process';
import { Command } from 'commander';
import { lockFile, withLock } from './cluster/cache.ts';
import type { Cluster } from './cluster/cluster.ts';
import { installOperator } from './cluster/deploy/operator.ts';
import { searchThroughIngress } from './cluster/deploy/search.ts';
import { applyServer, waitUntilReady } from './cluster/deploy/server.ts';
import { serveSource } from './cluster/deploy/source.ts';
import { renderSummary } from './cluster/deploy/summary.ts';
import { announcement } from './cluster/estimate.ts';
import { type BuiltImage, ensureImages } from './cluster/images.ts';
import { type Kubectl, kubectlFor } from './cluster/kubectl.ts';
import { stopNode } from './cluster/node.ts';
import { duration, consoleProgress as progress, step } from './cluster/progress.ts';
import { clusterName, ensureCluster } from './cluster/providers.ts';

type Options = { context?: string; source?: string; query: string; recreate?: boolean };

async function up(options: Options): Promise<void> {
  const start = progress.now();
  const name = clusterName(undefined, options.context);
  progress.write(await announcement(name, options.context !== undefined));
  if (options.recreate && options.context === undefined) await stopNode(name);

  const [cluster, images] = await Promise.all([
    ensureCluster({ name, progress, ...(options.context === undefined ? {} : { context: options.context }) }),
    ensureImages(progress),
  ]);
  await deploy(cluster, images, options);
  progress.write(`Done in ${duration((progress.now() - start) / 1000)}.`);
}

async function deploy(
  cluster: Cluster,
  images: { operator: BuiltImage; server: BuiltImage },
  options: Options,
): Promise<void> {
  const kubectl: Kubectl = kubectlFor(cluster);
  await cluster.loadImages([images.operator, images.server]);
  await step(progress, { name: 'install the operator', usual: 12 }, () => installOperator(cluster, images));
  const source = await serveSource(cluster, kubectl, images.server, options.source);
  await applyServer(cluster, kubectl, source);
  const ready = { name: `index ${source.url} until the server is Ready`, usual: 20 };
  await step(progress, ready, () => waitUntilReady(kubectl, images.server, progress));
  const search = { name: 'search with an MCP client through the ingress, over TLS', usual: 1 };
  const found = await step(progress, search, () => searchThroughIngress(cluster, options.query));
  process.stdout.write(await renderSummary(cluster, kubectl, found, options));
}

const program = new Command('hack/up')
  .description(
    'Brings up a cluster with the operator and one CodeSageServer, and searches it.\n' +
      'Cluster: --context, else Docker (k3s) where there is one, else a real node built from Go modules (needs root).\n' +
      'CODESAGE_NODE names the cluster (default codesage), CODESAGE_CACHE the folder of all that is built.',
  )
  .option('--context <name>', 'use the cluster of this context of your kubeconfig')
  .option('--source <url|path>', 'git repository to index; default: this one')
  .option('--query <text>', 'what to search for at the end', 'how does a leader renew its lease')
  .option('--recreate', 'end the node first and start with an empty cluster')
  .action(async (options: Options) => {
    await withLock(lockFile(`up-${clusterName(undefined, options.context)}`), () => up(options));
  });

try {
  await program.parseAsync();
} catch (error) {
  progress.write(`hack/up: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
