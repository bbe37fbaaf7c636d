import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from './command.ts';
import { hasName, prune, withArchive } from './oci-layout.ts';

let layout: string;
beforeEach(async () => {
  layout = await mkdtemp(join(tmpdir(), 'codesage-layout-'));
  await mkdir(join(layout, 'blobs', 'sha256'), { recursive: true });
});
afterEach(() => rm(layout, { recursive: true, force: true }));

async function blob(content: string): Promise<{ mediaType: string; digest: string; size: number }> {
  const hex = createHash('sha256').update(content).digest('hex');
  await writeFile(join(layout, 'blobs', 'sha256', hex), content);
  return { mediaType: 'application/octet-stream', digest: `sha256:${hex}`, size: content.length };
}

/** Two images that share the layer `base`. */
async function writeImages(): Promise<void> {
  const manifests = [];
  for (const name of ['server-1', 'server-2']) {
    const manifest = {
      config: await blob(`config of ${name}`),
      layers: [await blob('base'), await blob(`layer of ${name}`)],
    };
    const annotations = { 'org.opencontainers.image.ref.name': name };
    manifests.push({ ...(await blob(JSON.stringify(manifest))), annotations });
  }
  await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
}

const filesOf = (name: string, known: string[] = []) =>
  withArchive(layout, [{ name, reference: `localhost/${name}` }], new Set(known), async (tar) => {
    const archive = join(layout, 'archive.tar');
    await run(
      'tar',
      tar.map((argument) => (argument === '--file=-' ? `--file=${archive}` : argument)),
    );
    return (await run('tar', ['--list', '--file', archive])).trim().split('\n');
  });

test('an archive holds index, manifest, config and all layers', async () => {
  await writeImages();
  expect(await filesOf('server-1')).toHaveLength(2 + 4);
});

test('a layer that the node knows is left out', async () => {
  await writeImages();
  const { digest } = await blob('base');
  const files = await filesOf('server-1', [digest]);
  expect(files).toHaveLength(2 + 3);
  expect(files).not.toContain(`blobs/sha256/${digest.slice(7)}`);
});

test('an image that is not there is an error', async () => {
  await expect(filesOf('server-9')).rejects.toThrow('server-9');
});

test('pruning keeps the newest and every blob that it needs', async () => {
  await writeImages();
  await prune(layout, ['server-'], 1);
  expect([await hasName(layout, 'server-1'), await hasName(layout, 'server-2')]).toEqual([false, true]);
  expect(await readdir(join(layout, 'blobs', 'sha256'))).toHaveLength(4);
  expect(await filesOf('server-2')).toHaveLength(6);
});
