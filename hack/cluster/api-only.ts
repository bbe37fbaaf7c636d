/**
 * Decides what a real API server without a node is: etcd and kube-apiserver (and, if asked for, the controller
 * manager) on loopback, no root, no namespaces, as many copies side by side as the memory bears (0.35 GB each).
 */
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBinaries } from './binaries.ts';
import { killed, startTied, until } from './command.ts';
import { createAuthority, createSigningKeys, renderKubeconfig, writePair } from './pki.ts';
import { freePort } from './ports.ts';
import { consoleProgress } from './progress.ts';

/** A running API server. */
export type ApiServer = {
  /** Path of a kubeconfig file of a cluster administrator. */
  kubeconfig: string;
  url: string;
  /** Path of the audit log: one JSON object a line, level Metadata, without the stage RequestReceived. */
  auditLog?: string;
  /** Kills kube-apiserver without warning. */
  kill(): Promise<void>;
  /** Starts kube-apiserver again on its port after `kill`, with all data, and returns when it is ready. */
  revive(): Promise<void>;
  /** Kills it and removes its data. */
  stop(): Promise<void>;
};

export type ApiServerOptions = {
  /** ReplicaSets, garbage collection, namespace deletion, service accounts. Pods stay Pending. Default false. */
  controllerManager?: boolean;
  /** Whether to write `auditLog`. Default false. */
  audit?: boolean;
  /** Part of the name of its temporary folder. */
  name?: string;
};

type Running = { bin: string; folder: string; children: ChildProcess[] };

/** Removes the folders of processes that were killed before they could. */
async function sweep(): Promise<void> {
  for (const folder of await readdir(tmpdir())) {
    const [, pid] = folder.match(/^codesage-api-(\d+)-/) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      await rm(join(tmpdir(), folder), { recursive: true, force: true });
  }
}

/** Starts a copy and returns when it is ready (4 s). Everything ends with this process, also when that is killed. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const bin = await ensureBinaries(consoleProgress);
  await sweep();
  // A port may be taken between the look and the start; another try picks others.
  for (let attempt = 1; ; attempt++) {
    const folder = await mkdtemp(join(tmpdir(), `codesage-api-${process.pid}-${options.name ?? 'test'}-`));
    const running: Running = { bin, folder, children: [] };
    const stop = async () => {
      await Promise.all(running.children.map(killed));
      await rm(folder, { recursive: true, force: true });
    };
    try {
      return { ...(await startCopy(running, options)), stop };
    } catch (error) {
      const log = await readFile(join(folder, 'kube-apiserver.log'), 'utf8').catch(() => '');
      await stop();
      if (attempt === 3) throw new Error(`The API server did not start:\n${log.slice(-2000)}`, { cause: error });
    }
  }
}

async function startCopy(running: Running, options: ApiServerOptions): Promise<Omit<ApiServer, 'stop'>> {
  const [api, etcd, peer, manager] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const { folder } = running;
  const url = `https://127.0.0.1:${api}`;
  const auditLog = options.audit ? join(folder, 'audit.log') : undefined;
  const authority = await writeFiles(folder, url);
  start(running, 'etcd', etcdFlags(folder, etcd, peer));
  const startApi = () => start(running, 'kube-apiserver', apiServerFlags(folder, api, etcd, auditLog));
  let server = startApi();
  await ready(running, url, authority);
  if (options.controllerManager) {
    // Started before readiness it would miss the bootstrap roles and end for good.
    start(running, 'kube-controller-manager', controllerManagerFlags(folder, manager));
  }
  const kubeconfig = join(folder, 'kubeconfig');
  const kill = async () => {
    await killed(server);
    running.children.splice(running.children.indexOf(server), 1);
  };
  const revive = async () => {
    server = startApi();
    await ready(running, url, authority);
  };
  return { kubeconfig, url, kill, revive, ...(auditLog === undefined ? {} : { auditLog }) };
}

function start(running: Running, program: string, flags: string[]): ChildProcess {
  const child = startTied(join(running.bin, program), flags, join(running.folder, `${program}.log`));
  running.children.push(child);
  return child;
}

async function ready(running: Running, url: string, ca: string): Promise<void> {
  await until(
    'the API server is ready',
    60_000,
    () => {
      const dead = running.children.find((child) => child.exitCode !== null || child.signalCode !== null);
      // Waiting longer would be of no use: leave at once.
      return dead !== undefined || answersOk(`${url}/readyz`, ca);
    },
    50,
  );
  if (running.children.some((child) => child.exitCode !== null || child.signalCode !== null)) {
    throw new Error('etcd or kube-apiserver ended');
  }
}

/** Whether the URL answers 200. */
export function answersOk(url: string, ca: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { ca, timeout: 2000, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

/** Certificates, kubeconfigs and the audit policy. Returns the authority's certificate. */
async function writeFiles(folder: string, url: string): Promise<string> {
  await mkdir(join(folder, 'etcd'));
  const authority = await createAuthority('codesage-test');
  const [server, admin, manager, accounts] = await Promise.all([
    authority.issue({
      commonName: 'kube-apiserver',
      names: ['localhost', '127.0.0.1', 'kubernetes.default.svc', '10.96.0.1'],
    }),
    authority.issue({ commonName: 'admin', organization: 'system:masters' }),
    authority.issue({ commonName: 'system:kube-controller-manager' }),
    createSigningKeys(),
  ]);
  await writePair(folder, 'ca', authority);
  await writePair(folder, 'server', server);
  await writePair(folder, 'accounts', accounts);
  await writeFile(join(folder, 'kubeconfig'), renderKubeconfig(url, authority.certificate, admin), { mode: 0o600 });
  await writeFile(join(folder, 'manager.kubeconfig'), renderKubeconfig(url, authority.certificate, manager), {
    mode: 0o600,
  });
  await writeFile(join(folder, 'audit.yaml'), auditPolicy);
  return authority.certificate;
}

const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
`;

function etcdFlags(folder: string, client: number, peer: number): string[] {
  const url = (port: number) => `http://127.0.0.1:${port}`;
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${url(client)}`,
    `--advertise-client-urls=${url(client)}`,
    `--listen-peer-urls=${url(peer)}`,
    `--initial-advertise-peer-urls=${url(peer)}`,
    `--initial-cluster=default=${url(peer)}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

function apiServerFlags(folder: string, port: number, etcd: number, auditLog: string | undefined): string[] {
  const file = (name: string) => join(folder, name);
  return [
    `--etcd-servers=http://127.0.0.1:${etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--secure-port=${port}`,
    `--tls-cert-file=${file('server.crt')}`,
    `--tls-private-key-file=${file('server.key')}`,
    `--client-ca-file=${file('ca.crt')}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${file('accounts.crt')}`,
    `--service-account-signing-key-file=${file('accounts.key')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    '--profiling=false',
    ...(auditLog === undefined
      ? []
      : [`--audit-policy-file=${file('audit.yaml')}`, `--audit-log-path=${auditLog}`, '--audit-log-mode=blocking']),
  ];
}

function controllerManagerFlags(folder: string, port: number): string[] {
  const kubeconfig = join(folder, 'manager.kubeconfig');
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${join(folder, 'accounts.key')}`,
    `--root-ca-file=${join(folder, 'ca.crt')}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--profiling=false',
  ];
}
