/** Decides when our two images are built anew: when a file that goes into one changed. Its tag says which state it holds. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { baseImage, ensureBaseImage } from './base-image.ts';
import { buildah } from './buildah.ts';
import { cacheRoot, hashOf, lockFile, repository, withLock } from './cache.ts';
import { usesDocker } from './choice.ts';
import { answers, run } from './command.ts';
import { hasName, prune } from './oci-layout.ts';
import { type Progress, step } from './progress.ts';

/** An image built for the cluster: its parts, its whole name, and the name it has in the layout that holds it. */
export type BuiltImage = {
  repository: string;
  tag: string;
  reference: string;
  name: string;
  /** Whether Docker has it instead of the layout. */
  docker: boolean;
};

/** The OCI layout of all images that were built. */
export const imageLayout = () => join(cacheRoot(), 'images');

/** States of an image that are kept for going back and forth between branches. */
const keptStates = 4;

type Recipe = { name: string; dockerfile: string; inputs: string[]; usual: number };

const shared = [
  '.dockerignore',
  '.npmrc',
  'LICENSE',
  'NOTICE',
  'package.json',
  'package-lock.json',
  'operator/package.json',
  'server/package.json',
];

/** What each image is made of; a superset of its Dockerfile's COPY lines. */
export const recipes: Record<'operator' | 'server', Recipe> = {
  operator: {
    name: 'codesage-operator',
    dockerfile: 'Dockerfile.operator',
    inputs: [...shared, 'Dockerfile.operator', 'operator/src', 'server/src'],
    usual: 40,
  },
  server: {
    name: 'codesage-server',
    dockerfile: 'Dockerfile.server',
    inputs: [
      ...shared,
      'Dockerfile.server',
      'hack/prune-server-modules.ts',
      'server/src',
      'server/bin',
      'server/models',
    ],
    usual: 40,
  },
};

const imageNames = Object.values(recipes).map(({ name }) => `${name}-`);

/** Files of the work tree below the inputs that are not ignored and no tests, committed or not. */
async function inputFiles(inputs: string[]): Promise<string[]> {
  const listed = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...inputs], {
    cwd: repository,
  });
  return listed
    .split('\0')
    .filter((file) => file !== '' && !file.endsWith('.test.ts') && !file.includes('/testing/'))
    .sort();
}

/** The tag of an image: the project's version and a hash of all that goes in, the base included. */
export async function imageTag(recipe: Recipe): Promise<string> {
  const parts: (string | Buffer)[] = [baseImage];
  for (const file of await inputFiles(recipe.inputs)) {
    const content = await readFile(join(repository, file)).catch(() => undefined);
    if (content) parts.push(file, content);
  }
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { version: string };
  return `${version}-${hashOf(parts)}`;
}

/** Both images, built where need be. They share the machine's two cores, so one after the other is as quick. */
export async function ensureImages(progress?: Progress): Promise<{ operator: BuiltImage; server: BuiltImage }> {
  if (!(await usesDocker())) await ensureBaseImage(progress);
  return {
    operator: await ensureImage(recipes.operator, progress),
    server: await ensureImage(recipes.server, progress),
  };
}

async function ensureImage(recipe: Recipe, progress?: Progress): Promise<BuiltImage> {
  const docker = await usesDocker();
  const make = docker ? buildWithDocker : build;
  for (let attempt = 1; ; attempt++) {
    const tag = await imageTag(recipe);
    const repository = `localhost/${recipe.name}`;
    const image = { repository, tag, reference: `${repository}:${tag}`, name: `${recipe.name}-${tag}`, docker };
    const made = await withLock(lockFile('images'), async () => {
      if (
        docker
          ? await answers('docker', ['image', 'inspect', image.reference])
          : await hasName(imageLayout(), image.name)
      )
        return true;
      const name = `build the image ${recipe.name}`;
      // Sources may be edited meanwhile; what was built is then neither the old nor the new state.
      const unchanged = async () => attempt === 3 || (await imageTag(recipe)) === tag;
      return step(progress, { name, usual: recipe.usual }, () => make(recipe, image, unchanged));
    });
    if (made) return image;
  }
}

/** A layout's layers are compressed whatever one asks; this way it costs one second instead of twenty. */
const compression = ['--compression-format', 'zstd', '--compression-level', '1'];

/** Builds into buildah's store and, if the sources are still `unchanged`, keeps the image in the layout. */
async function build(recipe: Recipe, image: BuiltImage, unchanged: () => Promise<boolean>): Promise<boolean> {
  // Caches of build steps go beside the store instead of /var/tmp.
  const temporary = join(cacheRoot(), 'buildah', 'tmp');
  await mkdir(temporary, { recursive: true });
  const folder = await mkdtemp(join(temporary, 'secrets-'));
  try {
    const secrets = await buildSecrets(folder);
    const log = join(cacheRoot(), `${recipe.name}.log`);
    const where = ['--isolation', 'chroot', '--network', 'host', '--layers', '--file', recipe.dockerfile];
    const what = ['--build-arg', `NODE_IMAGE=${baseImage}`, '--pull-never', '--tag', image.reference, '.'];
    const env = { ...process.env, TMPDIR: temporary };
    await buildah(['bud', ...where, ...secrets, ...what], { cwd: repository, env, log });
    if (!(await unchanged())) return false;
    const layout = `oci:${imageLayout()}:${image.name}`;
    await buildah(['push', '--quiet', ...compression, image.reference, layout], { env });
    await prune(imageLayout(), imageNames, keptStates);
    await pruneStore(`localhost/${recipe.name}`);
    return true;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes older states from buildah's store; what the newer ones share with them stays, and with it the cache of steps. */
async function pruneStore(name: string): Promise<void> {
  const newestFirst = (await buildah(['images', '--format', '{{.Name}}:{{.Tag}}'])).split('\n');
  const old = newestFirst.filter((reference) => reference.startsWith(`${name}:`)).slice(keptStates);
  if (old.length > 0) await buildah(['rmi', ...old]);
}

/** The same with Docker, on the public base image. Never run, for want of a Docker. */
async function buildWithDocker(recipe: Recipe, image: BuiltImage, unchanged: () => Promise<boolean>): Promise<boolean> {
  const log = join(cacheRoot(), `${recipe.name}.log`);
  await run('docker', ['build', '--file', recipe.dockerfile, '--tag', image.reference, '.'], { cwd: repository, log });
  return unchanged();
}

/**
 * The machine's npm settings that a build needs behind a mirror or a private authority. They are mounted into the one
 * step that installs packages and are in no layer.
 */
async function buildSecrets(folder: string): Promise<string[]> {
  const setting = async (name: string) => {
    const value = (await answers('npm', ['config', 'get', name]))?.trim();
    return value === undefined || value === '' || value === 'null' || value === 'undefined' ? undefined : value;
  };
  const bundle = (await setting('cafile')) ?? process.env.NODE_EXTRA_CA_CERTS ?? '/etc/ssl/certs/ca-certificates.crt';
  const registry = await setting('registry');
  const own = await readFile(join(homedir(), '.npmrc'), 'utf8').catch(() => '');
  const lines = [
    'cafile=/run/ca.crt',
    ...(registry ? [`registry=${registry}`] : []),
    // Credentials of registries, e.g. //host/:_authToken=…
    ...own.split('\n').filter((line) => line.startsWith('//')),
  ];
  await writeFile(join(folder, 'npmrc'), `${lines.join('\n')}\n`, { mode: 0o600 });
  return ['--secret', `id=npmrc,src=${join(folder, 'npmrc')}`, '--secret', `id=ca,src=${bundle}`];
}
