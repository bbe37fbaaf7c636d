/** Decides how the operator gets into a cluster: its chart, with the images just built. */
import { join } from 'node:path';
import { repository } from '../cache.ts';
import type { Cluster } from '../cluster.ts';
import { run } from '../command.ts';
import type { BuiltImage } from '../images.ts';

export const operatorNamespace = 'codesage-system';
export const operatorRelease = 'codesage-operator';

/** Values of the chart for two images; `more` overrides, as in `--set`. */
export function chartValues(
  images: { operator: BuiltImage; server: BuiltImage },
  more: Record<string, string> = {},
): string[] {
  const values = {
    'image.repository': images.operator.repository,
    'image.tag': images.operator.tag,
    'serverImage.repository': images.server.repository,
    'serverImage.tag': images.server.tag,
    ...more,
  };
  return Object.entries(values).flatMap(([name, value]) => ['--set-string', `${name}=${value}`]);
}

/** Installs or upgrades the chart and waits until its pods are ready. The CRDs come first: Helm never upgrades them. */
export async function installOperator(
  cluster: Cluster,
  images: { operator: BuiltImage; server: BuiltImage },
  options: { namespace?: string; values?: Record<string, string> } = {},
): Promise<void> {
  const chart = join(repository, 'charts', 'codesage-operator');
  const namespace = ['--namespace', options.namespace ?? operatorNamespace, '--create-namespace'];
  const wait = ['--wait', '--timeout', '3m'];
  // A run that was stopped in the middle leaves a record that makes Helm refuse every later upgrade.
  await clearUnfinished(cluster, namespace);
  const values = chartValues(images, options.values);
  await run(
    cluster.helm,
    ['upgrade', '--install', operatorRelease, chart, ...namespace, ...wait, ...values],
    environment(cluster),
  );
}

const environment = (cluster: Cluster) => ({ env: { ...process.env, KUBECONFIG: cluster.kubeconfig } });

/** Removes Helm's record of an installation or upgrade that never ended; the objects stay and are taken over. */
async function clearUnfinished(cluster: Cluster, namespace: string[]): Promise<void> {
  const [, name = operatorNamespace] = namespace;
  const kubectl = ['--kubeconfig', cluster.kubeconfig, '--namespace', name];
  await run(cluster.kubectl, [
    ...kubectl,
    'delete',
    'secret',
    '--ignore-not-found',
    '--selector',
    `owner=helm,name=${operatorRelease},status in (pending-install,pending-upgrade,pending-rollback)`,
  ]);
}

/** Takes the operator out again; custom resources and their definitions stay, as the chart promises. */
export async function uninstallOperator(cluster: Cluster, namespace = operatorNamespace): Promise<void> {
  await run(
    cluster.helm,
    ['uninstall', operatorRelease, '--namespace', namespace, '--ignore-not-found', '--wait'],
    environment(cluster),
  );
}
