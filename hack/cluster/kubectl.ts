/** Decides how the launcher speaks to a cluster: through kubectl and helm, as people do. */
import { type RunOptions, run } from './command.ts';

/** Runs kubectl with the arguments and returns its output. */
export type Kubectl = (args: string[], options?: RunOptions) => Promise<string>;

/** kubectl of a cluster. */
export function kubectlFor(cluster: { kubectl: string; kubeconfig: string }): Kubectl {
  return (args, options) => run(cluster.kubectl, ['--kubeconfig', cluster.kubeconfig, ...args], options);
}

/** Applies manifests, given as YAML text or as objects. */
export function apply(kubectl: Kubectl, manifests: string | object[]): Promise<string> {
  const input =
    typeof manifests === 'string' ? manifests : manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
  return kubectl(['apply', '--filename', '-'], { input });
}
