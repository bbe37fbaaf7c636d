/** Decides the image that ours are built on where no registry can be reached: Debian's smallest, Node from npm, made locally. */
import { cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeRelease } from '../launch.mjs';
import { buildah } from './buildah.ts';
import { cacheRoot, hashOf, madeOnce } from './cache.ts';
import { answers, run } from './command.ts';
import { ensurePackages } from './packages.ts';
import { type Progress, step } from './progress.ts';

const npmRelease = '11.21.2';

/** What the Dockerfiles' other base, the public node:24-bookworm-slim, gets by apt-get in the Dockerfile. */
const packages = ['ca-certificates', 'git', 'libstdc++6', 'openssh-client'];

/** One of the machine's own sources of Debian packages. */
type Source = { uri: string; suite: string; component: string };

/** Debian's sources out of `apt-get indextargets` lines `origin|uri|suite|component`; other vendors' are left out. */
export function parseSources(lines: string): Source[] {
  return lines.split('\n').flatMap((line) => {
    const [origin, uri, suite, component] = line.split('|');
    return origin === 'Debian' && uri && suite && component === 'main' ? [{ uri, suite, component }] : [];
  });
}

/** The machine's Debian sources, where it is a Debian; else those of the release that the public image has. */
async function debianSources(): Promise<Source[]> {
  const format = '$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)';
  const own = parseSources(
    (await answers('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'])) ?? '',
  );
  if (own.length > 0) return own;
  return [{ uri: 'http://deb.debian.org/debian', suite: 'bookworm', component: 'main' }];
}

/** Raised whenever this file makes something else of the same ingredients. */
const layout = '1';

const recipe = hashOf([layout, nodeRelease, npmRelease, process.arch, ...packages]);
/** Name of the base image in the local image store. */
export const baseImage = `localhost/node:24-${recipe}`;

/** Path of its file system as a tar. */
export const baseImageArchive = () => join(cacheRoot(), `base-${recipe}.tar`);

/** Makes sure that the base image is in buildah's store (110 s from nothing, 20 s from the cached file system). */
export async function ensureBaseImage(progress?: Progress): Promise<string> {
  await ensurePackages(progress);
  const target = baseImageArchive();
  const tar = await madeOnce(target, (archive) =>
    step(progress, { name: 'make the base image (Debian, Node, git)', usual: 80 }, () => makeFileSystem(archive)),
  );
  if (await buildah(['images', '--quiet', baseImage]).catch(() => '')) return baseImage;
  await step(progress, { name: 'commit the base image', usual: 20 }, () => commit(tar));
  return baseImage;
}

/** A tar of the root file system. */
async function makeFileSystem(archive: string): Promise<void> {
  const root = `${archive}.root`;
  const modules = `${archive}.npm`;
  const platform = `node-linux-${process.arch}`;
  await mkdir(modules);
  await Promise.all([
    bootstrap(root),
    run('npm', [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefix',
      modules,
      `${platform}@${nodeRelease}`,
      `npm@${npmRelease}`,
    ]),
  ]);
  const local = join(root, 'usr', 'local');
  await cp(join(modules, 'node_modules', platform, 'bin', 'node'), join(local, 'bin', 'node'));
  await mkdir(join(local, 'lib', 'node_modules'), { recursive: true });
  await cp(join(modules, 'node_modules', 'npm'), join(local, 'lib', 'node_modules', 'npm'), { recursive: true });
  await rm(modules, { recursive: true });
  for (const name of ['npm', 'npx']) {
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name));
  }
  await run('useradd', [
    '--root',
    root,
    '--uid',
    '1000',
    '--user-group',
    '--create-home',
    '--shell',
    '/bin/bash',
    'node',
  ]);
  // The machine's own mirror is nobody else's business.
  await writeFile(join(root, 'etc', 'apt', 'sources.list'), 'deb http://deb.debian.org/debian bookworm main\n');
  await run('tar', ['--create', '--file', `${archive}.new`, '--numeric-owner', '--one-file-system', '-C', root, '.']);
  await rm(root, { recursive: true });
  await rename(`${archive}.new`, archive);
}

async function bootstrap(root: string): Promise<void> {
  const sources = await debianSources();
  const suite = sources.map((source) => source.suite).sort((a, b) => a.length - b.length)[0] ?? 'bookworm';
  const excluded = ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*', '/usr/share/info/*'];
  // In a mount namespace of its own: what it mounts inside the new root is gone even when it is killed.
  await run('unshare', [
    '--mount',
    'mmdebstrap',
    '--quiet',
    '--mode=root',
    '--format=directory',
    '--variant=minbase',
    `--include=${packages.join(',')}`,
    ...excluded.map((path) => `--dpkgopt=path-exclude=${path}`),
    '--dpkgopt=path-include=/usr/share/doc/*/copyright',
    suite,
    root,
    ...sources.map((source) => `deb ${source.uri} ${source.suite} ${source.component}`),
  ]);
}

async function commit(tar: string): Promise<void> {
  const container = (await buildah(['from', 'scratch'])).trim();
  try {
    await buildah(['add', '--quiet', container, tar, '/']);
    await buildah([
      'config',
      '--env',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      '--cmd',
      'node',
      container,
    ]);
    await buildah(['commit', '--quiet', '--format', 'docker', container, baseImage]);
  } finally {
    await buildah(['rm', container]).catch(() => undefined);
  }
}
