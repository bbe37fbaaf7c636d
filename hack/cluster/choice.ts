/** Decides which cluster is used: the one that was named, else Docker's where there is a Docker, else a node of our own. */
import type { Cluster } from './cluster.ts';
import { answers } from './command.ts';

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

/** Whether a Docker daemon answers here and nobody asked for a node of our own. */
export async function usesDocker(): Promise<boolean> {
  if (process.env.CODESAGE_PROVIDER === 'node') return false;
  return (await answers('docker', ['version', '--format', '{{.Server.Version}}'])) !== undefined;
}

/** What there is on this machine. */
export async function lookAround(context: string | undefined): Promise<Surroundings> {
  return {
    context,
    wanted: process.env.CODESAGE_PROVIDER,
    docker: await usesDocker(),
    linux: process.platform === 'linux',
    root: process.getuid?.() === 0,
  };
}
