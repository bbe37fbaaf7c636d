/** Decides when our two images are built anew: when a file that goes into one changed. Its tag says which state it holds. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { baseImage, ensureBaseImage } from './base-image.ts';
import { buildah } from './buildah.ts';
import { cacheRoot, hashOf, lockFile, repository, withLock } from './cache.ts';
import { answers, run } from './command.ts';
import { hasName, prune } from './oci-layout.ts';
import { type Progress, step } from './progress.ts';

/** An image built for the cluster: its parts, its whole name, and the name it has in the layout that holds it. */
export type BuiltImage = { repository: string; tag: string; reference: string; name: string };

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
    inputs: [...shared, 'Dockerfile.server', 'server/src', 'server/bin', 'server/models'],
    usual: 40,
  },
};

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
  await ensureBaseImage(progress);
  return {
    operator: await ensureImage(recipes.operator, progress),
    server: await ensureImage(recipes.server, progress),
  };
}

async function ensureImage(recipe: Recipe, progress?: Progress): Promise<BuiltImage> {
  const tag = await imageTag(recipe);
  const repository = `localhost/${recipe.name}`;
  const image = { repository, tag, reference: `${repository}:${tag}`, name: `${recipe.name}-${tag}` };
  await withLock(lockFile('images'), async () => {
    if (await hasName(imageLayout(), image.name)) return;
    await step(progress, { name: `build the image ${recipe.name}`, usual: recipe.usual }, () => build(recipe, image));
    await prune(
      imageLayout(),
      Object.values(recipes).map(({ name }) => `${name}-`),
      keptStates,
    );
  });
  return image;
}

/** A layout's layers are compressed whatever one asks; this way it costs one second instead of twenty. */
const compression = ['--compression-format', 'zstd', '--compression-level', '1'];

async function build(recipe: Recipe, image: BuiltImage): Promise<void> {
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
    const layout = `oci:${imageLayout()}:${image.name}`;
    await buildah(['push', '--quiet', ...compression, image.reference, layout], { env });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
