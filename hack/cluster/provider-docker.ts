/**
 * Decides how Docker gives a cluster: k3s in one container, with its own Traefik. Written after the documentation of
 * testcontainers and k3s; it was never run, for want of a Docker.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GenericContainer, Wait } from 'testcontainers';
import { ensureBinaries } from './binaries.ts';
import { stateOf } from './cache.ts';
import type { Cluster } from './cluster.ts';
import { run, startDetached, startTied } from './command.ts';
import { killHelpers, killPid, writePid } from './pids.ts';
import { type Progress, step } from './progress.ts';

const image = 'rancher/k3s:v1.34.1-k3s1';

/** Ends the container of this name and what relayed to it. */
export async function stopDocker(name: string): Promise<void> {
  await killHelpers(stateOf(name));
  await run('docker', ['rm', '--force', '--volumes', `codesage-${name}`]);
}

/** k3s in a container that is found again by the next run. */
export async function dockerCluster(name: string, progress: Progress): Promise<Cluster> {
  const bin = await ensureBinaries(progress);
  const definition = new GenericContainer(image)
    .withName(`codesage-${name}`)
    .withPrivilegedMode()
    .withCommand(['server', '--tls-san=127.0.0.1', '--tls-san=localhost'])
    .withExposedPorts(6443, 80, 443)
    .withExtraHosts([{ host: 'host.docker.internal', ipAddress: 'host-gateway' }])
    .withTmpFs({ '/run': 'rw', '/var/run': 'rw' })
    .withWaitStrategy(Wait.forLogMessage(/Node controller sync successful/))
    .withStartupTimeout(180_000)
    .withReuse();
  const container = await step(progress, { name: 'start k3s in Docker', usual: 40 }, () => definition.start());
  const inside = async (command: string[]) => (await container.exec(command)).stdout;
  const state = stateOf(name);
  await mkdir(join(state, 'host'), { recursive: true });
  const server = `https://${container.getHost()}:${container.getMappedPort(6443)}`;
  const kubeconfig = join(state, 'kubeconfig');
  const original = await inside(['cat', '/etc/rancher/k3s/k3s.yaml']);
  await writeFile(kubeconfig, original.replace(/server: .*/, `server: ${server}`), { mode: 0o600 });
  const host = (await inside(['getent', 'hosts', 'host.docker.internal'])).split(/\s+/)[0] ?? '172.17.0.1';
  return {
    provider: 'docker',
    name,
    kubeconfig,
    kubectl: join(bin, 'kubectl'),
    helm: join(bin, 'helm'),
    ingress: {
      className: 'traefik',
      host: '127.0.0.1',
      httpPort: container.getMappedPort(80),
      httpsPort: container.getMappedPort(443),
    },
    async loadImages(images) {
      const script = 'set -o pipefail; docker save "$@" | docker exec -i "$CONTAINER" ctr -n k8s.io images import -';
      const references = images.map(({ reference }) => reference);
      await run('bash', ['-c', script, 'load', ...references], {
        env: { ...process.env, CONTAINER: `codesage-${name}` },
      });
    },
    async exposeToPods(port, options = {}) {
      // Pods reach the host at the bridge's address only, where a server of 127.0.0.1 does not listen.
      const relay = [join(import.meta.dirname, 'relay.ts'), host, String(port)];
      const log = join(state, 'relay.log');
      const pidFile = join(state, 'host', `${options.detached ?? `relay-${port}`}.pid`);
      await killPid(pidFile);
      const pid = options.detached
        ? startDetached(process.execPath, relay, log)
        : startTied(process.execPath, relay, log).pid;
      if (pid !== undefined) writePid(pidFile, pid);
      return { address: `${host}:${port}`, host, port, stop: () => killPid(pidFile) };
    },
    stop: () => stopDocker(name),
  };
}
