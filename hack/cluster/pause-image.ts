/** Decides the one image a node cannot do without: an empty file system with the pause program, which add-ons share too. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot, hashOf, hashOfFiles, madeOnce } from './cache.ts';
import { run } from './command.ts';

export const pauseImage = 'localhost/pause:1';

/** Path of the image as a docker-archive. */
export async function ensurePauseImage(bin: string): Promise<string> {
  const target = join(cacheRoot(), `pause-${await hashOfFiles(bin, ['pause'])}.tar`);
  return madeOnce(target, async (archive) => {
    const folder = `${archive}.d`;
    await mkdir(folder);
    const tar = (output: string, from: string, names: string[]) =>
      run('tar', ['--create', '--file', output, '--owner=0', '--group=0', '--mtime=@0', '-C', from, ...names]);
    await tar(join(folder, 'layer.tar'), bin, ['pause']);
    const digest = (await run('sha256sum', [join(folder, 'layer.tar')])).split(' ')[0];
    const config = JSON.stringify({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Entrypoint: ['/pause'], User: '65535:65535' },
      rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    });
    const configName = `${hashOf([config])}.json`;
    await writeFile(join(folder, configName), config);
    const manifest = [{ Config: configName, RepoTags: [pauseImage], Layers: ['layer.tar'] }];
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
    await tar(`${archive}.new`, folder, [configName, 'layer.tar', 'manifest.json']);
    await rm(folder, { recursive: true });
    await rename(`${archive}.new`, archive);
  });
}
