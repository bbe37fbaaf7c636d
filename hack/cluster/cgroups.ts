/** Decides where a node's processes are accounted: one group named after the node in every hierarchy of this machine. */
import { existsSync } from 'node:fs';
import { glob, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './command.ts';

/** One mounted hierarchy. `options` is what mounts it anew; for version 2 it is empty. */
export type Hierarchy = { version: 1 | 2; path: string; options: string };

const notControllers = new Set(['rw', 'ro', 'nosuid', 'nodev', 'noexec', 'relatime', 'noatime', 'xattr']);

/**
 * The hierarchies that count, out of the text of /proc/mounts: those of version 1 where there are any (a version 2
 * beside them has no controllers), else the one of version 2.
 */
export function parseHierarchies(mounts: string): Hierarchy[] {
  const rows = mounts.split('\n').map((line) => line.split(' '));
  const first = rows.flatMap(([, path, type, options]) => {
    if (type !== 'cgroup' || path === undefined || options === undefined) return [];
    const words = options.split(',').filter((word) => !notControllers.has(word) && !word.startsWith('release_agent='));
    const named = words.find((word) => word.startsWith('name='));
    return [{ version: 1 as const, path, options: named ? `none,${named}` : words.join(',') }];
  });
  if (first.length > 0) return first;
  return rows.flatMap(([, path, type]) =>
    type === 'cgroup2' && path !== undefined ? [{ version: 2 as const, path, options: '' }] : [],
  );
}

/** The hierarchies of this machine. */
export async function hierarchies(): Promise<Hierarchy[]> {
  return parseHierarchies(await readFile('/proc/mounts', 'utf8').catch(() => ''));
}

/** Name of a node's groups. */
export const groupOf = (node: string) => `codesage-node-${node}`;

/** Makes the group in every hierarchy and returns its folders. */
export async function createGroups(name: string, all: Hierarchy[]): Promise<string[]> {
  const folders = all.map(({ path }) => join(path, name));
  for (const [index, folder] of folders.entries()) {
    await mkdir(folder, { recursive: true });
    const parent = all[index]?.path ?? '';
    // A group without processors and memory nodes takes no process.
    if (existsSync(join(folder, 'cpuset.cpus')) && all[index]?.version === 1) {
      for (const file of ['cpuset.cpus', 'cpuset.mems']) {
        await writeFile(join(folder, file), await readFile(join(parent, file)));
      }
      await writeFile(join(folder, 'cgroup.clone_children'), '1');
    }
    if (existsSync(join(folder, 'memory.use_hierarchy'))) {
      await writeFile(join(folder, 'memory.use_hierarchy'), '1').catch(() => undefined);
    }
  }
  return folders;
}

/** Processes that are still in the group or below it. */
export async function processesIn(folder: string): Promise<number[]> {
  const found = new Set<number>();
  for await (const file of glob('**/cgroup.procs', { cwd: folder })) {
    const text = await readFile(join(folder, file), 'utf8').catch(() => '');
    for (const line of text.split('\n')) if (line !== '') found.add(Number(line));
  }
  return [...found];
}

/**
 * Kills whatever still runs in the groups and removes them, innermost first. Also ends a node whose state folder was
 * removed by hand: only processes of that node are in its groups.
 */
export async function removeGroups(name: string): Promise<void> {
  for (const { path } of await hierarchies()) {
    const folder = join(path, name);
    await until(`${folder} is removed`, 30_000, async () => {
      if (!existsSync(folder)) return true;
      for (const pid of await processesIn(folder)) kill(pid);
      for (const directory of await deepestFirst(folder)) await rmdir(directory).catch(() => undefined);
      return !existsSync(folder);
    });
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

async function deepestFirst(folder: string): Promise<string[]> {
  const found = [folder];
  for await (const entry of glob('**', { cwd: folder, withFileTypes: true })) {
    if (entry.isDirectory()) found.push(join(entry.parentPath, entry.name));
  }
  return found.sort((a, b) => b.length - a.length);
}
