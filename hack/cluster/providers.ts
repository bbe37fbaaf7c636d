/** Decides how one gets a cluster and what it is called, whichever provider it comes from. */
import { join } from 'node:path';
import { hashOf, stateOf } from './cache.ts';
import { chooseProvider, lookAround } from './choice.ts';
import { type Cluster, writeEnvironment } from './cluster.ts';
import { consoleProgress, type Progress } from './progress.ts';
import { contextCluster } from './provider-context.ts';
import { nodeCluster } from './provider-node.ts';

export type ClusterOptions = {
  /** Name of a node or container of ours; several can run side by side. Default `CODESAGE_NODE`, else `codesage`. */
  name?: string;
  /** A context of the user's kubeconfig. */
  context?: string;
  progress?: Progress;
};

/** A running cluster, started where need be. Its variables are also written to `<state>/env` for shells. */
export async function ensureCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const name = clusterName(options.name, options.context);
  const choice = chooseProvider(await lookAround(options.context));
  if ('problem' in choice) throw new Error(choice.problem);
  const cluster = await open(choice.provider, name, options);
  await writeEnvironment(cluster, join(stateOf(name), 'env'));
  return cluster;
}

async function open(provider: Cluster['provider'], name: string, options: ClusterOptions): Promise<Cluster> {
  const progress = options.progress ?? consoleProgress;
  if (provider === 'context') return contextCluster(name, options.context ?? '');
  if (provider === 'node') return nodeCluster(name, progress);
  // Loaded only here: it is large.
  const { dockerCluster } = await import('./provider-docker.ts');
  return dockerCluster(name, progress);
}

/** Name of the cluster: the given one, else one for the context, else `CODESAGE_NODE`, else `codesage`. */
export function clusterName(given?: string, context?: string): string {
  const ofContext = context === undefined ? undefined : `context-${hashOf([context])}`;
  const name = given ?? ofContext ?? process.env.CODESAGE_NODE ?? 'codesage';
  if (!/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) {
    throw new Error(`A cluster's name is lower-case letters, digits and dashes, 40 at most: not ${name}`);
  }
  return name;
}
