/** Decides where segments are on disk and how their files come to be: whole or not at all. */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeSegment, type SegmentData } from './segment-format.ts';

const suffix = '.segment';
const filePattern = /^(\d+)\.segment$/;

/** Where the segments of a generation are. */
export function segmentDirectory(generationDirectory: string): string {
  return join(generationDirectory, 'segments');
}

/** Names of the segments on disk, the newest first. What an interrupted write left is deleted. */
export async function listSegments(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => [] as string[]);
  for (const name of names)
    if (!filePattern.test(name)) await rm(join(directory, name), { recursive: true, force: true });
  return names.filter((name) => filePattern.test(name)).sort((a, b) => numberOf(b) - numberOf(a));
}

function numberOf(name: string): number {
  return Number(filePattern.exec(name)?.[1] ?? 0);
}

/** Writes a segment and returns its name. Two writers at once would overwrite each other: there is one. */
export async function writeSegment(directory: string, data: SegmentData): Promise<string> {
  await mkdir(directory, { recursive: true });
  const names = await listSegments(directory);
  const name = `${numberOf(names[0] ?? '') + 1}${suffix}`;
  const unfinished = join(directory, `${name}.part`);
  await writeFile(unfinished, encodeSegment(data), { flush: true });
  await rename(unfinished, join(directory, name));
  return name;
}

export async function deleteSegment(directory: string, name: string): Promise<void> {
  await rm(join(directory, name), { force: true });
}
