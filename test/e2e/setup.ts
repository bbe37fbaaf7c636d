/**
 * Decides the cluster that all end-to-end tests share: a node of their own with both images and the chart, ended
 * afterwards. `CODESAGE_CONTEXT` names a cluster of the user's kubeconfig instead; `CODESAGE_KEEP=1` leaves it running.
 */
import process from 'node:process';
import type { TestProject } from 'vitest/node';
import { installOperator, uninstallOperator } from '../../hack/cluster/deploy/operator.ts';
import { ensureImages } from '../../hack/cluster/images.ts';
import { createAuthority } from '../../hack/cluster/pki.ts';
import { consoleProgress } from '../../hack/cluster/progress.ts';
import { ensureCluster } from '../../hack/cluster/providers.ts';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const name = 'codesage-e2e';
  const context = process.env.CODESAGE_CONTEXT;
  const [cluster, images] = await Promise.all([
    ensureCluster({ name, progress: consoleProgress, ...(context !== undefined && { context }) }),
    ensureImages(consoleProgress),
  ]);
  await cluster.loadImages([images.operator, images.server]);
  await installOperator(cluster, images);
  const { certificate, key } = await createAuthority('codesage-e2e');
  project.provide('cluster', { name, context, authority: { certificate, key } });
  return async () => {
    if (process.env.CODESAGE_KEEP === '1') return;
    if (cluster.provider === 'context') await uninstallOperator(cluster);
    await cluster.stop();
  };
}
