/** Decides where everything that outlives a run is kept, and that nobody ever sees it half-made. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Root of the checkout. */
export const repository = join(import.meta.dirname, '..', '..');

/** Folder for all that is built or downloaded, outside the checkout: `CODESAGE_CACHE`, else `~/.cache/codesage-operator`. */
export function cacheRoot(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.CODESAGE_CACHE ?? join(homedir(), '.cache', 'codesage-operator');
}

/** Folder of everything that belongs to the cluster of this name. */
export const stateOf = (name: string) => join(cacheRoot(), 'nodes', name);

/** Path of a lock that only one process of this machine holds at a time. */
export const lockFile = (name: string) => join(cacheRoot(), '.locks', name);

/** Twelve hexadecimal digits that change whenever one of the strings does. */
export function hashOf(parts: Iterable<string | Buffer>): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex').slice(0, 12);
}

/** The same over the names and contents of the files below `root` that match one of the globs. */
export async function hashOfFiles(root: string, globs: string[], more: string[] = []): Promise<string> {
  const files: string[] = [];
  for await (const entry of glob(globs, { cwd: root, withFileTypes: true })) {
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name));
  }
  const parts: (string | Buffer)[] = [...more];
  for (const file of files.sort()) parts.push(file.slice(root.length), await readFile(file));
  return hashOf(parts);
}

/**
 * Runs `action` while no other process holds the lock file. The kernel frees the lock when its holder dies, so a
 * killed run blocks nobody.
 */
export async function withLock<T>(file: string, action: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const holder = spawn('flock', ['--exclusive', file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    holder.once('error', reject);
    holder.once('exit', (code) => reject(new Error(`flock ${file} ended with ${code}`)));
    holder.stdout.once('data', () => resolve());
  });
  try {
    return await action();
  } finally {
    holder.removeAllListeners('exit');
    holder.stdin.end();
  }
}

/**
 * Makes `target` once: `make` fills a temporary folder (or file) beside it, which is then moved into place. A run that
 * stops in the middle leaves nothing that looks finished; two runs at once build once.
 */
export async function madeOnce(target: string, make: (temporary: string) => Promise<void>): Promise<string> {
  if (existsSync(target)) return target;
  await mkdir(dirname(target), { recursive: true });
  return withLock(join(dirname(target), '.locks', basename(target)), async () => {
    if (existsSync(target)) return target;
    // Under the lock every other part is of a run that was stopped.
    for await (const part of glob(`${basename(target)}.part-*`, { cwd: dirname(target) }))
      await rm(join(dirname(target), part), { recursive: true, force: true });
    const temporary = await mkdtemp(`${target}.part-`);
    try {
      await make(join(temporary, basename(target)));
      await rename(join(temporary, basename(target)), target);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    return target;
  });
}
