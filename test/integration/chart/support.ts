/** Decides how tests use the chart: through the real helm and kubectl, with the rendered objects parsed. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { ensureBinaries } from '../../../hack/cluster/binaries.ts';
import { repository } from '../../../hack/cluster/cache.ts';

export const chartDirectory = join(repository, 'charts/codesage-operator');

/** What tests read of any Kubernetes object; the rest is kept as it is. */
export const manifestSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
});
export type Manifest = z.infer<typeof manifestSchema>;

export type Outcome = { exitCode: number; stdout: string; stderr: string };

/** The two programs, each resolving nothing by itself: the exit code is for the test to judge. */
export type Programs = {
  helm(args: readonly string[]): Outcome;
  kubectl(args: readonly string[], input?: string): Outcome;
};

/** @param kubeconfig Path of the kubeconfig; absent for commands that ask no API server. */
export async function programs(kubeconfig?: string): Promise<Programs> {
  const directory = await ensureBinaries();
  const env = { ...process.env, KUBECONFIG: kubeconfig ?? '/dev/null', HELM_NO_PLUGINS: '1' };
  const call = (name: string, args: readonly string[], input = ''): Outcome => {
    const { status, stdout, stderr, error } = spawnSync(join(directory, name), args, {
      input,
      env,
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 2 ** 26,
    });
    if (error !== undefined) throw error;
    return { exitCode: status ?? 1, stdout, stderr };
  };
  return { helm: (args) => call('helm', args), kubectl: (args, input) => call('kubectl', args, input) };
}

/** The objects of a stream of YAML documents, empty documents left out. */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document): unknown => document.toJS())
    .filter((value) => value !== null && value !== undefined)
    .map((value) => manifestSchema.parse(value));
}

/** Renders the chart as `helm install codesage-operator --namespace codesage-system` would. */
export function render({ helm }: Programs, flags: readonly string[] = []): Outcome & { manifests: Manifest[] } {
  const outcome = helm(['template', 'codesage-operator', chartDirectory, '--namespace', 'codesage-system', ...flags]);
  return { ...outcome, manifests: outcome.exitCode === 0 ? parseManifests(outcome.stdout) : [] };
}
