/** Decides where segments are on disk and how their files come to be: whole or not at all. */
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

const suffix = '.segment';
const filePattern = /^(\d+)\.segment$/;

/** Where the segments of a generation are. */
export function segmentDirectory(generationDirectory: string): string {
  return join(generationDirectory, 'segments');
}

const unsavedPrefix = 'unsaved-';

/** Names a segment that is on no disk. */
export function unsavedName(unique: string): string {
  return `${unsavedPrefix}${unique}`;
}

export function isUnsaved(name: string): boolean {
  return name.startsWith(unsavedPrefix);
}

/** Names of the segments on disk, the newest first. What an interrupted write left is deleted, if the directory is ours. */
export async function listSegments(directory: string, readOnly = false): Promise<string[]> {
  const names = await readdir(directory).catch(() => [] as string[]);
  for (const name of readOnly ? [] : names)
    if (!filePattern.test(name)) await rm(join(directory, name), { recursive: true, force: true });
  return names.filter((name) => filePattern.test(name)).sort((a, b) => numberOf(b) - numberOf(a));
}

function numberOf(name: string): number {
  return Number(filePattern.exec(name)?.[1] ?? 0);
}

/** Writes the parts of a segment and returns its name. Two writers at once would overwrite each other: there is one. */
export async function writeSegment(directory: string, parts: readonly Uint8Array[]): Promise<string> {
  await mkdir(directory, { recursive: true });
  const names = await listSegments(directory);
  const name = `${numberOf(names[0] ?? '') + 1}${suffix}`;
  const unfinished = join(directory, `${name}.part`);
  const file = await open(unfinished, 'w');
  try {
    for (const part of parts) await file.writeFile(part);
    await file.sync();
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await rename(unfinished, join(directory, name));
  return name;
}

export async function deleteSegment(directory: string, name: string): Promise<void> {
  await rm(join(directory, name), { recursive: true, force: true });
}
