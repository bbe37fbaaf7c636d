/** Proves the operator's own process: probes, metrics, lease, confinement to namespaces, and its ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { type ApiServer, startApiServer } from '../../../hack/cluster/api-only.ts';
import type { Client } from '../../../operator/src/runtime/client.ts';
import type { Manifest, ResourceType } from '../../../operator/src/runtime/resource.ts';
import {
  type CustomResourceDefinition,
  customResourceDefinitions,
  leases,
  namespaces,
} from '../../../operator/src/runtime/resources.ts';
import { clientFor, eventually, kubeConfigFrom } from './harness.ts';

const root = join(import.meta.dirname, '..', '..', '..');
let server: ApiServer;
let client: Client;
let folder: string;

beforeAll(async () => {
  [server, folder] = await Promise.all([
    startApiServer({ name: 'process' }),
    mkdtemp(join(tmpdir(), 'codesage-process-')),
  ]);
  client = clientFor(kubeConfigFrom(server.kubeconfig));
  for (const name of ['one', 'two']) await client.create(namespaces, { metadata: { name } });
});

afterAll(async () => {
  await client?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

type Started = {
  child: ChildProcess;
  log: () => string;
  exit: Promise<number | null>;
  ports: () => Promise<{ metrics: number; health: number }>;
};
const running = new Set<ChildProcess>();

afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  await eventually(() => running.size === 0);
});

function start(...args: string[]): Started {
  const any = '127.0.0.1:0';
  const child = spawn(process.execPath, [
    join(root, 'operator/src/main.ts'),
    '--metrics-bind-address',
    any,
    '--health-probe-bind-address',
    any,
    ...args,
  ]);
  running.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  const exit = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      running.delete(child);
      resolve(code);
    }),
  );
  return {
    child,
    log: () => text,
    exit,
    async ports() {
      const line = await eventually(
        () => text.split('\n').find((candidate) => candidate.includes('operator started')),
        20_000,
      );
      return JSON.parse(line).ports;
    },
  };
}

async function answer(port: number, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
}

const ready = async (started: Started) => {
  const { health } = await started.ports();
  return eventually(async () => (await answer(health, '/readyz')).status === 200, 20_000);
};

async function installDefinitions(): Promise<void> {
  for (const plural of ['codesageservers', 'codesagebackups', 'codesagerestores']) {
    const text = await readFile(join(root, `crds/codesage.dev_${plural}.yaml`), 'utf8');
    for (const document of parseAllDocuments(text)) {
      await client.apply(customResourceDefinitions, document.toJS() as Manifest<CustomResourceDefinition>);
    }
  }
}

test('[operator.health-metrics] a process without its definitions is alive, says what it waits for, and goes on when they come', async () => {
  const operator = start('--kubeconfig', server.kubeconfig);
  const { health, metrics } = await operator.ports();
  expect(await answer(health, '/healthz')).toEqual({ status: 200, text: 'ok\n' });
  const waiting = await eventually(async () => {
    const { status, text } = await answer(health, '/readyz');
    return status === 503 && text.includes('404') ? text : false;
  });
  expect(waiting).toContain('/apis/codesage.dev/v1alpha1/codesageservers');
  await installDefinitions();
  await ready(operator);
  const { text } = await answer(metrics, '/metrics');
  expect(text).toMatch(/rest_client_requests_total\{method="GET",host="127\.0\.0\.1:\d+",code="404"\} [1-9]/);
  expect(text).toContain('workqueue_depth{name="codesageserver"} 0');
  expect(text).toContain('controller_runtime_max_concurrent_reconciles{controller="codesageserver"} 4');
  operator.child.kill('SIGTERM');
  expect(await operator.exit).toBe(0);
});

test('[operator.graceful-shutdown] [operator.leader-lease] the leader told to stop exits 0 and frees the lease, and the other takes over', async () => {
  const lease = { namespace: 'one', name: 'codesage-operator' };
  const args = ['--kubeconfig', server.kubeconfig, '--leader-elect', '--leader-election-namespace', 'one'];
  const first = start(...args, '--identity', 'first');
  await ready(first);
  await eventually(() => first.log().includes('elected leader'), 20_000);
  const second = start(...args, '--identity', 'second');
  await ready(second);
  const masters = async () =>
    Promise.all(
      [first, second].map(async (one) =>
        (await answer((await one.ports()).metrics, '/metrics')).text.includes(
          'leader_election_master_status{name="codesage-operator"} 1',
        ),
      ),
    );
  expect(await masters()).toEqual([true, false]);
  expect((await client.get(leases, lease)).spec?.holderIdentity).toMatch(/^first_/);

  const before = performance.now();
  first.child.kill('SIGTERM');
  expect(await first.exit).toBe(0);
  expect(first.log()).toContain('lease released');
  await eventually(() => second.log().includes('elected leader'));
  expect(performance.now() - before).toBeLessThan(10_000);
  expect((await client.get(leases, lease)).spec).toMatchObject({
    holderIdentity: expect.stringMatching(/^second_/),
    leaseTransitions: 1,
  });

  second.child.kill('SIGINT');
  expect(await second.exit).toBe(0);
});

test('[operator.leader-lease] a leader that was frozen while another took over exits 3 when it wakes', async () => {
  const args = ['--kubeconfig', server.kubeconfig, '--leader-elect', '--leader-election-namespace', 'two'];
  const first = start(...args, '--identity', 'first');
  await eventually(() => first.log().includes('elected leader'), 20_000);
  const second = start(...args, '--identity', 'second');
  await ready(second);
  first.child.kill('SIGSTOP');
  await eventually(() => second.log().includes('elected leader'), 25_000);
  first.child.kill('SIGCONT');
  expect(await first.exit).toBe(3);
  expect(first.log()).toContain('leadership lost');
});

/** The rules that the chart gives the operator in each namespace. */
async function chartRules(): Promise<object[]> {
  const helpers = await readFile(join(root, 'charts/codesage-operator/templates/_helpers.tpl'), 'utf8');
  const block = /define "codesage-operator\.rules" -?\}\}\n([\s\S]*?)\{\{-? end/.exec(helpers)?.[1];
  return parse(block ?? '') as object[];
}

test('[operator.namespaces] with a Role in each of its namespaces and nothing else, it becomes ready', async () => {
  const rbac = (kind: string, plural: string): ResourceType => ({
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    kind,
    plural,
    namespaced: true,
  });
  const rules = await chartRules();
  for (const namespace of ['one', 'two']) {
    await client.apply(rbac('Role', 'roles'), { metadata: { namespace, name: 'operator' }, rules } as never);
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'operator' };
    const subjects = [{ kind: 'User', name: 'confined', apiGroup: 'rbac.authorization.k8s.io' }];
    await client.apply(rbac('RoleBinding', 'rolebindings'), {
      metadata: { namespace, name: 'operator' },
      roleRef,
      subjects,
    } as never);
  }
  const config = parse(await readFile(server.kubeconfig, 'utf8'));
  config.users[0].user.as = 'confined';
  const file = join(folder, 'confined.kubeconfig');
  await writeFile(file, stringify(config), { mode: 0o600 });

  const operator = start('--kubeconfig', file, '--watch-namespaces', 'one,two');
  await ready(operator);
  expect(operator.log()).not.toContain('Forbidden');
  operator.child.kill('SIGTERM');
  expect(await operator.exit).toBe(0);
});

test('what cannot work from the start ends with a code and a sentence', async () => {
  const wrong = start('--workers', 'many');
  expect(await wrong.exit).toBe(2);
  expect(wrong.log()).toContain('--workers (or WORKERS)');
  const missing = start('--kubeconfig', join(folder, 'nothing'));
  expect(await missing.exit).toBe(1);
  expect(missing.log()).toContain('could not start');
  const context = start('--kubeconfig', server.kubeconfig, '--context', 'other');
  expect(await context.exit).toBe(1);
  expect(context.log()).toContain('has no context');
});
