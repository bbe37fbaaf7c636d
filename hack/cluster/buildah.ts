/** Decides how images are built without a daemon: buildah, with its store in the project's cache and no mount left behind. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from './cache.ts';
import { type RunOptions, run } from './command.ts';

/** Runs buildah against the project's own image store. */
export async function buildah(args: string[], options: RunOptions = {}): Promise<string> {
  const store = join(cacheRoot(), 'buildah');
  await mkdir(join(store, 'run'), { recursive: true });
  // The store mounts itself over itself and leaves that behind; in a mount namespace of its own it does not.
  const inside = ['--mount', '--propagation', 'private', 'buildah'];
  const where = ['--root', join(store, 'storage'), '--runroot', join(store, 'run'), '--storage-driver', 'overlay'];
  return run('unshare', [...inside, ...where, ...args], options);
}
