import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { type ApiServer, startApiServer } from '../../../hack/cluster/api-only.ts';
import { repository } from '../../../hack/cluster/cache.ts';
import { killed, startTied, until } from '../../../hack/cluster/command.ts';
import { chartDirectory, type Manifest, type Programs, programs, render } from './support.ts';

const account = 'system:serviceaccount:codesage-system:codesage-operator';
const release = ['codesage-operator', chartDirectory, '--namespace', 'codesage-system'];

let server: ApiServer;
let tools: Programs;

beforeAll(async () => {
  // The controller manager finalises what is deleted, as in a cluster.
  server = await startApiServer({ name: 'rights', audit: true, controllerManager: true });
  tools = await programs(server.kubeconfig);
  for (const name of ['codesage-system', 'team-a']) must(['create', 'namespace', name]);
});

afterAll(async () => {
  await server?.stop();
});

function must(args: readonly string[], input?: string): string {
  const { exitCode, stdout, stderr } = tools.kubectl(args, input);
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

const clusterSchema = z.looseObject({ users: z.array(z.looseObject({ name: z.string() })) });

/** A kubeconfig of the operator's service account, as its pod would have. */
async function operatorKubeconfig(): Promise<string> {
  const token = must(['create', 'token', 'codesage-operator', '--namespace', 'codesage-system']).trim();
  const config = clusterSchema.parse(parse(await readFile(server.kubeconfig, 'utf8')));
  const file = join(dirname(server.kubeconfig), 'operator.kubeconfig');
  await writeFile(file, stringify({ ...config, users: config.users.map(({ name }) => ({ name, user: { token } })) }), {
    mode: 0o600,
  });
  return file;
}

/** Runs the operator with the arguments that the chart gives it, but for what only a pod has. */
async function startOperator() {
  const args = must([
    'get',
    'deployment',
    'codesage-operator',
    '--namespace',
    'codesage-system',
    '--output',
    'jsonpath={.spec.template.spec.containers[0].args}',
  ]);
  const outside = [
    '--metrics-bind-address=0',
    '--health-probe-bind-address=0',
    '--leader-election-namespace=codesage-system',
    '--service-access=dns',
  ];
  const log = join(dirname(server.kubeconfig), 'operator.log');
  const flags = z
    .array(z.string())
    .parse(JSON.parse(args))
    .filter((flag) => !flag.includes('bind-address'));
  return startTied(
    process.execPath,
    [join(repository, 'operator/src/main.ts'), '--kubeconfig', await operatorKubeconfig(), ...flags, ...outside],
    log,
  );
}

const example = {
  apiVersion: 'codesage.dev/v1alpha1',
  kind: 'CodeSageServer',
  metadata: { name: 'example', namespace: 'team-a' },
  spec: {
    sources: [{ name: 'code', git: { url: 'https://git.example.com/code.git', secretRef: { name: 'login' } } }],
    ingress: { host: 'codesage.example.com' },
  },
};

const backup = {
  apiVersion: 'codesage.dev/v1alpha1',
  kind: 'CodeSageBackup',
  metadata: { name: 'example', namespace: 'team-a' },
  spec: { serverRef: { name: 'example' } },
};
const restore = { ...backup, kind: 'CodeSageRestore', spec: { ...backup.spec, backupRef: { name: 'example' } } };

/** Whether `kubectl get` finds all of these in the namespace of the example. */
function exist(...names: string[]): boolean {
  return tools.kubectl(['get', ...names, '--namespace', 'team-a', '--output', 'name']).exitCode === 0;
}

/** Everything that the operator does in the life of a server, ended by an orderly stop. */
async function liveThrough(): Promise<void> {
  const operator = await startOperator();
  try {
    must(['create', 'secret', 'generic', 'login', '--namespace', 'team-a', '--from-literal=password=x']);
    must(['apply', '--filename', '-'], JSON.stringify(example));
    const children = [
      'deployment/example',
      'service/example',
      'service/example-internal',
      'ingress/example',
      'configmap/example-config',
      'secret/example-internal-token',
      'pvc/example-index',
    ];
    await until('all children are there', 30_000, () => exist(...children), 500);
    // The same repair twice is an event and its repetition.
    for (const _ of [1, 2]) {
      must(['delete', 'service/example', '--namespace', 'team-a']);
      await until('the service is back', 30_000, () => exist('service/example'), 500);
    }
    must([
      'patch',
      'codesageserver',
      'example',
      '--namespace',
      'team-a',
      '--type',
      'merge',
      '--patch',
      '{"spec": {"ingress": null}}',
    ]);
    await until('the ingress is gone', 30_000, () => !exist('ingress/example'), 500);
    await until(
      'the status tells about the change',
      30_000,
      () =>
        must([
          'get',
          'codesageserver',
          'example',
          '--namespace',
          'team-a',
          '--output',
          'jsonpath={.status.observedGeneration}',
        ]) === '2',
      500,
    );
    for (const work of [backup, restore]) must(['apply', '--filename', '-'], JSON.stringify(work));
    const works = ['codesagebackup/example', 'codesagerestore/example', '--namespace', 'team-a'];
    const phases = () => must(['get', ...works, '--output', 'jsonpath={.items[*].status.phase}']);
    await until('backup and restore are answered', 30_000, () => phases() === 'Failed Failed', 500);
    must(['delete', ...works]);
    operator.kill('SIGTERM');
    await until('the operator has ended', 30_000, () => operator.exitCode !== null, 50);
    expect(operator.exitCode).toBe(0);
  } finally {
    await killed(operator);
    must(['delete', 'codesageserver/example', 'secret/login', '--namespace', 'team-a']);
    must(['delete', 'pvc/example-index', '--namespace', 'team-a', '--ignore-not-found', '--wait=false']);
  }
}

const auditSchema = z.object({
  verb: z.string(),
  user: z.object({ username: z.string() }),
  requestURI: z.string(),
  objectRef: z
    .object({ resource: z.string(), subresource: z.string().optional(), apiGroup: z.string().default('') })
    .optional(),
  responseStatus: z.object({ code: z.number() }).optional(),
});

/** What the operator asked of the API server from line `from` of the audit log on. */
async function requests(from: number) {
  const lines = (await readFile(server.auditLog ?? '', 'utf8')).trimEnd().split('\n');
  const entries = lines.slice(from).map((line) => auditSchema.parse(JSON.parse(line)));
  return { entries: entries.filter(({ user }) => user.username === account), lines: lines.length };
}

const rulesSchema = z.array(
  z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }),
);

/** `verb group/resource` for everything that the roles bound to the operator grant. */
function grantedBy(manifests: readonly Manifest[]): Set<string> {
  const bound = manifests.filter(
    ({ kind, metadata }) => /^(Cluster)?Role$/.test(kind) && !/-(view|edit)$/.test(metadata.name),
  );
  const rules = bound.flatMap(({ rules }) => rulesSchema.parse(rules));
  return new Set(
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
      ),
    ),
  );
}

/** Granted, and used only in situations that this test does not bring about. */
const rarelyUsed = new Map([
  ['update codesage.dev/codesageservers/finalizers', 'asked of an admission plugin, not by a request'],
  ['delete apps/deployments', 'pruning a child whose name changed in a later version'],
  ['delete /services', 'pruning a child whose name changed in a later version'],
  ['delete /configmaps', 'pruning a child whose name changed in a later version'],
]);

describe('[chart.least-rights] the operator with exactly the rights of the chart', () => {
  test.each([
    { name: 'cluster-wide', flags: [] },
    { name: 'in one namespace', flags: ['--set', 'watchNamespaces={team-a}'] },
  ])('is refused nothing, and granted nothing that it does not use, $name', async ({ flags }) => {
    const { lines } = await requests(0);
    expect(tools.helm(['install', ...release, ...flags])).toMatchObject({ exitCode: 0, stderr: '' });
    try {
      await liveThrough();
    } finally {
      tools.helm(['uninstall', 'codesage-operator', '--namespace', 'codesage-system']);
      must(['delete', 'lease', '--all', '--namespace', 'codesage-system']);
    }
    const { entries } = await requests(lines);
    expect(entries.filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);

    const used = new Set(
      entries.map(
        ({ verb, objectRef: object }) =>
          `${verb} ${object?.apiGroup ?? ''}/${object?.resource ?? ''}${object?.subresource ? `/${object.subresource}` : ''}`,
      ),
    );
    // Server-side apply of what is not there yet appears as patch, and needs create as well.
    for (const right of [...used].filter((text) => text.startsWith('patch ')))
      used.add(right.replace('patch', 'create'));
    const idle = [...grantedBy(render(tools, flags).manifests)].filter(
      (right) => !used.has(right) && !rarelyUsed.has(right),
    );
    expect(idle).toEqual([]);
  });
});
