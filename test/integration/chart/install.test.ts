import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../../hack/cluster/api-only.ts';
import { until } from '../../../hack/cluster/command.ts';
import { chartDirectory, type Programs, parseManifests, programs, render } from './support.ts';

let server: ApiServer;
let tools: Programs;

const namespaces = ['codesage-system', 'team-a', 'team-b'];

beforeAll(async () => {
  server = await startApiServer({ name: 'chart' });
  tools = await programs(server.kubeconfig);
  for (const name of namespaces) must(['create', 'namespace', name]);
  // Enforce refuses pods, warn judges the pod templates of Deployments too.
  must([
    'label',
    'namespace',
    'codesage-system',
    'pod-security.kubernetes.io/enforce=restricted',
    'pod-security.kubernetes.io/warn=restricted',
  ]);
  // No controller manager runs here that would make it, and a pod is refused without it.
  must(['create', 'serviceaccount', 'default', '--namespace', 'codesage-system']);
});

afterAll(async () => {
  await server?.stop();
});

function must(args: readonly string[], input?: string): string {
  const { exitCode, stdout, stderr } = tools.kubectl(args, input);
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

describe('[chart.valid] a real API server accepts all that the chart renders', () => {
  test.each([
    { name: 'by default', flags: [] },
    { name: 'for a list of namespaces', flags: ['--set', 'watchNamespaces={team-a,team-b}'] },
    {
      name: 'without CRDs, metrics, roles and disruption budget',
      flags: [
        '--set',
        'crds.install=false,metrics.service.enabled=false,rbac.create=false,podDisruptionBudget.enabled=false',
      ],
    },
    { name: 'with one replica', flags: ['--set', 'replicas=1'] },
    {
      name: 'with every placement and metadata value',
      flags: [
        '--set-json',
        JSON.stringify({
          image: { pullSecrets: ['registry'] },
          podAnnotations: { 'example.com/a': 'b' },
          podLabels: { team: 'a' },
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ key: 'dedicated', operator: 'Exists' }],
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: 'x', operator: 'Exists' }] }],
              },
            },
          },
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'zone',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: { team: 'a' } },
            },
          ],
          priorityClassName: 'system-cluster-critical',
          serviceAccount: { annotations: { 'example.com/role': 'x' } },
          metrics: { service: { annotations: { 'prometheus.io/scrape': 'true' } } },
          fullnameOverride: 'sage',
        }),
      ],
    },
  ])('$name', ({ flags }) => {
    const { stdout } = render(tools, flags);
    const { exitCode, stderr } = tools.kubectl(
      ['apply', '--server-side', '--dry-run=server', '--validate=strict', '--filename', '-'],
      stdout,
    );
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
  });
});

test('[operator.restricted-pods] the operator pod meets the restricted Pod Security standard, and a privileged one would be told', () => {
  const { stdout } = render(tools);
  const apply = ['apply', '--server-side', '--dry-run=server', '--filename', '-'];
  expect(tools.kubectl(apply, stdout).stderr).toBe('');
  // The same check must be able to fail.
  expect(tools.kubectl(apply, stdout.replaceAll('runAsNonRoot: true', 'runAsNonRoot: false')).stderr).toContain(
    'would violate PodSecurity',
  );
});

type Right = {
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  name?: string;
  namespace: string;
};

/** Whether the API server would let the operator's service account do it. */
function mayOperator(resourceAttributes: Right): boolean {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user: 'system:serviceaccount:codesage-system:codesage-operator', resourceAttributes },
  };
  return (
    must(['create', '--filename', '-', '--output', 'jsonpath={.status.allowed}'], JSON.stringify(review)) === 'true'
  );
}

/** The authorizer learns of new roles through a watch, so the first right that it grants is waited for. */
async function rightsArrived(right: Right): Promise<void> {
  await until('the authorizer knows the new roles', 10_000, () => mayOperator(right));
}

describe('[chart.least-rights] with a list of namespaces', () => {
  const flags = ['--set', 'watchNamespaces={team-a}'];
  const withoutCrds = ['--set', 'crds.install=false'];
  const clusterKinds = ['ClusterRole', 'ClusterRoleBinding'];

  test('nothing cluster-wide is made beyond the CRDs', () => {
    const { manifests } = render(tools, flags);
    expect(manifests.map(({ kind }) => kind).filter((kind) => clusterKinds.includes(kind))).toEqual([]);
    const placed = manifests.filter(({ metadata }) => metadata.namespace === undefined).map(({ kind }) => kind);
    expect(new Set(placed)).toEqual(new Set(['CustomResourceDefinition']));
  });

  test('the operator may work in those namespaces and nowhere else', async () => {
    const { stdout } = render(tools, [...flags, ...withoutCrds]);
    try {
      must(['apply', '--server-side', '--filename', '-'], stdout);
      const deployments = { verb: 'patch', group: 'apps', resource: 'deployments' };
      const status = { verb: 'patch', group: 'codesage.dev', resource: 'codesageservers', subresource: 'status' };
      const secrets = { verb: 'get', group: '', resource: 'secrets' };
      const leases = { verb: 'update', group: 'coordination.k8s.io', resource: 'leases', name: 'codesage-operator' };
      await rightsArrived({ ...deployments, namespace: 'team-a' });
      expect(mayOperator({ ...status, namespace: 'team-a' })).toBe(true);
      expect(mayOperator({ ...secrets, namespace: 'team-a' })).toBe(true);
      expect(mayOperator({ ...secrets, namespace: 'team-b' })).toBe(false);
      expect(mayOperator({ ...status, namespace: 'team-b' })).toBe(false);
      // Its own namespace is one of the others: there it holds a Lease and no more.
      expect(mayOperator({ ...leases, namespace: 'codesage-system' })).toBe(true);
      expect(mayOperator({ ...leases, name: 'another', namespace: 'codesage-system' })).toBe(false);
      expect(mayOperator({ ...secrets, namespace: 'codesage-system' })).toBe(false);
    } finally {
      must(['delete', '--ignore-not-found', '--wait=false', '--filename', '-'], stdout);
    }
  });

  test('cluster-wide, it still may not do what it never needs', async () => {
    const { stdout } = render(tools, withoutCrds);
    try {
      must(['apply', '--server-side', '--filename', '-'], stdout);
      const namespace = 'team-b';
      await rightsArrived({ verb: 'list', group: 'codesage.dev', resource: 'codesageservers', namespace });
      const refused: Right[] = [
        { verb: 'update', group: 'codesage.dev', resource: 'codesageservers', namespace },
        { verb: 'delete', group: 'codesage.dev', resource: 'codesageservers', namespace },
        { verb: 'create', group: '', resource: 'pods', namespace },
        { verb: 'create', group: '', resource: 'pods', subresource: 'exec', namespace },
        { verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'roles', namespace },
        { verb: 'patch', group: '', resource: 'nodes', namespace: '' },
        // Leases are for its own namespace.
        { verb: 'update', group: 'coordination.k8s.io', resource: 'leases', namespace },
      ];
      expect(refused.filter(mayOperator)).toEqual([]);
    } finally {
      must(['delete', '--ignore-not-found', '--wait=false', '--filename', '-'], stdout);
    }
  });
});

describe('a release', () => {
  const release = ['codesage-operator', chartDirectory, '--namespace', 'codesage-system'];

  test('[chart.valid] installs, upgrades with changed values, and leaves nothing but the CRDs when uninstalled', () => {
    expect(tools.helm(['install', ...release])).toMatchObject({ exitCode: 0, stderr: '' });
    const crd = ['get', 'crd', 'codesageservers.codesage.dev', '--output', 'name'];
    const before = must(crd);
    expect(tools.helm(['upgrade', ...release, '--set', 'logLevel=debug,replicas=1'])).toMatchObject({ exitCode: 0 });
    expect(
      must(['get', 'deployment', 'codesage-operator', '--namespace', 'codesage-system', '--output', 'yaml']),
    ).toContain('--log-level=debug');
    expect(tools.helm(['uninstall', 'codesage-operator', '--namespace', 'codesage-system'])).toMatchObject({
      exitCode: 0,
    });
    expect(must(crd)).toBe(before);
    const rest = must([
      'get',
      'deployments,services,roles,rolebindings,poddisruptionbudgets',
      '--all-namespaces',
      '--selector',
      'app.kubernetes.io/name=codesage-operator',
      '--output',
      'name',
    ]);
    expect(rest).toBe('');
    // A second installation meets the kept CRDs.
    expect(tools.helm(['install', ...release])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(tools.helm(['uninstall', 'codesage-operator', '--namespace', 'codesage-system'])).toMatchObject({
      exitCode: 0,
    });
  });

  test('tells what to do next', () => {
    const { stdout } = tools.helm(['install', ...release, '--dry-run=client']);
    const [, example = ''] = /<<YAML\n([\s\S]*?)\n {2}YAML/.exec(stdout.slice(stdout.indexOf('NOTES:'))) ?? [];
    const [manifest] = parseManifests(example);
    expect(manifest?.kind).toBe('CodeSageServer');
    expect(tools.helm(['install', ...release]).exitCode).toBe(0);
    try {
      // The example of the notes is a resource that the API server takes.
      expect(
        must(['create', '--dry-run=server', '--output', 'name', '--filename', '-'], JSON.stringify(manifest)),
      ).toContain('codesageserver');
    } finally {
      tools.helm(['uninstall', 'codesage-operator', '--namespace', 'codesage-system']);
    }
  });
});
