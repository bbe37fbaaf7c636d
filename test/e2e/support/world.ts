/** Decides what an end-to-end test file starts from: the shared node, a namespace of its own, and a way in through the ingress. */
import { inject } from 'vitest';
import type { Cluster } from '../../../hack/cluster/cluster.ts';
import { ingressFetch } from '../../../hack/cluster/deploy/ingress-fetch.ts';
import { loadAuthority } from '../../../hack/cluster/pki.ts';
import { ensureCluster } from '../../../hack/cluster/providers.ts';
import { type CodeSageServerView, Kubectl } from './kubectl.ts';
import { waitFor } from './wait.ts';

declare module 'vitest' {
  // Declaration merging is how vitest types what a global set-up hands to the tests.
  interface ProvidedContext {
    cluster: { name: string; context: string | undefined; authority: { certificate: string; key: string } };
  }
}

export type World = {
  cluster: Cluster;
  kubectl: Kubectl;
  namespace: string;
  /** PEM of the authority that signs the ingress's certificates. */
  ca: string;
  /** Reaches hosts behind the ingress over TLS. */
  fetch: typeof globalThis.fetch;
  /** The MCP endpoint of a host behind the ingress, as this machine reaches it. */
  endpoint(host: string): string;
  /** Makes a TLS Secret for the host. */
  createTlsSecret(name: string, host: string): Promise<void>;
  /** Waits until a CodeSageServer is Ready and has seen its last change. */
  waitReady(name: string, timeoutMs?: number): Promise<CodeSageServerView>;
  /** A metric of a server's pod, summed over its labels, read through the API server. */
  metric(server: string, name: string): Promise<number>;
  /** Removes the namespace and all in it. */
  close(): Promise<void>;
};

/** Opens the cluster that the set-up started and makes a namespace in it. */
export async function openWorld(namespace: string): Promise<World> {
  const { name, context, authority } = inject('cluster');
  const cluster = await ensureCluster({ name, ...(context !== undefined && { context }) });
  const kubectl = new Kubectl(cluster.kubectl, cluster.kubeconfig, namespace);
  // A run that was stopped in the middle may have left one behind.
  await kubectl.run(['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=90s']);
  await kubectl.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: restricted } });
  const { host, httpsPort } = cluster.ingress;
  return {
    cluster,
    kubectl,
    namespace,
    ca: authority.certificate,
    fetch: ingressFetch({ host, httpsPort, ca: authority.certificate }),
    endpoint: (dnsName) => `https://${dnsName}:${httpsPort}/mcp`,
    async createTlsSecret(secret, dnsName) {
      const pair = await (await loadAuthority(authority)).issue({ commonName: dnsName, names: [dnsName] });
      const stringData = { 'tls.crt': pair.certificate, 'tls.key': pair.key };
      await kubectl.apply({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: secret },
        type: 'kubernetes.io/tls',
        stringData,
      });
    },
    waitReady: (server, timeoutMs = 120_000) => waitReady(kubectl, server, timeoutMs),
    metric: (server, metricName) => readMetric(kubectl, namespace, server, metricName),
    close: async () => {
      await kubectl.run(['delete', 'namespace', namespace, '--timeout=90s']);
    },
  };
}

/** Everything of ours must run where the strictest pod security level is enforced. */
const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };

function waitReady(kubectl: Kubectl, server: string, timeoutMs: number): Promise<CodeSageServerView> {
  let seen = '';
  return waitFor(
    `CodeSageServer ${server} to be Ready`,
    async () => {
      const view = await kubectl.server(server);
      const ready = view.status.conditions.find((condition) => condition.type === 'Ready');
      seen = JSON.stringify(view.status.conditions);
      if (ready?.status === 'True' && view.status.observedGeneration === view.metadata.generation) return view;
      return undefined;
    },
    { timeoutMs },
  ).catch((error: unknown) => {
    throw new Error(`${server} is not Ready: ${seen}`, { cause: error });
  });
}

/** Sum over all label sets of one metric in Prometheus' text format. */
export function sumOfMetric(text: string, name: string): number {
  const values = text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
  if (values.length === 0) throw new Error(`there is no metric ${name}`);
  return values.reduce((sum, value) => sum + value, 0);
}

async function readMetric(kubectl: Kubectl, namespace: string, server: string, name: string): Promise<number> {
  const service = `/api/v1/namespaces/${namespace}/services/${server}-internal:8001/proxy/metrics`;
  return sumOfMetric(await kubectl.run(['get', '--raw', service]), name);
}
