/** Decides where the first index gets its files: this repository, another folder, or a URL that pods can reach. */
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { repository, stateOf } from '../cache.ts';
import type { Cluster } from '../cluster.ts';
import { run, startDetached, until } from '../command.ts';
import type { BuiltImage } from '../images.ts';
import type { Kubectl } from '../kubectl.ts';
import { livePid, writePid } from '../pids.ts';
import { preferredPort } from '../ports.ts';
import { serveInCluster } from './git-pod.ts';
import { serverNamespace } from './server.ts';

/** A git source as pods see it. */
export type ServedSource = { name: string; url: string };

/** A codebase's name out of a URL or path: `https://host/team/My_Code.git` is `my-code`. */
export function codebaseName(source: string): string {
  const last = basename(source.replace(/[?#].*$/, '').replace(/\/+$/, '')).replace(/\.git$/, '');
  const name = last
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63);
  return name === '' ? 'code' : name;
}

/** Whether it is a URL of a remote that needs no serving. */
export const isRemote = (source: string) => /^[a-z]+:\/\//.test(source) || /^[\w.-]+@[\w.-]+:/.test(source);

/**
 * The source for `--source`: a URL as it is; a folder through a git server, on this machine where pods can reach it
 * (it then outlives us), else as a pod.
 */
export async function serveSource(
  cluster: Cluster,
  kubectl: Kubectl,
  serverImage: BuiltImage,
  source: string | undefined,
): Promise<ServedSource> {
  if (source !== undefined && isRemote(source)) return { name: codebaseName(source), url: source };
  const folder = resolve(source ?? repository);
  const gitFolder = await gitFolderOf(folder);
  const name = source === undefined ? 'codesage-operator' : codebaseName(folder);
  if (cluster.provider === 'context') {
    return { name, url: await serveInCluster(cluster, kubectl, serverNamespace, serverImage, { name, gitFolder }) };
  }
  const root = join(stateOf(cluster.name), 'git');
  await mkdir(root, { recursive: true });
  await rm(join(root, `${name}.git`), { force: true });
  await symlink(gitFolder, join(root, `${name}.git`));
  const port = await ensureGitServer(cluster.name, root);
  const { address } = await cluster.exposeToPods(port, { detached: 'git-forward' });
  return { name, url: `http://${address}/${name}.git` };
}

async function gitFolderOf(folder: string): Promise<string> {
  const asked = ['-C', folder, 'rev-parse', '--path-format=absolute', '--git-common-dir'];
  const found = await run('git', asked).catch((cause) => {
    throw new Error(`${folder} is not a git repository: give --source a clone, or a URL`, { cause });
  });
  return found.trim();
}

/** Port of the git server of this cluster, started if it does not run. The same port every time: it is in the resource. */
async function ensureGitServer(cluster: string, root: string): Promise<number> {
  const state = stateOf(cluster);
  const portFile = join(state, 'git-port');
  const known = Number(await readFile(portFile, 'utf8').catch(() => '0'));
  const pidFile = join(state, 'host', 'git-server.pid');
  if (known > 0 && livePid(pidFile) !== undefined) return known;
  const port = await preferredPort(known > 0 ? known : 9418);
  const log = join(state, 'git-server.log');
  await writeFile(log, '');
  const script = join(import.meta.dirname, '..', 'git-server.ts');
  writePid(pidFile, startDetached(process.execPath, [script, root, String(port)], log));
  await until('the git server listens', 15_000, async () => (await readFile(log, 'utf8')).includes('listening'));
  await writeFile(portFile, String(port));
  return port;
}
