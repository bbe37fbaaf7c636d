/** Decides how images get into a node: straight into its containerd, without the layers that it has. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run, until } from './command.ts';
import { type BuiltImage, imageLayout } from './images.ts';
import type { NodeState } from './node.ts';
import { withArchive } from './oci-layout.ts';

/** Unix sockets cross network namespaces, so containerd is called from outside. */
const socketOf = (node: NodeState) => join(node.state, 'run', 'containerd.sock');
const ctr = (node: NodeState, args: string[]) =>
  run(join(node.bin, 'ctr'), ['-a', socketOf(node), '-n', 'k8s.io', ...args]);

async function list(node: NodeState, what: 'images' | 'content'): Promise<Set<string>> {
  return new Set((await ctr(node, [what, 'list', '-q'])).split('\n').filter((line) => line !== ''));
}

/** References of the images that a node has. */
export const imagesOf = (node: NodeState) => list(node, 'images');

/** Loads a docker-archive as soon as containerd answers. */
export async function importArchive(node: NodeState, archive: string): Promise<void> {
  await until('containerd answers', 60_000, () => existsSync(socketOf(node)));
  await until('the image is imported', 60_000, () => ctr(node, ['images', 'import', archive]).then(() => true));
}

/** Loads images of the layout; of layers, only those that the node does not have. */
export async function importImages(node: NodeState, images: BuiltImage[]): Promise<void> {
  const known = await list(node, 'content');
  const script = 'set -o pipefail; tar "$@" | "$CTR" -a "$SOCKET" -n k8s.io images import -';
  const env = { ...process.env, CTR: join(node.bin, 'ctr'), SOCKET: socketOf(node) };
  await withArchive(imageLayout(), images, known, (tar) => run('bash', ['-c', script, 'load', ...tar], { env }));
}
