/** Decides what every cluster looks like to the launcher and to tests, whichever provider it comes from. */
import { writeFile } from 'node:fs/promises';
import type { BuiltImage } from './images.ts';

/** Address at which pods reach a server of this machine. */
export type Exposed = { address: string; host: string; port: number; stop(): Promise<void> };

export type ExposeOptions = {
  /** Keeps the forward when this process ends, under this name; it then ends with the cluster. */
  detached?: string;
};

/** A cluster one can deploy to. */
export type Cluster = {
  provider: 'context' | 'docker' | 'node';
  name: string;
  /** Path of a kubeconfig whose current context is this cluster, as administrator. */
  kubeconfig: string;
  /** Programs that speak to it. */
  kubectl: string;
  helm: string;
  /** Where its ingress controller listens, as seen from this machine. */
  ingress: { className: string; host: string; httpPort: number; httpsPort: number };
  /** Makes images of ours available to its pods; those that are already cost nothing. */
  loadImages(images: BuiltImage[]): Promise<void>;
  /** Lets pods reach a server that listens on 127.0.0.1:port of this machine. */
  exposeToPods(port: number, options?: ExposeOptions): Promise<Exposed>;
  /** Ends it, if it is ours. */
  stop(): Promise<void>;
};

/** The same as variables for shells: `. <(cat env)`. */
export function renderEnvironment(cluster: Cluster): string {
  const variables = {
    KUBECONFIG: cluster.kubeconfig,
    KUBECTL: cluster.kubectl,
    HELM: cluster.helm,
    CLUSTER_PROVIDER: cluster.provider,
    INGRESS_CLASS: cluster.ingress.className,
    INGRESS_HOST: cluster.ingress.host,
    INGRESS_HTTP_PORT: String(cluster.ingress.httpPort),
    INGRESS_HTTPS_PORT: String(cluster.ingress.httpsPort),
  };
  const quoted = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('');
}

/** Writes the variables to a file. */
export async function writeEnvironment(cluster: Cluster, file: string): Promise<void> {
  await writeFile(file, renderEnvironment(cluster));
}
