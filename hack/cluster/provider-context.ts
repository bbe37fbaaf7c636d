/** Decides how a cluster that the user already has is used: through a context of the kubeconfig, with an image loader that fits it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBinaries } from './binaries.ts';
import { stateOf } from './cache.ts';
import type { Cluster } from './cluster.ts';
import { answers, run } from './command.ts';
import { type BuiltImage, imageLayout } from './images.ts';
import { withArchive } from './oci-layout.ts';
import { killHelpers } from './pids.ts';
import { consoleProgress } from './progress.ts';

/** A program of the machine, else the one that is built with the node. */
async function programs(): Promise<{ kubectl: string; helm: string }> {
  if ((await answers('kubectl', ['version', '--client'])) && (await answers('helm', ['version']))) {
    return { kubectl: 'kubectl', helm: 'helm' };
  }
  const bin = await ensureBinaries(consoleProgress);
  return { kubectl: join(bin, 'kubectl'), helm: join(bin, 'helm') };
}

/** Whether the nodes' own lists name all images: someone loaded them, or a registry of that name is reachable. */
async function everyNodeHas(kubectl: string, kubeconfig: string, images: BuiltImage[]): Promise<boolean> {
  const path = '{range .items[*]}{.status.images[*].names}{"\\n"}{end}';
  const nodes = (await run(kubectl, ['--kubeconfig', kubeconfig, 'get', 'nodes', '-o', `jsonpath=${path}`]))
    .trim()
    .split('\n');
  return nodes.every((names) => images.every(({ reference }) => names.includes(`"${reference}"`)));
}

/** Loads images into a kind cluster. @throws Error for any other, with what to do. */
async function loadIntoKind(context: string, state: string, images: BuiltImage[]): Promise<void> {
  const names = images.map(({ reference }) => reference);
  if (!context.startsWith('kind-')) {
    const where = images.some(({ docker }) => docker) ? 'Docker' : imageLayout();
    throw new Error(
      `Only kind takes local images. Push ${names.join(' and ')} from ${where} to where ${context} finds them.`,
    );
  }
  const cluster = ['--name', context.slice('kind-'.length)];
  if (images.every(({ docker }) => docker)) {
    await run('kind', ['load', 'docker-image', ...names, ...cluster]);
    return;
  }
  const archive = join(state, 'images.tar');
  const toFile = (argument: string) => (argument === '--file=-' ? `--file=${archive}` : argument);
  await withArchive(imageLayout(), images, new Set(), (tar) => run('tar', tar.map(toFile)));
  await run('kind', ['load', 'image-archive', archive, ...cluster]);
}

/** The cluster of a context in the user's kubeconfig. Nothing of it is ended when we are done. */
export async function contextCluster(name: string, context: string): Promise<Cluster> {
  const { kubectl, helm } = await programs();
  const state = stateOf(name);
  await mkdir(state, { recursive: true });
  const kubeconfig = join(state, 'kubeconfig');
  // A copy with only this context, so that no later switch of the user's current context can misdirect us.
  const view = ['config', 'view', '--minify', '--flatten', '--context', context];
  await writeFile(kubeconfig, await run(kubectl, view), { mode: 0o600 });
  await run(kubectl, ['--kubeconfig', kubeconfig, 'version', '--request-timeout=10s']);
  return {
    provider: 'context',
    name,
    kubeconfig,
    kubectl,
    helm,
    ingress: {
      className: process.env.INGRESS_CLASS ?? 'traefik',
      host: process.env.INGRESS_HOST ?? '127.0.0.1',
      httpPort: Number(process.env.INGRESS_HTTP_PORT ?? 80),
      httpsPort: Number(process.env.INGRESS_HTTPS_PORT ?? 443),
    },
    async loadImages(images) {
      if (await everyNodeHas(kubectl, kubeconfig, images)) return;
      await loadIntoKind(context, state, images);
    },
    exposeToPods: () =>
      Promise.reject(
        new Error(`Pods of ${context} cannot reach this machine: give --source URL of a git server that they can.`),
      ),
    stop: () => killHelpers(state),
  };
}
