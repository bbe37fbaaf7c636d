/** Decides how much disk the index takes and how full its volume is. */
import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of all files below `directory`; what vanishes while counting does not count. */
export async function directorySize(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    bytes += await stat(join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return bytes;
}

export type VolumeUsage = { capacityBytes: number; usedBytes: number; usedPercent: number };

/** Usage of the file system that holds `directory`, as `df` counts it. */
export async function volumeUsage(directory: string): Promise<VolumeUsage | undefined> {
  const stats = await statfs(directory).catch(() => undefined);
  if (stats === undefined || stats.blocks === 0) return undefined;
  const capacityBytes = stats.blocks * stats.bsize;
  const usedBytes = (stats.blocks - stats.bfree) * stats.bsize;
  const usable = usedBytes + stats.bavail * stats.bsize;
  return { capacityBytes, usedBytes, usedPercent: usable === 0 ? 100 : Math.round((1000 * usedBytes) / usable) / 10 };
}
