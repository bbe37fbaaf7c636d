/** Decides how a repository of this machine gets into a cluster whose pods cannot reach it: the same git server, as a pod. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../cluster.ts';
import { run } from '../command.ts';
import type { BuiltImage } from '../images.ts';
import { apply, type Kubectl } from '../kubectl.ts';

const labels = { app: 'codesage-source' };
const port = 8080;

/** Deployment and Service of the git server; it needs no image of its own, the server's has git and Node. */
export function buildGitPod(namespace: string, image: string, program: string): object[] {
  const metadata = { name: 'git', namespace, labels };
  const container = {
    name: 'git',
    image,
    command: ['node', '/srv/git-server.ts', '/srv/git', String(port), '0.0.0.0'],
    ports: [{ containerPort: port }],
    readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    volumeMounts: [
      { name: 'repositories', mountPath: '/srv/git' },
      // A single file, so that the program finds itself under the name it was called by.
      { name: 'program', mountPath: '/srv/git-server.ts', subPath: 'git-server.ts' },
    ],
  };
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'git-server.ts': program } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ port: 80, targetPort: port }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        strategy: { type: 'Recreate' },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 1000,
              runAsGroup: 1000,
              fsGroup: 1000,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            containers: [container],
            volumes: [
              { name: 'repositories', emptyDir: {} },
              { name: 'program', configMap: { name: 'git' } },
            ],
          },
        },
      },
    },
  ];
}

/** Starts the pod, copies the repository's present state into it and returns the URL for pods. */
export async function serveInCluster(
  cluster: Cluster,
  kubectl: Kubectl,
  namespace: string,
  image: BuiltImage,
  repository: { name: string; gitFolder: string },
): Promise<string> {
  const program = await readFile(join(import.meta.dirname, '..', 'git-server.ts'), 'utf8');
  await apply(kubectl, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }]);
  await apply(kubectl, buildGitPod(namespace, image.reference, program));
  await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/git', '--timeout=120s']);
  // A bundle is one file with all objects; git clones from it as from a remote.
  const receive = 'cd /srv/git && cat >new && rm -rf "$0" && git clone --quiet --bare new "$0" && rm new';
  const script =
    'set -o pipefail; git --git-dir "$GIT_FOLDER" bundle create --quiet - HEAD --branches |' +
    ' "$KUBECTL" -n "$NAMESPACE" exec -i deployment/git -- sh -c "$RECEIVE" "$NAME"';
  await run('bash', ['-c', script], {
    env: {
      ...process.env,
      KUBECONFIG: cluster.kubeconfig,
      KUBECTL: cluster.kubectl,
      GIT_FOLDER: repository.gitFolder,
      NAMESPACE: namespace,
      RECEIVE: receive,
      NAME: `${repository.name}.git`,
    },
  });
  return `http://git.${namespace}.svc.cluster.local/${repository.name}.git`;
}
