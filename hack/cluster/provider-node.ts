/** Decides how a node of our own is a cluster like any other. */
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';
import { network } from './network.ts';
import { ensureNode, exposeToPods, stopNode } from './node.ts';
import { imagesOf, importImages } from './node-images.ts';
import type { Progress } from './progress.ts';
import { step } from './progress.ts';

/** The node of this name, started if it does not run. */
export async function nodeCluster(name: string, progress: Progress): Promise<Cluster> {
  const node = await ensureNode(name, progress);
  return {
    provider: 'node',
    name,
    kubeconfig: node.kubeconfig,
    kubectl: join(node.bin, 'kubectl'),
    helm: join(node.bin, 'helm'),
    ingress: { className: 'traefik', host: '127.0.0.1', httpPort: node.ports.http, httpsPort: node.ports.https },
    async loadImages(images) {
      const known = await imagesOf(node);
      const missing = images.filter(({ reference }) => !known.has(reference));
      if (missing.length === 0) return;
      const what = missing.map(({ reference }) => reference).join(' and ');
      await step(progress, { name: `load ${what}`, usual: 12 }, () => importImages(node, missing));
    },
    async exposeToPods(port, options = {}) {
      const stop = await exposeToPods(node, port, options.detached);
      return { address: `${network.node}:${port}`, host: network.node, port, stop };
    },
    stop: () => stopNode(name),
  };
}
