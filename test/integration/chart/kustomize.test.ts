import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { repository } from '../../../hack/cluster/cache.ts';
import { type Manifest, type Programs, parseManifests, programs, render } from './support.ts';

const base = join(repository, 'config/operator/operator.yaml');
let tools: Programs;

beforeAll(async () => {
  tools = await programs();
});

/** The chart's defaults without what only Helm makes sense of: its labels, its tests, and the CRDs, which have their own folder. */
function withoutHelm(manifests: readonly Manifest[]): Manifest[] {
  return manifests
    .filter(
      ({ kind, metadata }) =>
        kind !== 'CustomResourceDefinition' && metadata.annotations?.['helm.sh/hook'] === undefined,
    )
    .map((manifest) => JSON.parse(JSON.stringify(manifest), dropHelmLabels));
}

function dropHelmLabels(key: string, value: unknown): unknown {
  const ours = key === 'app.kubernetes.io/managed-by' && value === 'Helm';
  return ours || key === 'helm.sh/chart' ? undefined : value;
}

describe('[chart.kustomize] the kustomize base', () => {
  test('holds what the chart renders by default', async () => {
    const text = withoutHelm(render(tools).manifests)
      .map((manifest) => stringify(manifest))
      .join('---\n');
    const note =
      '# Rendered from charts/codesage-operator with its default values; refresh it with npx vitest run --project integration kustomize --update\n';
    await expect(note + text).toMatchFileSnapshot(base);
  });

  test('installs the namespace, every CRD and the operator', async () => {
    const { exitCode, stdout, stderr } = tools.kubectl(['kustomize', join(repository, 'config/default')]);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    const installed = parseManifests(stdout).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    const crds = (await readdir(join(repository, 'crds'))).filter((file) => file !== 'kustomization.yaml');
    expect(installed.filter((name) => name.startsWith('CustomResourceDefinition/'))).toHaveLength(crds.length);
    const chart = withoutHelm(render(tools).manifests).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(installed).toEqual(expect.arrayContaining([...chart, 'Namespace/codesage-system']));
  });
});
