/** Decides the CodeSageServer that `hack/up` makes, and what it shows while that becomes Ready. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { stateOf } from '../cache.ts';
import type { Cluster } from '../cluster.ts';
import type { BuiltImage } from '../images.ts';
import { apply, type Kubectl } from '../kubectl.ts';
import { createAuthority } from '../pki.ts';
import type { Progress } from '../progress.ts';
import type { ServedSource } from './source.ts';

export const serverNamespace = 'codesage';
export const serverName = 'codesage';
export const serverHost = 'codesage.local';
const tlsSecret = 'codesage-tls';

type Condition = { type: string; status: string; reason?: string; message?: string };
/** What is shown of a CodeSageServer's status. */
export type ServerStatus = {
  phase?: string;
  url?: string;
  version?: string;
  observedGeneration?: number;
  conditions?: Condition[];
  codebases?: { name: string; state: string; files: number; chunks: number }[];
};

/** The resource: one git source, an ingress with TLS, everything else by default. */
export function buildServer(source: ServedSource, ingressClass: string): object {
  return {
    apiVersion: 'codesage.dev/v1alpha1',
    kind: 'CodeSageServer',
    metadata: { name: serverName, namespace: serverNamespace },
    spec: {
      sources: [{ name: source.name, git: { url: source.url, interval: '30s' } }],
      storage: { size: '2Gi' },
      ingress: { className: ingressClass, host: serverHost, tls: { secretName: tlsSecret } },
    },
  };
}

/** Path of the authority that the ingress's certificate is signed by; clients are told to trust it. */
export const authorityFile = (cluster: Cluster) => join(stateOf(cluster.name), 'ingress-ca.crt');

/** Applies namespace, certificate and resource; the same again changes nothing. */
export async function applyServer(cluster: Cluster, kubectl: Kubectl, source: ServedSource): Promise<void> {
  await apply(kubectl, [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: serverNamespace } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/tls',
      metadata: { name: tlsSecret, namespace: serverNamespace },
      stringData: await certificate(cluster),
    },
    buildServer(source, cluster.ingress.className),
  ]);
}

/** The ingress's certificate, made once per cluster. */
async function certificate(cluster: Cluster): Promise<Record<string, string>> {
  const file = join(stateOf(cluster.name), 'ingress-tls.json');
  if (!existsSync(file) || !existsSync(authorityFile(cluster))) {
    const authority = await createAuthority('codesage-ingress');
    const pair = await authority.issue({ commonName: serverHost, names: [serverHost] });
    await writeFile(authorityFile(cluster), authority.certificate);
    await writeFile(file, JSON.stringify({ 'tls.crt': pair.certificate, 'tls.key': pair.key }), { mode: 0o600 });
  }
  return JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
}

/** One line for a condition, for people. */
export function conditionLine({ type, status, reason, message }: Condition): string {
  return `  ${type}=${status}${reason ? ` (${reason})` : ''}${message ? `: ${message}` : ''}`;
}

/** Lines for the conditions that are new or changed against what was shown before; `shown` is updated. */
export function changedConditions(status: ServerStatus, shown: Map<string, string>): string[] {
  const lines: string[] = [];
  for (const condition of status.conditions ?? []) {
    const line = conditionLine(condition);
    if (shown.get(condition.type) === line) continue;
    shown.set(condition.type, line);
    lines.push(line);
  }
  return lines;
}

/** Whether the status speaks of this generation of the spec and says Ready. */
export function isReady(status: ServerStatus, generation: number): boolean {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' && (status.observedGeneration ?? 0) >= generation;
}

const resourceSchema = z.looseObject({ kind: z.string(), metadata: z.looseObject({ generation: z.number() }) });
type Deployment = {
  metadata: { generation: number };
  spec: { replicas?: number; template: { spec: { containers: { image: string }[] } } };
  status?: { observedGeneration?: number; replicas?: number; updatedReplicas?: number; readyReplicas?: number };
};

/** Whether the Deployment runs this image and nothing older any more. */
export function isRolledOut({ metadata, spec, status = {} }: Deployment, image: string): boolean {
  const wanted = spec.replicas ?? 1;
  return (
    spec.template.spec.containers[0]?.image === image &&
    (status.observedGeneration ?? 0) >= metadata.generation &&
    [status.replicas, status.updatedReplicas, status.readyReplicas].every((count) => count === wanted)
  );
}

/** Waits until the server is Ready with this image and prints every condition that changes meanwhile. */
export async function waitUntilReady(
  kubectl: Kubectl,
  image: Pick<BuiltImage, 'reference'>,
  progress: Progress,
  timeoutSeconds = 300,
): Promise<void> {
  const shown = new Map<string, string>();
  const end = progress.now() + timeoutSeconds * 1000;
  const both = [`codesageserver/${serverName}`, `deployment/${serverName}`];
  for (;;) {
    const text = await kubectl(['-n', serverNamespace, 'get', ...both, '--ignore-not-found', '-o', 'json']);
    const items = z.looseObject({ items: z.array(resourceSchema) }).parse(JSON.parse(text)).items;
    const server = items.find(({ kind }) => kind === 'CodeSageServer');
    const deployment = items.find(({ kind }) => kind === 'Deployment') as Deployment | undefined;
    const status = (server?.status ?? {}) as ServerStatus;
    for (const line of changedConditions(status, shown)) progress.write(line);
    const rolled = deployment !== undefined && isRolledOut(deployment, image.reference);
    if (rolled && isReady(status, server?.metadata.generation ?? 0)) return;
    if (progress.now() > end) {
      throw new Error(`The server is not Ready after ${timeoutSeconds} s; the conditions above say what is missing.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
