/**
 * Decides how images are kept between builder and cluster: in one folder of the OCI image layout, where layers that
 * images share, or that a change left alone, are stored once and sent to a node once.
 * Source: https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const descriptorSchema = z.looseObject({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.number(),
  annotations: z.record(z.string(), z.string()).optional(),
});
type Descriptor = z.infer<typeof descriptorSchema>;

const indexSchema = z.looseObject({ schemaVersion: z.literal(2), manifests: z.array(descriptorSchema) });
const manifestSchema = z.looseObject({ config: descriptorSchema, layers: z.array(descriptorSchema) });

const referenceName = 'org.opencontainers.image.ref.name';
/** By this annotation containerd names what it imports. */
const containerdName = 'io.containerd.image.name';

const blobPath = (digest: string) => join('blobs', ...digest.split(':'));

async function readIndex(layout: string): Promise<Descriptor[]> {
  const file = join(layout, 'index.json');
  if (!existsSync(file)) return [];
  return indexSchema.parse(JSON.parse(await readFile(file, 'utf8'))).manifests;
}

const nameOf = ({ annotations }: Descriptor) => annotations?.[referenceName] ?? '';

/** The manifest kept under this name, or undefined. */
async function find(layout: string, name: string): Promise<Descriptor | undefined> {
  return (await readIndex(layout)).find((manifest) => nameOf(manifest) === name);
}

/** Whether the layout holds an image of this name. */
export async function hasName(layout: string, name: string): Promise<boolean> {
  return (await find(layout, name)) !== undefined;
}

/** Digests of everything that one manifest needs, itself first. */
async function digestsOf(layout: string, manifest: Descriptor): Promise<string[]> {
  const text = await readFile(join(layout, blobPath(manifest.digest)), 'utf8');
  const { config, layers } = manifestSchema.parse(JSON.parse(text));
  return [manifest.digest, config.digest, ...layers.map(({ digest }) => digest)];
}

/** An image of a layout, and the reference by which pods name it. */
export type NamedImage = { name: string; reference: string };

/**
 * Prepares an archive of images for containerd: writes its own index into `folder` and returns the files of the
 * layout that go with it. Blobs in `known` are left out; containerd has them.
 */
async function prepareArchive(
  layout: string,
  images: NamedImage[],
  known: ReadonlySet<string>,
  folder: string,
): Promise<string[]> {
  const manifests: Descriptor[] = [];
  const blobs = new Set<string>();
  for (const { name, reference } of images) {
    const manifest = await find(layout, name);
    if (manifest === undefined) throw new Error(`${layout} holds no image ${name}`);
    manifests.push({ ...manifest, annotations: { [containerdName]: reference } });
    const [own, config, ...layers] = await digestsOf(layout, manifest);
    // The small ones always go along: they are what makes the image known.
    for (const digest of [own, config]) if (digest !== undefined) blobs.add(digest);
    for (const digest of layers) if (!known.has(digest)) blobs.add(digest);
  }
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return [...blobs].map(blobPath);
}

/** Keeps the newest `count` images of each name prefix; removes the others and every blob that only they used. */
export async function prune(layout: string, prefixes: string[], count: number): Promise<void> {
  const all = await readIndex(layout);
  const kept = prefixes.flatMap((prefix) =>
    all.filter((manifest) => nameOf(manifest).startsWith(prefix)).slice(-count),
  );
  if (kept.length === all.length) return;
  const used = new Set((await Promise.all(kept.map((manifest) => digestsOf(layout, manifest)))).flat());
  await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: kept }));
  const blobs = join(layout, 'blobs', 'sha256');
  for (const file of await readdir(blobs)) {
    if (!used.has(`sha256:${file}`)) await rm(join(blobs, file));
  }
}

/**
 * Runs `use` with the arguments by which tar writes an archive of the images to its standard output, without the
 * layers in `known`.
 */
export async function withArchive<T>(
  layout: string,
  images: NamedImage[],
  known: ReadonlySet<string>,
  use: (tarArguments: string[]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'codesage-images-'));
  try {
    const blobs = await prepareArchive(layout, images, known, folder);
    return await use(['--create', '--file=-', '-C', folder, 'index.json', 'oci-layout', '-C', layout, ...blobs]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
