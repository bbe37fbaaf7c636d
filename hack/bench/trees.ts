/** Decides what is measured on: real code out of Go's module cache, the same on every machine. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot, hashOf, madeOnce } from '../cluster/cache.ts';
import { goCommand } from '../cluster/go-toolchain.ts';

const kubernetes = 'k8s.io/kubernetes@v1.36.3';

/** Together more than 10,000 files that are indexed, none of them vendored or generated. */
const modules = [
  kubernetes,
  'k8s.io/apimachinery@v0.36.3',
  'k8s.io/apiserver@v0.36.3',
  'k8s.io/client-go@v0.36.3',
  'k8s.io/kubectl@v0.36.3',
  'golang.org/x/tools@v0.49.0',
  'google.golang.org/grpc@v1.83.2',
];

const goDirectory = join(import.meta.dirname, '..', 'cluster', 'go');

/** Folder of a module in Go's cache, downloaded where it is missing. */
function moduleFolder(go: string, module: string): string {
  const output = execFileSync(go, ['mod', 'download', '-json', module], { encoding: 'utf8', cwd: goDirectory });
  return (JSON.parse(output) as { Dir: string }).Dir;
}

/**
 * A tree of 10,000 files: the argument, else modules copied side by side into the project's cache. Nobody writes to it;
 * what changes files works on `copyOf` it.
 */
export async function tenThousandFiles(argument?: string): Promise<string> {
  if (argument !== undefined) return argument;
  return madeOnce(join(cacheRoot(), `bench-tree-${hashOf(modules)}`), async (folder) => {
    const go = await goCommand(goDirectory);
    for (const module of modules) await copyOf(moduleFolder(go, module), join(folder, module.replace('@', '-')));
  });
}

/** Copies a tree with its times, writable. */
export async function copyOf(tree: string, target: string): Promise<string> {
  await mkdir(join(target, '..'), { recursive: true });
  // Go's cache is read-only, and Node copies modes: a folder would refuse its files.
  execFileSync('cp', ['--recursive', '--preserve=timestamps', '--no-preserve=mode', '--reflink=auto', tree, target]);
  return target;
}

/** Copies only these files of a tree. */
export async function copyOfFiles(tree: string, files: readonly string[], target: string): Promise<string> {
  for (const file of files) {
    await mkdir(join(target, file, '..'), { recursive: true });
    await cp(join(tree, file), join(target, file), { preserveTimestamps: true });
  }
  return target;
}

/** A large real code base: the argument, else the Kubernetes module in Go's module cache. */
export function largeTree(argument: string | undefined): string {
  if (argument !== undefined) return argument;
  let cache = '';
  try {
    cache = execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    // Told below.
  }
  const tree = join(cache, kubernetes);
  if (cache !== '' && existsSync(tree)) return tree;
  throw new Error(`Name a directory to index, or let hack/up fetch ${kubernetes} into Go's module cache first.`);
}
