/** Decides which cluster is used: the one that was named, else Docker's where there is a Docker, else a node of our own. */
import { join } from 'node:path';
import { hashOf, stateOf } from './cache.ts';
import { type Cluster, writeEnvironment } from './cluster.ts';
import { answers } from './command.ts';
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

/** What the choice depends on. */
export type Surroundings = {
  context: string | undefined;
  /** `CODESAGE_PROVIDER`: an explicit choice among docker and node. */
  wanted: string | undefined;
  docker: boolean;
  linux: boolean;
  root: boolean;
};

/** The provider, or a sentence that says what to do when none works here. */
export function chooseProvider(around: Surroundings): { provider: Cluster['provider'] } | { problem: string } {
  if (around.context !== undefined) return { provider: 'context' };
  if (around.wanted === 'docker' || around.wanted === 'node') return { provider: around.wanted };
  if (around.wanted !== undefined) return { problem: `CODESAGE_PROVIDER is docker or node, not ${around.wanted}` };
  if (around.docker) return { provider: 'docker' };
  if (around.linux && around.root) return { provider: 'node' };
  return {
    problem: around.linux
      ? 'There is no Docker here, and a node of our own needs root: run it as root, start Docker, or give --context NAME of a cluster you have.'
      : 'There is no Docker here, and a node of our own needs Linux: start Docker, or give --context NAME of a cluster you have.',
  };
}

/** A running cluster, started where need be. Its variables are also written to `<state>/env` for shells. */
export async function ensureCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const name = clusterName(options.name, options.context);
  const choice = chooseProvider({
    context: options.context,
    wanted: process.env.CODESAGE_PROVIDER,
    docker: (await answers('docker', ['version', '--format', '{{.Server.Version}}'])) !== undefined,
    linux: process.platform === 'linux',
    root: process.getuid?.() === 0,
  });
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
