/** Decides the life of a real single-node cluster without Docker: started from nothing in seconds, ended without a trace. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addonsReady, applyAddons } from './addons.ts';
import { answersOk } from './api-only.ts';
import { ensureBinaries } from './binaries.ts';
import { lockFile, stateOf, withLock } from './cache.ts';
import { createGroups, groupOf, type Hierarchy, hierarchies, removeGroups } from './cgroups.ts';
import { startDetached, until } from './command.ts';
import { startForward, startTiedForward } from './forward.ts';
import { kubectlFor } from './kubectl.ts';
import { network } from './network.ts';
import { renderCni, renderContainerd, renderKubelet, renderProxy } from './node-config.ts';
import { importArchive } from './node-images.ts';
import { writeNodePki } from './node-pki.ts';
import { ensurePackages } from './packages.ts';
import { ensurePauseImage } from './pause-image.ts';
import { killHelpers, killPid, livePid, writePid } from './pids.ts';
import { preferredPort } from './ports.ts';
import { type Progress, step } from './progress.ts';

/** What is known of a running node; kept as `node.json` in its state folder. */
export type NodeState = {
  name: string;
  state: string;
  bin: string;
  kubeconfig: string;
  ports: { api: number; http: number; https: number };
};

const initPid = (state: string) => join(state, 'host', 'init.pid');
const forwardPid = (state: string) => join(state, 'host', 'forward.pid');

/** The node of this name when it runs whole, else undefined. */
export async function runningNode(name: string): Promise<NodeState | undefined> {
  const state = stateOf(name);
  if (livePid(initPid(state)) === undefined || livePid(forwardPid(state)) === undefined) return undefined;
  try {
    return JSON.parse(await readFile(join(state, 'node.json'), 'utf8')) as NodeState;
  } catch {
    return undefined;
  }
}

/**
 * The node of this name, started if it does not run. A start always begins with an empty cluster: what a stopped or
 * half-started one left behind is removed first.
 */
export async function ensureNode(name: string, progress?: Progress): Promise<NodeState> {
  const [bin] = await Promise.all([ensureBinaries(progress), ensurePackages(progress)]);
  return withLock(lockFile(`node-${name}`), async () => {
    const running = await runningNode(name);
    if (running) return running;
    await stopNode(name);
    return step(progress, { name: `start the node ${name}`, usual: 14 }, () => startNode(name, bin));
  });
}

async function startNode(name: string, bin: string): Promise<NodeState> {
  const state = stateOf(name);
  const all = await hierarchies();
  const node = await prepareState(name, bin, all);
  const pid = await startInit(node, all);
  await startForward({ name, bin, state, pid }, 'forward', [
    { way: 'in', listen: `127.0.0.1:${node.ports.api}`, connect: '127.0.0.1:6443' },
    { way: 'in', listen: `127.0.0.1:${node.ports.http}`, connect: `${network.node}:80` },
    { way: 'in', listen: `127.0.0.1:${node.ports.https}`, connect: `${network.node}:443` },
  ]);
  const kubectl = kubectlFor({ kubectl: join(bin, 'kubectl'), kubeconfig: node.kubeconfig });
  const pause = ensurePauseImage(bin).then((archive) => importArchive(node, archive));
  const ca = await readFile(join(state, 'pki', 'ca.crt'), 'utf8');
  await until('the API server is ready', 120_000, () => answersOk(`https://127.0.0.1:${node.ports.api}/readyz`, ca));
  await applyAddons(kubectl, bin);
  await kubectl(['wait', '--for=create', `node/${name}`, '--timeout=60s']);
  await kubectl(['wait', '--for=condition=Ready', `node/${name}`, '--timeout=60s']);
  await pause;
  await addonsReady(kubectl);
  // Written last: a node without it was not started to the end.
  await writeFile(join(state, 'node.json'), JSON.stringify(node));
  return node;
}

/** Folders, certificates and configuration files of a new node. */
async function prepareState(name: string, bin: string, all: Hierarchy[]): Promise<NodeState> {
  const state = stateOf(name);
  for (const folder of ['host', 'run', 'logs', 'cni', 'kubelet', 'containerd', 'etcd', 'volumes', 'pki']) {
    await mkdir(join(state, folder), { recursive: true });
  }
  const ports = { api: await preferredPort(6443), http: await preferredPort(8080), https: await preferredPort(8443) };
  const paths = { name, state, bin };
  await writeNodePki(paths, ports.api);
  await writeFile(join(state, 'cni', '10-node.conflist'), renderCni(paths));
  await writeFile(join(state, 'containerd.toml'), renderContainerd(paths));
  await writeFile(join(state, 'kubelet.yaml'), renderKubelet(paths, all[0]?.version ?? 2));
  await writeFile(join(state, 'proxy.yaml'), renderProxy(paths));
  return { ...paths, kubeconfig: join(state, 'kubeconfig'), ports };
}

/** Starts PID 1 in its namespaces and returns its pid on the host. */
async function startInit(node: NodeState, all: Hierarchy[]): Promise<number> {
  const groups = await createGroups(groupOf(node.name), all);
  // The groups are joined before the namespaces are made: the cgroup namespace has its root where the process is then.
  const script = `for g in "$@"; do echo $$ >"$g/cgroup.procs"; done
    exec unshare --mount --net --pid --uts --ipc --cgroup --fork --kill-child "$INIT"`;
  const outer = startDetached('bash', ['-c', script, 'node', ...groups], join(node.state, 'logs', 'init.log'), {
    env: {
      INIT: join(import.meta.dirname, 'init.sh'),
      STATE: node.state,
      BIN: node.bin,
      NAME: node.name,
      NODE_IP: network.node,
      SERVICES: network.services,
      PODS: network.cluster,
      HIERARCHIES: all.map(({ path, options }) => `${path}|${options}`).join(' '),
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/root',
    },
  });
  writePid(join(node.state, 'host', 'unshare.pid'), outer);
  const pid = await until(
    'PID 1 of the node exists',
    10_000,
    async () => {
      const children = await readFile(`/proc/${outer}/task/${outer}/children`, 'utf8');
      const name = await readFile(`/proc/${outer}/comm`, 'utf8');
      // Between its exec and its fork unshare has no child yet, and Number('') would be 0.
      return name.trim() === 'unshare' && (Number(children.trim().split(' ')[0]) || undefined);
    },
    10,
  );
  writePid(initPid(node.state), pid);
  return pid;
}

/** Ends the node and removes its data. Killing PID 1 takes every process, mount, interface and rule with it. */
export async function stopNode(name: string): Promise<void> {
  const state = stateOf(name);
  await killPid(initPid(state));
  await killHelpers(state);
  await removeGroups(groupOf(name));
  await rm(state, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * Lets pods of the node reach a server that listens on 127.0.0.1 of this machine. Ends with this process, unless
 * `detached` names it: then it lives as long as the node does.
 */
export async function exposeToPods(node: NodeState, port: number, detached?: string): Promise<() => Promise<void>> {
  const pid = livePid(initPid(node.state));
  if (pid === undefined) throw new Error(`The node ${node.name} does not run`);
  const forwarded = { name: node.name, bin: node.bin, state: node.state, pid };
  const forwards = [{ way: 'out' as const, listen: `${network.node}:${port}`, connect: `127.0.0.1:${port}` }];
  if (detached === undefined) return startTiedForward(forwarded, `expose-${port}`, forwards);
  const pidFile = join(node.state, 'host', `${detached}.pid`);
  await killPid(pidFile);
  await startForward(forwarded, detached, forwards);
  return () => killPid(pidFile);
}
